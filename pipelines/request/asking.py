"""Finds in single sentences which rights are asked for, denied, or named in words nobody planned.

Every word that can mean an erasure has to be explained: it asks for one, denies it, or speaks of
an order or the like. One that is left over makes the mail a person's to read: whoever is erased
without having asked for it, or before they got the copy that they asked for, cannot be told sorry.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pipelines.model.mail import Doubt
from pipelines.model.request import RequestKind
from pipelines.request.words import Wordbook
from pipelines.request.words.matching import Sentence, fits, has, places, sentences

_K = RequestKind
SUBJECT: Final = 10_000
"""Number of the first sentence of a subject: far from every one of the text."""
_ARTICLES: Final = {str(kind.article): kind for kind in RequestKind}
ARTICLE_WORDS: Final = (
    "art article articles artikel artikels artikeln artikler artikkel artículo artículos artigo"
    " artigos articolo articoli artykuł artykułu artykuły artikla artiklan artiklat"
)
_NUMBER_LISTS: Final = frozenset({"and", "og", "und", "et", "y", "e", "en", "och", "ja", "i"})
# Words that make a named article a use of it.
_USES: Final = (
    "exercise exercising invoke invoking request under pursuant accordance right rights ask nach"
    " gemäß gem geltend verlange beantrage bitte recht rechte efter jf henhold ifølge medfør"
    " anmoder ber ret rett rettighet rettigheter krever enligt begär rätt rättigheter utöva vertu"
    " conformément selon droit droits application demande virtud conforme derecho derechos solicito"
    " ejercer ejerzo arreglo ai_sensi sensi secondo diritto diritti chiedo termos abrigo direito"
    " direitos solicito exercer recht rechten grond krachtens verzoek beroep podstawie zgodnie"
    " prawo prawa nojalla mukaisesti oikeus perusteella please bitte merci gracias por_favor grazie"
    " obrigado venligst vennligst tack dank kiitos proszę"
)
# Things that can be deleted without anybody being forgotten.
THINGS: Final = (
    "card cards karte kreditkarte bankkarte kort kortet betalingskort bankkort kaart creditcard carte"
    " tarjeta cartão kortti kortin kartę cache app appen cookies conversation chat ticket password login basket cart parcel korb warenkorb passwort paket"
    " gespräch unterhaltung kurv kurven adgangskode pakke pakken samtale samtalen passord varukorg"
    " lösenord paket paketet samtalet winkelmand wachtwoord pakket gesprek panier colis mot_de_passe"
    " conversation cesta carrito contraseña paquete conversación carrello pacco carrinho palavra_passe"
    " salasana paketti hasło paczka order orders invoice invoices photo photos picture review comment booking reservation ticket"
    " subscription bestellung bestellungen rechnung foto bewertung buchung abo kommentar bestilling"
    " bestillingen ordre ordren ordrer faktura fakturaen anmeldelse billede bilde beställning"
    " beställningen order ordern fakturan bild recension bestelling factuur recensie boeking"
    " abonnement commande facture photo avis réservation pedido factura foto reseña reserva ordine"
    " fattura recensione prenotazione encomenda fatura reserva tilaus tilauksen tilausta lasku laskun"
    " kuva zamówienie zamówienia fakturę faktury zdjęcie rezerwację"
)
# Who cannot do it themselves has not said that they do not want it.
ERRORS: Final = (
    "wrong incorrect error mistake falsch* fehler forkert* fejl feil fel fout* verkeerd* erreur erroné*"
    " error erróneo equivocad* errore errato sbagliat* erro errado virhe* väärä* błąd błędn*"
)
UNABLE: Final = (
    "cannot can_t unable could_not couldn_t kann_nicht klappt_nicht geht_nicht kan_ikke får_ikke_til"
    " kan_inte går_inte lukt_niet kan_niet peux_pas arrive_pas n_arrive no_puedo no_me_deja non_riesco"
    " não_consigo en_pysty en_voi nie_mogę nie_da_się"
)
_WITHOUT: Final = "without ohne uden uten utan sans sin zonder senza sem ilman bez"
WHOLE: Final = (
    "all every everything whole entire alle alles alt allt sämtliche* gesamte* komplett* hele samtlige"
    " hela samtliga toutes tous tout todo todos todas toda tutti tutto tutte todos tudo kaikki wszystkie"
    " wszystko heel data daten oplysninger opplysninger uppgifter gegevens données datos dati dados"
    " tiedot tietoni dane"
)
_NEGATED_WITHIN: Final = 5
_MANY_RIGHTS: Final = 3
_FEW_WORDS: Final = 8
_LIST_WITHIN: Final = 3
"""Sentences after "I ask for" in which its points stand."""
_SAME_WORDS: Final = 1
"""Words this near to one that was understood are part of the same phrase."""
_PRONOUN_WITHIN: Final = 2
_LOOKS_BACK: Final = 2
"""Sentences in which what "delete it" refers to may stand."""


@dataclass
class RightsAsked:
    """What was found so far: where each right was asked for, and what makes it doubtful.

    Attributes:
        asked: sentence and word of each place where a right is asked for; -1 for an article.
        refused: rights that the writer says they do not want.
        asking_in: sentences in which something is asked for.
        is_erasure_unsure: whether an erasure is spoken of, but perhaps not asked for.
        is_unexplained: whether a word for erasure is left over.
        is_copy_wanted: whether a copy of something is spoken of, or something that comes first.
        is_something_kept: whether the writer wants to keep something of theirs.
        has_error: whether something is said to be wrong: then "strike it" may mean that alone.
        has_new_mind: whether the writer wanted something else before.
        is_letter: whether nothing but newsletters was objected to.
        is_list: whether rights are named that may be asked for, or only be listed.
    """

    asked: dict[RequestKind, set[tuple[int, int]]] = field(default_factory=dict)
    refused: set[RequestKind] = field(default_factory=set)
    doubts: set[Doubt] = field(default_factory=set)
    withdrawn_in: set[int] = field(default_factory=set)
    asking_in: set[int] = field(default_factory=set)
    is_on_behalf: bool = False
    has_new_mind: bool = False
    has_error: bool = False
    is_list: bool = False
    is_letter: bool = True
    is_erasure_unsure: bool = False
    is_unexplained: bool = False
    is_copy_wanted: bool = False
    is_something_kept: bool = False

    @property
    def is_withdrawal(self) -> bool:
        """Whether a request is taken back."""
        return bool(self.withdrawn_in)

    @property
    def kinds(self) -> frozenset[RequestKind]:
        """The rights asked for."""
        return frozenset(self.asked)

    def is_asked_near(self, number: int) -> bool:
        """Whether data were asked for in a sentence or in one of those before it."""
        return any(
            0 <= number - spot[0] <= _LOOKS_BACK
            for kind in (_K.ACCESS, _K.PORTABILITY)
            for spot in self.asked.get(kind, ())
        )


@dataclass
class _Explained:
    """Of one sentence: words that can mean an erasure, and words that were understood."""

    erasing: set[int] = field(default_factory=set)
    understood: set[int] = field(default_factory=set)

    @property
    def left_over(self) -> set[int]:
        near = range(-_SAME_WORDS, _SAME_WORDS + 1)
        return self.erasing - {place + by for place in self.understood for by in near}


def search(
    text: str,
    offset: int,
    books: Iterable[Wordbook],
    finding: RightsAsked,
    language: str | None = None,
) -> None:
    """Add to a finding what the sentences of a text say.

    Args:
        offset: number of the first sentence.
        books: of the languages that the text can be in.
        language: the likeliest of them, if there is one.
    """
    books = tuple(books)
    for number, sentence in enumerate(sentences(text, language), offset):
        explained = _Explained()
        finding.has_error |= has(ERRORS, sentence)
        for book in books:
            _judge(sentence, number, book, finding, explained)
        for kind in _articles(sentence):
            if any(
                has(f"{book.hows} {book.hypothetical}", sentence) and not has(book.asks, sentence)
                for book in books
            ):
                finding.doubts.add(Doubt.HYPOTHETICAL)
            elif has(_USES, sentence) or len(sentence.words) < _FEW_WORDS:
                finding.asked.setdefault(kind, set()).add((number, -1))
        _explain(sentence, number, books, finding, explained)
    _settle(finding)


def _judge(
    sentence: Sentence, number: int, book: Wordbook, finding: RightsAsked, explained: _Explained
) -> None:
    """Note what a sentence says in one language."""
    explained.erasing |= {
        place
        for pattern in book.rights[_K.ERASURE]
        for place in places(pattern.split(" + ")[0], sentence)
    }
    if has(book.asks, sentence):
        finding.asking_in.add(number)
    if any(fits(pattern, sentence) for pattern in book.withdrawal):
        finding.withdrawn_in.add(number)
        explained.understood |= explained.erasing
    if has(book.others, sentence):
        finding.is_on_behalf = True
    finding.has_new_mind |= has(book.minds, sentence)
    if has(book.uncertain, sentence):
        finding.doubts.add(Doubt.UNCERTAIN)
    _note_copies(sentence, book, finding)
    found = _asked_in(sentence, book)
    is_kept = has(book.keeping, sentence) and has(book.selves, sentence)
    finding.is_something_kept |= is_kept and not has(f"{book.negations} {book.nothing}", sentence)
    if not found:
        return
    explained.understood.update(*found.values())
    if has(book.catalog, sentence):
        return  # what the writer wants to be told of
    if sum(has(group, sentence) for group in book.nouns) >= _MANY_RIGHTS:
        # Whoever uses so many in one breath is read by a person: it may be a list of what there is.
        finding.is_list = True
        return
    if has(book.either, sentence):
        finding.doubts.add(Doubt.SEVERAL_PEOPLE)
    finding.is_on_behalf |= has(book.titles, sentence)
    if has(book.hypothetical, sentence):
        finding.doubts.add(Doubt.HYPOTHETICAL)
        return
    if has(book.perhaps, sentence) or _is_choice(sentence, found, book):
        finding.doubts.add(Doubt.UNCERTAIN)
    if RequestKind.ERASURE in found and has(book.keeping, sentence):
        finding.doubts.add(Doubt.CONTRADICTORY)
    idle = {place for pattern in book.idle for place in fits(pattern, sentence)}
    for kind, spots in found.items():
        certain = {place for place in spots if not _is_unsure(sentence, place, kind, book)}
        wanted = {
            place
            for place in certain
            if (kind is _K.RESTRICTION and place in idle)
            or not _is_negated(sentence, place, kind, book)
        }
        if wanted and kind is _K.ERASURE and not _is_asking(sentence, number, book, finding):
            # "You delete accounts after a year": nobody has asked for it.
            wanted = {place for place in wanted if sentence.opens_clause(place)}
            certain = wanted
        if wanted:
            is_letter = kind is _K.OBJECTION and has(book.letters, sentence)
            finding.is_letter &= is_letter
            finding.asked.setdefault(kind, set()).update((number, place) for place in wanted)
            is_put_off = any(
                spot < place and sentence.begins_clause(spot)
                for spot in places(book.afters, sentence)
                for place in wanted
            )
            finding.is_copy_wanted |= kind is RequestKind.ERASURE and is_put_off
        elif not certain:
            finding.is_erasure_unsure |= kind is RequestKind.ERASURE
            finding.is_copy_wanted |= kind in (_K.ACCESS, _K.PORTABILITY)
        elif not has(UNABLE, sentence):
            finding.refused.add(kind)


def _asked_in(sentence: Sentence, book: Wordbook) -> dict[RequestKind, set[int]]:
    """Return where a sentence names rights in ways in which people ask for them."""
    found: dict[RequestKind, set[int]] = {}
    for kind, patterns in book.rights.items():
        spots = {place for pattern in patterns for place in fits(pattern, sentence)}
        if kind is RequestKind.ERASURE:
            spots = {place for place in spots if not _is_of_a_thing(sentence, place, book)}
        if kind is RequestKind.RESTRICTION:
            spots |= {place for pattern in book.idle for place in fits(pattern, sentence)}
        if spots:
            found[kind] = spots
    if erased := found.get(_K.ERASURE):
        # "To get it erased" asks for nothing else.
        got = {place for place in found.get(_K.ACCESS, ()) if not {place + 1, place - 1} & erased}
        if not got:
            found.pop(_K.ACCESS, None)
        else:
            found[_K.ACCESS] = got
    holdings = {place for pattern in book.holdings for place in fits(pattern, sentence)}
    if not has(book.knowing, sentence):
        holdings = {place for place in holdings if not found and sentence.opens_clause(place)}
    if holdings:
        found.setdefault(RequestKind.ACCESS, set()).update(holdings)
    return found


def _is_negated(sentence: Sentence, place: int, kind: RequestKind, book: Wordbook) -> bool:
    # To object is to say no: "I do not want …" asks for it.
    if kind is RequestKind.OBJECTION:
        return False
    near = places(book.negations, sentence)
    if kind is RequestKind.RECTIFICATION:
        # "It should read 4, not 5": what is wrong is denied, not the correction.
        near = tuple(other for other in near if other < place)
    if any(
        sentence.clauses[other] == sentence.clauses[place]
        and abs(other - place) <= _NEGATED_WITHIN
        # "Erase it without delay" denies nothing.
        and not (other > place and has(_WITHOUT, sentence.words[other : other + 1]))
        for other in near
    ):
        return True
    # "Deleted shall be on no account anything": such a word denies its whole clause.
    return has(book.nothing, sentence.clause_of(place))


def _is_unsure(sentence: Sentence, place: int, kind: RequestKind, book: Wordbook) -> bool:
    """Whether a place says what would be, or what was, or what of one value only."""
    is_over = f"{book.received} {book.past}"
    if kind in (_K.ACCESS, _K.PORTABILITY) and has(is_over, sentence.clause_of(place)):
        return True
    before = places(book.conditions, sentence)
    if kind is not RequestKind.ERASURE:
        # "Before I leave, send me a copy": that says when, and not whether.
        before = tuple(set(before) - set(places(book.befores, sentence)))
    if _is_one_before(before, sentence, place):
        return True  # "tell me if that means that my account is deleted"
    if kind is not RequestKind.ERASURE:
        return False
    if any(spot < place for spot in before):
        return True  # "if I close my account, will you delete it": a question, or a threat
    if has(book.past, sentence.clause_of(place)) or _is_before(book.hows, sentence, place):
        return True
    if has(book.reports, sentence) or _is_threatened(sentence, place, book):
        return True
    clause = sentence.words[place : place + _NEGATED_WITHIN + 1]
    return has(book.fields, clause) and not has(WHOLE, clause)


def _is_before(group: str, sentence: Sentence, place: int) -> bool:
    """Whether a word of a group stands in the same clause, before a place."""
    return _is_one_before(places(group, sentence), sentence, place)


def _is_one_before(spots: Iterable[int], sentence: Sentence, place: int) -> bool:
    wanted = sentence.clauses[place]
    return any(spot < place and sentence.clauses[spot] == wanted for spot in spots)


def _is_asking(sentence: Sentence, number: int, book: Wordbook, finding: RightsAsked) -> bool:
    """Whether somebody asks for something in a sentence, or did shortly before one of its points."""
    if has(book.asks, sentence):
        return True
    is_short = len(sentence.words) < _FEW_WORDS
    return is_short and (
        number >= SUBJECT or any(0 < number - at <= _LIST_WITHIN for at in finding.asking_in)
    )


def _is_threatened(sentence: Sentence, place: int, book: Wordbook) -> bool:
    """Whether an earlier clause has a condition that is denied: "if you do not refund me, …"."""
    return any(
        sentence.clauses[before] < sentence.clauses[place]
        and has(f"{book.negations} {book.nothing}", sentence.clause_of(before))
        for before in places(book.conditions, sentence)
    )


def _is_choice(sentence: Sentence, found: dict[RequestKind, set[int]], book: Wordbook) -> bool:
    """Whether a sentence offers one right or another: nobody but the writer can choose."""
    idle = {place for pattern in book.idle for place in fits(pattern, sentence)}
    spots = [
        # "CSV or JSON", "for this or that until it is corrected": there is nothing to choose.
        (place, _K.ACCESS if kind is _K.PORTABILITY else kind)
        for kind, all_of in found.items()
        for place in all_of
        if not (kind is _K.RESTRICTION and place in idle)
    ]
    kinds = {kind for _, kind in spots}
    first = {each: min(at for at, kind in spots if kind is each) for each in kinds}
    last = {each: max(at for at, kind in spots if kind is each) for each in kinds}
    return any(
        first[one] < place < last[other]
        for place in places(book.ors, sentence)
        for one in kinds
        for other in kinds
        if one is not other
    )


def _note_copies(sentence: Sentence, book: Wordbook, finding: RightsAsked) -> None:
    for place in places(book.copies, sentence):
        clause = sentence.clause_of(place)
        if not has(f"{book.negations} {book.nothing} {THINGS}", clause):
            finding.is_copy_wanted = True


def _explain(
    sentence: Sentence,
    number: int,
    books: tuple[Wordbook, ...],
    finding: RightsAsked,
    explained: _Explained,
) -> None:
    """Look what words for erasure no pattern has accounted for."""
    for place in explained.left_over:
        clause = sentence.clause_of(place)
        near = sentence.words[max(0, place - _PRONOUN_WITHIN) : place + _PRONOUN_WITHIN + 1]
        if has(THINGS, clause) or has(UNABLE, sentence):
            continue
        if any(has(book.past, sentence) for book in books):
            continue  # it is over
        if any(number == at for at, _ in finding.asked.get(RequestKind.RECTIFICATION, ())) and any(
            has(book.fields, clause) for book in books
        ):
            continue  # the old value goes as the new one comes
        if any(_is_negated(sentence, place, RequestKind.ERASURE, book) for book in books):
            continue
        is_referring = any(has(book.pronouns, near) for book in books)
        if is_referring and finding.is_asked_near(number) and not finding.has_error:
            finding.asked.setdefault(RequestKind.ERASURE, set()).add((number, place))
        else:
            finding.is_unexplained = True


def _is_of_a_thing(sentence: Sentence, place: int, book: Wordbook) -> bool:
    """Whether what is to be deleted is an order or the like, and not somebody's data."""
    clause = sentence.clause_of(place)
    if not has(THINGS, clause):
        return False
    return not any(
        fits(pattern, Sentence(clause, (0,) * len(clause)))
        for pattern in book.rights[RequestKind.ERASURE]
    )


def _settle(finding: RightsAsked) -> None:
    """Decide where one word was taken for two rights."""
    access, portability = (finding.asked.get(kind) for kind in (_K.ACCESS, _K.PORTABILITY))
    if access and portability:
        # To have the data moved, one asks for it: that is one right, unless it is asked apart.
        sentences_of = {number for number, _ in portability}
        apart = {spot for spot in access if spot[0] not in sentences_of or spot[1] == -1}
        if not apart:
            del finding.asked[_K.ACCESS]
    erasure, objection = (finding.asked.get(kind) for kind in (_K.ERASURE, _K.OBJECTION))
    if erasure and objection and all(spot[1] != -1 and spot in objection for spot in erasure):
        # "Remove my address from your newsletter" asks for no more than that.
        del finding.asked[_K.ERASURE]
    restriction, objection = (finding.asked.get(kind) for kind in (_K.RESTRICTION, _K.OBJECTION))
    if restriction and objection and objection <= restriction:
        # "Do not use it for analyses until that is settled" is one right: it ends with the dispute.
        del finding.asked[_K.OBJECTION]
    if finding.refused & finding.asked.keys():
        finding.doubts.add(Doubt.CONTRADICTORY)
    if _K.ERASURE in finding.asked and (finding.is_something_kept or restriction):
        # What is to lie unused is not to be gone, nor is an account that somebody goes on with.
        finding.doubts.add(Doubt.CONTRADICTORY)


def _articles(sentence: Sentence) -> Iterator[RequestKind]:
    """Yield the rights of the articles that a sentence names by number."""
    words = sentence.words
    for position, word in enumerate(words):
        if not has(ARTICLE_WORDS, (word,)):
            continue
        for following in words[position + 1 :]:
            if following in _ARTICLES:
                yield _ARTICLES[following]
            elif not following.isdigit() and following not in _NUMBER_LISTS:
                break

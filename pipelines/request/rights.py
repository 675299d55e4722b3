"""Says which rights a mail asks for, and where it is not plain: words in, words out.

It is a set of patterns and no judgement. It can only open a request or send a mail to a person;
what a mail says is never an instruction to anything else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pipelines.model.mail import Asked, Doubt, Mail
from pipelines.model.request import RequestKind
from pipelines.request.words import WORDBOOKS, Wordbook
from pipelines.request.words.matching import Sentence, fits, fold, has, sentences

_K = RequestKind
_ORDER: Final = tuple(RequestKind)
_ARTICLES: Final = {
    "15": _K.ACCESS,
    "16": _K.RECTIFICATION,
    "17": _K.ERASURE,
    "18": _K.RESTRICTION,
    "20": _K.PORTABILITY,
    "21": _K.OBJECTION,
}
_ARTICLE_WORDS: Final = (
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
_THINGS: Final = (
    "order orders invoice invoices photo photos picture review comment booking reservation ticket"
    " subscription bestellung bestellungen rechnung foto bewertung buchung abo kommentar bestilling"
    " bestillingen ordre ordren ordrer faktura fakturaen anmeldelse billede bilde beställning"
    " beställningen order ordern fakturan bild recension bestelling factuur recensie boeking"
    " abonnement commande facture photo avis réservation pedido factura foto reseña reserva ordine"
    " fattura recensione prenotazione encomenda fatura reserva tilaus tilauksen tilausta lasku laskun"
    " kuva zamówienie zamówienia fakturę faktury zdjęcie rezerwację"
)
# Who cannot do it themselves has not said that they do not want it.
_UNABLE: Final = (
    "cannot can_t unable could_not couldn_t kann_nicht klappt_nicht geht_nicht kan_ikke får_ikke_til"
    " kan_inte går_inte lukt_niet kan_niet peux_pas arrive_pas n_arrive no_puedo no_me_deja non_riesco"
    " não_consigo en_pysty en_voi nie_mogę nie_da_się"
)
_MINE: Final = (
    "my_data my_information my_details my_personal meine_daten meiner_daten meinen_daten"
    " mine_oplysninger mine_data mine_opplysninger mina_uppgifter mina_data mijn_gegevens mijn_data"
    " mes_données mes_informations mis_datos miei_dati mie_informazioni meus_dados tietoni tietojani"
    " moje_dane moich_danych moimi_danymi"
)
_RIGHTS: Final = (
    "rights rettigheter rettigheder rechte droits derechos rechten rättigheter diritti direitos"
    " oikeudet oikeuksia prawa"
)
_NEGATED_WITHIN: Final = 5
_PRIVACY: Final = (
    "gdpr dsgvo rgpd avg privacy datenschutz databeskyttelse personvern dataskydd protection_des"
    " protección_de protezione_dei proteção_de tietosuoja rodo personal_data personenbezogen*"
    " persondata personopplysning* personuppgift* persoonsgegevens données_personnelles"
    " datos_personales dati_personali dados_pessoais henkilötie* danych_osobowych"
)
_CLOSINGS: Final = re.compile(
    r"(best|kind|warm)?\s*regards|yours (sincerely|faithfully|truly)|sincerely|cheers|thanks|"
    r"(mit )?(freundlichen|besten|herzlichen|lieben|vielen) gr(ü|ue)(ß|ss)en?|viele gr(ü|ue)(ß|ss)e|"
    r"mfg|lg|hochachtungsvoll|(med )?(venlig|vennlig|bedste|beste|kærlig|kjærlig)\s*hilsen|mvh|vh|"
    r"hilsen|hälsningar|(med )?vänlig(a)? hälsning(ar)?|vänligen|(met )?vriendelijke groet(en)?|"
    r"groet(jes|en)?|mvg|hoogachtend|(bien )?cordialement|salutations.*|bien à vous|"
    r"(un )?(cordial )?saludos?( cordial(es)?)?|atentamente|(cordiali|distinti) saluti|saluti|"
    r"(com os melhores )?cumprimentos|atenciosamente|(ystävällisin )?terveisin|t\.|"
    r"(z poważaniem|pozdrawiam|z wyrazami szacunku)",
    re.IGNORECASE,
)
_SIGNATURE: Final = re.compile(r"^\s*(--|__|—)\s*$")
_REPLIES: Final = re.compile(r"\s*(re|aw|sv|vs|antw|rif|odp|ynt|fwd?|wg|tr|rv|vb|i|pd)\s?:", re.I)


@dataclass
class _Finding:
    """What was found so far: where each right was asked for, and what makes it doubtful."""

    asked: dict[RequestKind, set[tuple[int, int]]] = field(default_factory=dict)
    refused: set[RequestKind] = field(default_factory=set)
    doubts: set[Doubt] = field(default_factory=set)
    withdrawn_in: set[int] = field(default_factory=set)
    is_on_behalf: bool = False

    @property
    def is_withdrawal(self) -> bool:
        """Whether a request is taken back."""
        return bool(self.withdrawn_in)

    @property
    def kinds(self) -> frozenset[RequestKind]:
        """The rights asked for."""
        return frozenset(self.asked)


def what_is_asked(mail: Mail, *, default_language: str = "en") -> Asked:
    """Return what a mail asks for, in the words of its writer or of whom they hand on.

    Quoted text says nothing; of a mail that was handed on its own words count, and those of who
    hands it on only where it has none.

    Args:
        default_language: of the answer, where the text does not show its own.
    """
    own = _find(mail.subject, mail.text)
    subject, text = mail.subject, mail.text
    finding = own
    if mail.forwarded:
        subject = " ".join(each.subject for each in mail.forwarded)
        text = "\n\n".join(each.text for each in mail.forwarded)
        finding = _find(subject, text)
        if not finding.asked:
            finding, subject, text = own, mail.subject, mail.text
        elif own.asked and own.kinds != finding.kinds:
            finding.doubts.add(Doubt.CONTRADICTORY)
    language = _language(f"{subject}\n{text}", mail.language_hint or default_language)
    kinds = tuple(kind for kind in _ORDER if kind in finding.asked)
    if finding.is_withdrawal:
        # What stands in the same sentence is what is taken back; the rest may be asked for anew.
        if any(
            number not in finding.withdrawn_in
            for spots in finding.asked.values()
            for number, _ in spots
        ):
            finding.doubts.add(Doubt.WITHDRAWAL)
        kinds = ()
    elif not kinds and not finding.doubts and _is_about_privacy(subject, text):
        finding.doubts.add(Doubt.NO_RIGHT)
    return Asked(
        language=language,
        kinds=kinds,
        is_withdrawal=finding.is_withdrawal,
        is_on_behalf=finding.is_on_behalf,
        doubts=tuple(sorted(finding.doubts)),
    )


def own_words(text: str) -> tuple[str, str]:
    """Return what a writer says, and what stands below it: the signature.

    Paragraphs that every mail of a company ends with are left out.
    """
    lines = text.split("\n")
    end = len(lines)
    for position, line in enumerate(lines):
        bare = line.strip().rstrip(",.!")
        if _SIGNATURE.match(line) or (position > 0 and _CLOSINGS.fullmatch(bare)):
            end = position
            break
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines[:end]))
    kept = [each for each in paragraphs if not _is_boilerplate(each)]
    return "\n\n".join(kept), "\n".join(lines[end:])


def _find(subject: str, text: str) -> _Finding:
    body, _ = own_words(text)
    finding = _Finding()
    _search(body, 0, finding)
    if _REPLIES.match(subject):
        return finding
    over = _Finding()
    _search(subject, 10_000, over)
    if not finding.asked and not finding.is_withdrawal:
        finding.asked.update(
            {kind: set(spots) for kind, spots in over.asked.items() if kind not in finding.refused}
        )
    elif over.kinds - finding.kinds and not finding.is_withdrawal:
        finding.doubts.add(Doubt.CONTRADICTORY)
    finding.withdrawn_in |= over.withdrawn_in
    finding.is_on_behalf |= over.is_on_behalf
    return finding


def _search(text: str, offset: int, finding: _Finding) -> None:
    for number, sentence in enumerate(sentences(text), offset):
        for book in WORDBOOKS:
            _judge(sentence, number, book, finding)
        for kind in _articles(sentence):
            if has(_USES, sentence) or len(sentence.words) < 8:
                finding.asked.setdefault(kind, set()).add((number, -1))
    _settle(finding)


def _judge(sentence: Sentence, number: int, book: Wordbook, finding: _Finding) -> None:
    """Note what a sentence says in one language."""
    if any(fits(pattern, sentence) for pattern in book.withdrawal):
        finding.withdrawn_in.add(number)
    if has(book.others, sentence):
        finding.is_on_behalf = True
    found: dict[RequestKind, set[int]] = {}
    for kind, patterns in book.rights.items():
        spots = {place for pattern in patterns for place in fits(pattern, sentence)}
        if kind is RequestKind.ERASURE:
            spots = {place for place in spots if not _is_of_a_thing(sentence, place, book)}
        if spots:
            found[kind] = spots
    holdings = {place for pattern in book.holdings for place in fits(pattern, sentence)}
    if not has(book.knowing, sentence):
        holdings = {place for place in holdings if not found and sentence.opens_clause(place)}
    if holdings:
        found.setdefault(RequestKind.ACCESS, set()).update(holdings)
    if has(book.uncertain, sentence):
        finding.doubts.add(Doubt.UNCERTAIN)
    if not found:
        return
    if has(book.hypothetical, sentence):
        finding.doubts.add(Doubt.HYPOTHETICAL)
        return
    if RequestKind.ERASURE in found and has(book.keeping, sentence):
        finding.doubts.add(Doubt.CONTRADICTORY)
    for kind, spots in found.items():
        wanted = {place for place in spots if not _is_negated(sentence, place, kind, book)}
        if wanted:
            finding.asked.setdefault(kind, set()).update((number, place) for place in wanted)
        elif not has(_UNABLE, sentence):
            finding.refused.add(kind)


def _is_negated(sentence: Sentence, place: int, kind: RequestKind, book: Wordbook) -> bool:
    # To object is to say no: "I do not want …" asks for it.
    if kind is RequestKind.OBJECTION:
        return False
    return has(book.negations, sentence.clause_of(place, within=_NEGATED_WITHIN))


def _is_of_a_thing(sentence: Sentence, place: int, book: Wordbook) -> bool:
    """Whether what is to be deleted is an order or the like, and not somebody's data."""
    clause = sentence.clause_of(place)
    if not has(_THINGS, clause):
        return False
    return not any(
        fits(pattern, Sentence(clause, (0,) * len(clause)))
        for pattern in book.rights[RequestKind.ERASURE]
    )


def _settle(finding: _Finding) -> None:
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
    if finding.refused & finding.asked.keys():
        finding.doubts.add(Doubt.CONTRADICTORY)


def _articles(sentence: Sentence) -> Iterator[RequestKind]:
    """Yield the rights of the articles that a sentence names by number."""
    words = sentence.words
    for position, word in enumerate(words):
        if not has(_ARTICLE_WORDS, (word,)):
            continue
        for following in words[position + 1 :]:
            if following in _ARTICLES:
                yield _ARTICLES[following]
            elif not following.isdigit() and following not in _NUMBER_LISTS:
                break


def _is_boilerplate(paragraph: str) -> bool:
    words = [word for sentence in sentences(paragraph) for word in sentence.words]
    return len(words) > 6 and any(has(book.boilerplate, words) for book in WORDBOOKS)


def _is_about_privacy(subject: str, text: str) -> bool:
    """Whether a mail is about the writer's data or rights, although none is recognized in it."""
    over = list(sentences(subject))
    found = [*over, *sentences(own_words(text)[0])]
    if any(has(_MINE, each) for each in over):
        return True
    is_theirs = any(has(f"{_MINE} {_RIGHTS}", each) for each in found)
    return is_theirs and any(has(_PRIVACY, each) for each in found)


def _language(text: str, default: str) -> str:
    """Return the language whose everyday words a text has most of."""
    words = re.findall(r"[^\W\d_]+", fold(text))
    best, most = default, 1
    for book in WORDBOOKS:
        common = frozenset(fold(book.common).split())
        count = sum(word in common for word in words)
        if count > most:
            best, most = book.language, count
    return best

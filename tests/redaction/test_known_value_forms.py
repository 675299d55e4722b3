"""Many people are found in many texts at once, in every form in which their values are written."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.known_value_forms import (
    SURROUNDINGS,
    InventedPerson,
    WrittenForm,
    encodings,
    forms_of,
    is_found,
    letters,
    measure,
    thousand,
)
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.ports import Passage
from lacuna.redaction import KnownValueMatcher
from lacuna.redaction.folding import View
from lacuna.redaction.known_values import house_numbers
from lacuna.redaction.known_values.disguise_kinds import DisguiseKind
from lacuna.redaction.known_values.disguised_words import DisguisedWords
from lacuna.redaction.known_values.disguises import rewritings
from lacuna.redaction.known_values.nicknames import nicknames

PEOPLE = [
    InventedPerson(*line.split("|"))
    for line in """
en|Theodore Fairclough|theodore.fairclough@example.org|+442071234599|31 Heron Street, Leeds LS2 7QA|ORD-91-40077
da|Rasmus Kjølby|rasmus.kjoelby@example.org|+4528104050|Møllegade 6, 2. th, 2200 København N|SAG-20-7781
de|Sebastian Brünninghoff|sebastian.bruenninghoff@example.org|+4917098765432|Gartenstraße 17, 70173 Stuttgart|KD-70-11820
es|Beatriz Quiñones|beatriz.quinones@example.org|+34677889900|Avenida Constitución 12, 41004 Sevilla|PED-40-5510
ie|Deirdre Gallagher|deirdre.gallagher@example.org|+353862020304|9 Quay Street, Galway H91|IE-77-20340
nl|Jacobus Terpstra|jacobus.terpstra@example.org|+31698765432|Nieuwegracht 40, 3512 LT Utrecht|NL-50-77120
fr|Stéphane Beaulieu|stephane.beaulieu@example.org|+33698765432|6 boulevard Voltaire, 75011 Paris|CMD-30-4410
pl|Stanisław Grzybowski|stanislaw.grzybowski@example.org|+48605040302|ulica Kwiatowa 8, 60-101 Poznań|ZAM-20-5511
sv|Henrik Sjögren|henrik.sjogren@example.org|+46708090100|Skolgatan 21, 903 22 Umeå|SE-40-20177
""".strip().split("\n")
]
REFS = [SubjectRef(f"r-{number}") for number in range(len(PEOPLE))]
PERSONS = [one.person(ref) for one, ref in zip(PEOPLE, REFS, strict=True)]
THEODORE, RASMUS = PERSONS[0], PERSONS[1]

# Ordinary sentences about nobody, with words that are names elsewhere.
NOBODY = """
Will you send the bill in March, or may I pick it up on Sunday the 5th at 10:30?
The order 4711 was 25% off; see https://shop.example.org/orders?page=2&sort=new for more.
Pakken til nummer 12 er ikke kommet endnu, og der er ingen på kontoret i dag.
Hvad koster det at sende en sofa fra Aarhus til Odense? Jeg har ringet to gange.
Die Rechnung über 1.249,00 Euro kam am 3. Mai; der Betrag wurde schon bezahlt.
Können Sie bitte prüfen, warum die Lieferung aus Köln noch nicht da ist?
Buenos días, el pedido llegó roto y quiero que me devuelvan el dinero por favor.
La tienda de la calle Mayor cierra a las ocho, ¿pueden llamar mañana por la tarde?
Ik heb drie keer gebeld, maar de bestelling van vorige week is nog niet geleverd.
Waarom staat er op de factuur een ander bedrag dan in de bevestiging van mei?
Bonjour, le colis est arrivé ouvert et il manque deux pièces sur les quatre.
Je voudrais changer l'adresse de livraison avant vendredi, est-ce possible ?
Dzień dobry, paczka przyszła uszkodzona i proszę o zwrot pieniędzy na konto.
Czy mogę zmienić termin dostawy na przyszły wtorek albo środę po południu?
Hej, beställningen kom aldrig fram och jag vill ha pengarna tillbaka i maj.
Kan ni ringa mig i morgon mellan åtta och nio, eller skicka ett svar match?
""".strip().split("\n")


@pytest.fixture(scope="module")
def matcher() -> KnownValueMatcher:
    return KnownValueMatcher(PERSONS)


@pytest.fixture(scope="module")
def missed(matcher: KnownValueMatcher) -> list[str]:
    found, missed = measure(matcher, PEOPLE, REFS)
    assert len({kind for _, kind in found}) > 90
    return missed


def texts_found(matcher: KnownValueMatcher, passage: Passage) -> list[str]:
    return [passage.text[span.start : span.end] for span in matcher.find(passage)]


@pytest.mark.parametrize("value", ["name", "email", "phone", "address", "id"])
def test_every_form_of_a_value_is_found_where_it_stands(missed: list[str], value: str) -> None:
    # An everyday word after "ask" does not count as a name: "Please ask Ted".
    assert [one for one in missed if one.startswith(value)] == []


@pytest.mark.parametrize(
    "text", ["Mr Thorsager, KD-448812", "Fru Thorsager, KD-448812", "Dear Thorsager, KD-448812"]
)
def test_a_title_makes_a_name_beside_another_value_no_other_name(text: str) -> None:
    known = (
        Identifier(IdentifierKind.NAME, "Ragnhild Thorsager"),
        Identifier(IdentifierKind.EXTERNAL_ID, "KD-448812"),
    )
    person = Person(REFS[0], "o", (), known, ("Ragnhild", "Thorsager"))
    matcher = KnownValueMatcher([person])
    assert texts_found(matcher, Passage(text)) == ["Thorsager", "KD-448812"]
    assert texts_found(matcher, Passage("Bo Thorsager, KD-448812")) == ["KD-448812"]


def test_weak_forms_do_not_count_in_the_passages_of_others(matcher: KnownValueMatcher) -> None:
    weak = [
        (form, ref)
        for subject, ref in zip(PEOPLE, REFS, strict=True)
        for form in forms_of(subject, random.Random(1))
        # A mailbox called like the person is the full name.
        if form.is_own and form.kind not in ("name of a mailbox", "error in domain")
    ]
    passages = [Passage(f"Please ask {form.text} about it, thanks.") for form, _ in weak]
    assert len(passages) > 60
    assert matcher.find_all(passages) == [()] * len(passages)


def test_a_name_or_an_address_that_differs_by_a_letter_is_somebody_elses() -> None:
    katrine = Person(
        REFS[0],
        "fjordlys",
        ("1",),
        (
            Identifier(IdentifierKind.NAME, "Katrine Petersen"),
            Identifier(IdentifierKind.EMAIL, "katrine.petersen@example.org"),
        ),
    )
    matcher = KnownValueMatcher([katrine])
    text = "Katrine Pedersen <katrine.pedersen@example.org> wrote to Katrine Petersen."
    assert texts_found(matcher, Passage(text)) == ["Katrine Petersen"]
    own = Passage(text, own=frozenset({REFS[0]}))
    assert len(texts_found(matcher, own)) == 3


@pytest.mark.long
def test_texts_about_nobody_hold_none_of_a_thousand_people() -> None:
    persons = [
        one.person(f"r-{number}") for number, one in enumerate(thousand(PEOPLE, names_of=None))
    ]
    assert len(persons) == 1000
    assert KnownValueMatcher(persons).find_all(list(map(Passage, NOBODY))) == [()] * len(NOBODY)


FORMS = {
    "Katherine Ashworth": ("Kate Ashworth", "Ashworth, Kate", "Kitty Ashworth"),
    "Maarten van Dongen": ("M. v. Dongen", "Dongen, M. van", "M. Dongen", "Maarten v Dongen"),
    "Pieter van den Heuvel": ("Heuvel, P. van den", "P. v.d. Heuvel", "Pieter vd Heuvel"),
    "Carmen Ortega Salvatierra": ("Carmen Ortega", "Carmen Salvatierra"),
    "Claudia Meier-Rotthoff": ("Claudia Meier", "Claudia Rotthoff"),
    "Paulo dos Santos Leit\u00e3o": (
        "Paulo Santos Leit\u00e3o",
        "Paulo dos Santos",
        "Paulo Leitao",
    ),
}


@pytest.mark.parametrize(
    ("name", "form"), [(name, form) for name, forms in FORMS.items() for form in forms]
)
def test_a_name_in_part_or_in_short_counts_in_the_persons_own_texts(name: str, form: str) -> None:
    first, _, last = name.partition(" ")
    person = Person(REFS[0], "o", (), (Identifier(IdentifierKind.NAME, name),), (first, last))
    own = Passage(f"Then {form} called.", own=frozenset({REFS[0]}))
    assert texts_found(KnownValueMatcher([person]), own) == [form]


ADDRESSES = {
    "Flat 6, 41 Cromer Road, Norwich NR1 4SJ": (
        "41 Cromer Road, Flat 6, Norwich NR1 4SJ",
        "41 Cromer Rd",
        "41 on Cromer Road",
        "41, NR1 4SJ",
    ),
    "1730 Quarry Road, Eugene 97405": ("1730 Quarry Rd, Eugene, OR 97405",),
    "344 East 9th Street, Kansas City 64106": ("344 East Ninth Street",),
    "Bellhill Street 12, 3. tv, 8000 Aarhus C": ("Bellhill Street 12, 3. tv, DK-8000 Aarhus C",),
    "Neugasse 31, 65183 Wiesbaden": (
        "Neugasse 31, D-65183 Wiesbaden",
        "Neugasse 31\n65183 Wiesbaden",
        "Neugasse Nr. 31",
        "Neugasse, und zwar Nummer 31",
        "Neugassen 31",
    ),
    "Admiraalskade 23-II, 1057 KG Amsterdam": (
        "Admiraalskade 23 twee hoog, 1057KG Amsterdam",
        "1057KG 23",
    ),
    "Burgemeester Hoekstralaan 5, 1381 VT Weesp": ("Burg. Hoekstraln 5",),
    "Paseo de las Acacias 40, 47007 Valladolid": (
        "P\u00ba de las Acacias n\u00ba 40, 47007 Valladolid",
    ),
    "ul. Zielona 19, 90-601 \u0141\u00f3d\u017a": ("Zielonej 19",),
    "Calle Nuestra Se\u00f1ora del Pardillo 22, 45600 Talavera": ("Pardillo 22",),
    "Esdoornhof 11, 7325 KB Apeldoorn": ("11 aan de Esdoornhof",),
    "Rua do Norte 54, 2900-330 Set\u00fabal": ("R. do Norte 54, 3\u00ba Esq., 2900-330 Setubal",),
    "Solheimsveien 51, 1473 L\u00f8renskog": ("Solheimsvn. 51, N-1473 L\u00f8renskog",),
}


@pytest.mark.parametrize(
    ("address", "form"), [(one, form) for one, forms in ADDRESSES.items() for form in forms]
)
def test_an_address_goes_with_its_door_its_postcode_and_its_town(address: str, form: str) -> None:
    person = Person(REFS[0], "o", (), (Identifier(IdentifierKind.ADDRESS, address),))
    own = Passage(f"Send it to {form}, please.", own=frozenset({REFS[0]}))
    assert texts_found(KnownValueMatcher([person]), own) == [form]


def test_a_house_number_near_its_street_counts_in_the_persons_own_texts_alone() -> None:
    person = Person(REFS[0], "o", (), (Identifier(IdentifierKind.ADDRESS, "ul. Zielona 19"),))
    matcher = KnownValueMatcher([person])
    own = frozenset({REFS[0]})
    assert texts_found(matcher, Passage("przy Zielonej 19", own=own)) == ["Zielonej 19"]
    assert texts_found(matcher, Passage("<p>Zielonej <b>19</b></p>", "text/html", own=own)) == [
        "Zielonej",
        "19",
    ]
    allowed = frozenset(person.known)
    for passage in (
        Passage("przy Zielonej 19"),
        Passage("przy Zielonej 19", own=own, allowed=allowed),
        Passage("przy Zielonej! 19", own=own),
        Passage("przy Zielonej 119", own=own),
        Passage("Zielonej i tak dalej, potem jeszcze 19", own=own),
    ):
        assert texts_found(matcher, passage) == []


@pytest.mark.parametrize(
    ("held", "written"),
    [
        ("post@bl\u00e5b\u00e6rgr\u00f8d.example", "post@xn--blbrgrd-fxak7p.example"),
        ("post@xn--blbrgrd-fxak7p.example", "post@bl\u00e5b\u00e6rgr\u00f8d.example"),
    ],
)
def test_a_domain_is_found_as_dns_writes_it_and_in_letters(held: str, written: str) -> None:
    person = Person(REFS[0], "o", (), (Identifier(IdentifierKind.EMAIL, held),))
    assert texts_found(KnownValueMatcher([person]), Passage(f"to {written}.")) == [written]


def test_a_thousand_streets_with_one_number_cost_no_more_than_one(monkeypatch) -> None:
    """Whoever writes many addresses in forms makes each text of theirs no dearer."""
    looked_up = 0
    whole = house_numbers._folded

    def counting(word: str) -> str:
        nonlocal looked_up
        looked_up += 1
        return whole(word)

    monkeypatch.setattr(house_numbers, "_folded", counting)
    known = tuple(Identifier(IdentifierKind.ADDRESS, f"Zyl{n:x}gasse 1") for n in range(2000, 3000))
    person = Person(REFS[0], "o", (), known)
    text = "Dorfplatz 1, " * 1000
    assert list(house_numbers.HouseNumbers([person]).find(text, [REFS[0]])) == []
    assert 0 < looked_up <= 10 * 1000


@pytest.mark.parametrize(
    "rest",
    [
        " as agreed.",
        " in 2024 we moved.",
        ", 2024 was good.",
        " 12 pieces.",
        ". Order 12345 is late.",
        ", Bestellung 44556.",
        ", Anna called 5000 times.",
        "\nTel. 0441 12345",
        " I called.",
    ],
)
def test_what_follows_an_address_and_is_none_of_it_stays(rest: str) -> None:
    person = Person(REFS[0], "o", (), (Identifier(IdentifierKind.ADDRESS, "Lange Neugasse 31"),))
    own = Passage(f"Lange Neugasse 31{rest}", own=frozenset({REFS[0]}))
    assert texts_found(KnownValueMatcher([person]), own) == ["Lange Neugasse 31"]


# --- what counts, and what does not ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Theodore <theodore.fairclough@example.org>", 2),
        ("Theodore, tel. 020 7123 4599", 2),
        ("theodore.fairclough@example.org (Theodore)", 2),
        ("Theodore asked us, and theodore.fairclough@example.org too", 1),
        ("Theodore\ntheodore.fairclough@example.org", 1),
        ('["Theodore", "theodore.fairclough@example.org"]', 1),
        ("Theodore Marsh, theodore.fairclough@example.org", 1),
        ("Theodore, tel. 28 10 40 50", 1),
    ],
)
def test_a_weak_value_counts_right_beside_a_strong_one_of_the_same_person(
    matcher: KnownValueMatcher, text: str, values: int
) -> None:
    assert len(texts_found(matcher, Passage(text))) == values


def test_a_value_of_two_people_is_no_evidence_for_either() -> None:
    phone = Identifier(IdentifierKind.PHONE, "+4528104050")
    one = Person(SubjectRef("r-1"), "o", (), (phone,), ("Jacobus",))
    other = Person(SubjectRef("r-2"), "o", (), (phone,), ("Deirdre",))
    text = "Jacobus (28 10 40 50)"
    assert texts_found(KnownValueMatcher([one, other]), Passage(text)) == ["28 10 40 50"]
    assert texts_found(KnownValueMatcher([one]), Passage(text)) == ["Jacobus", "28 10 40 50"]


def test_a_value_that_others_hold_too_is_no_evidence_whoever_else_is_searched_for() -> None:
    """Else a plan would change with who else is planned in that night."""
    phone = Identifier(IdentifierKind.PHONE, "+4528104050")
    one = Person(
        SubjectRef("one"), "o", (), (phone,), ("Jacobus",), shared={phone: frozenset({"9"})}
    )
    other = Person(
        SubjectRef("other"), "o", (), (phone,), ("Anna",), shared={phone: frozenset({"8"})}
    )
    text = "Jacobus: 28 10 40 50"
    for people in ([one], [one, other]):
        assert texts_found(KnownValueMatcher(people), Passage(text)) == ["28 10 40 50"]


@pytest.mark.parametrize(
    "text",
    [
        "Theodora Fairclough asked",
        "Leodore Fairclough asked",
        "Theo Fairchild asked",
        "Theodore i Fairclough",
        "Theodore 4 Fairclough",
        "Theodore! Fairclough",
        "Rasmus Hjølby",
        "Rasmus Kjøl By",
        "+44 20 7123 4598",
        "31 Heron Street, Leeds LS3 7QA",
        "tfairclough@example.com",
        "theodora.fairclough@example.org",
        "theodore.fairclough2@example.org",
        "ORD-91-40078",
        "ORD-91-4007",
    ],
)
def test_a_likeness_that_may_be_another_does_not_count(
    matcher: KnownValueMatcher, text: str
) -> None:
    assert texts_found(matcher, Passage(text)) == []


@pytest.mark.parametrize(
    "text", ["Ted Fairclough", "T. Fairclough", "Theodore Faircluogh", "Theodore M. Fairclough"]
)
def test_an_agent_or_a_company_with_a_like_name_stays(
    matcher: KnownValueMatcher, text: str
) -> None:
    own = frozenset({THEODORE.ref})
    assert texts_found(matcher, Passage(text, own=own)) == [text]
    assert texts_found(matcher, Passage(text, own=own, kept_names=(text,))) == []
    assert texts_found(matcher, Passage(f"{text} Ltd", own=own)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Will you send the bill?", []),
        ("I will come. Will that do?", []),
        ("Bill me later, and mind the billy goat", []),
        ("Hi Will, thanks", ["Will"]),
        ("hi billy, thanks", ["billy"]),
        ("Regards, Bill", ["Bill"]),
        ("Then Billy called", ["Billy"]),
    ],
)
def test_a_nickname_counts_in_own_passages_where_it_is_a_name(text: str, found: list[str]) -> None:
    name = Identifier(IdentifierKind.NAME, "William Walker")
    person = Person(SubjectRef("r"), "o", (), (name,), ("William", "Walker"))
    own = frozenset({person.ref})
    assert texts_found(KnownValueMatcher([person]), Passage(text, own=own)) == found


def test_an_allowed_identifier_never_matches_in_any_form() -> None:
    matcher = KnownValueMatcher([THEODORE])
    for subject_forms in forms_of(PEOPLE[0], random.Random(3)):
        kind = {"id": "external_id"}.get(subject_forms.value, subject_forms.value)
        allowed = frozenset(one for one in THEODORE.known if one.kind == kind)
        passage = Passage(subject_forms.text, subject_forms.media_type, allowed=allowed)
        found = matcher.find(passage)
        assert [span.label for span in found if span.label.startswith(kind.upper())] == []


def test_a_strict_matcher_finds_values_as_they_are_given_only() -> None:
    strict = KnownValueMatcher([THEODORE], strict=True)
    own = frozenset({THEODORE.ref})
    assert texts_found(strict, Passage("theodore  FAIRCLOUGH", own=own)) == ["theodore  FAIRCLOUGH"]
    for text in ("Ted Fairclough", "T. Fairclough", "Theodore Faircluogh", "31 Heron St"):
        assert text not in texts_found(strict, Passage(text, own=own))


def test_nicknames_go_both_ways_and_mean_nobody_else() -> None:
    assert "bill" in nicknames("william")
    assert "william" in nicknames("bill")
    assert "bob" not in nicknames("bill")
    assert nicknames("fairclough") == frozenset()
    assert all(name.isascii() and name.islower() for name in nicknames("elizabeth"))


# --- many texts at once ---------------------------------------------------------------------------


def some_passages() -> list[Passage]:
    passages = [Passage(text) for text in NOBODY]
    for subject, ref in zip(PEOPLE, REFS, strict=True):
        for form in forms_of(subject, random.Random(5)):
            before, after = SURROUNDINGS[form.media_type][0].split("{}")
            own = frozenset({ref}) if form.is_own else frozenset()
            passages.append(Passage(before + form.text + after, form.media_type, own=own))
    return passages


@pytest.mark.thorough
def test_the_order_of_passages_and_their_batches_change_nothing(
    matcher: KnownValueMatcher,
) -> None:
    passages = some_passages()
    found = matcher.find_all(passages)
    assert sum(map(bool, found)) > 1_000
    order = list(range(len(passages)))
    random.Random(2).shuffle(order)
    shuffled = matcher.find_all([passages[number] for number in order])
    assert [found[number] for number in order] == shuffled
    for number in order[:150]:
        assert matcher.find(passages[number]) == found[number]


def test_no_value_reaches_from_one_passage_into_the_next(matcher: KnownValueMatcher) -> None:
    pieces = ["Theodore", "Fairclough", "020 7123", "4599", "31 Heron Street, Leeds", "LS2 7QA"]
    assert matcher.find_all(list(map(Passage, pieces))) == [()] * len(pieces)
    for left, right in zip(pieces[::2], pieces[1::2], strict=True):
        assert len(matcher.find(Passage(f"{left} {right}"))) == 1
        assert matcher.find(Passage(f"{left}\0{right}")) == ()


def test_passages_without_text_are_empty_and_keep_their_places(matcher: KnownValueMatcher) -> None:
    found = matcher.find_all([Passage(""), Passage("Theodore Fairclough"), Passage("")])
    assert [len(spans) for spans in found] == [0, 1, 0]
    assert matcher.find_all([]) == []


# --- properties -----------------------------------------------------------------------------------

_NOISE = st.text(
    alphabet=st.one_of(
        st.sampled_from(" \n\t.,;<>&=%+()[]-_/\\'\"@$!|øæßİ\u00a0\u200b\u0301🎉theodr0123"),
        st.characters(),
    ),
    max_size=25,
)


@st.composite
def _written(draw: st.DrawFn) -> tuple[WrittenForm, SubjectRef]:
    """A value of somebody in other letters or in an encoding."""
    number = draw(st.integers(0, len(PEOPLE) - 1))
    subject = PEOPLE[number]
    value, text = draw(
        st.sampled_from(
            [
                ("name", subject.name),
                ("email", subject.email),
                ("address", subject.address),
                ("id", subject.order),
            ]
        )
    )
    form = draw(st.sampled_from([*letters(value, text), *encodings(value, text)]))
    return form, REFS[number]


@settings(max_examples=150)
@given(_NOISE, _written(), _NOISE)
def test_a_value_in_any_encoding_is_found_amid_noise_and_its_span_maps_back(
    matcher: KnownValueMatcher, before: str, written: tuple[WrittenForm, SubjectRef], after: str
) -> None:
    form, ref = written
    if form.media_type == "text/html":
        # Noise that opens a tag or a comment would make the value a part of it.
        before, after = before.replace("<", ""), after.replace("<", "")
    text = f"{before} !\n{form.text}\n! {after}"
    start, end = form.hidden or (0, len(form.text))
    place = range(len(before) + 3 + start, len(before) + 3 + end)
    passage = Passage(text, form.media_type)
    spans = matcher.find(passage)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    near = [replace(span) for span in spans if span.end > place.start and span.start < place.stop]
    assert is_found(passage, ref, place, near)


@settings(max_examples=150)
@given(
    st.text(alphabet=st.sampled_from("&#x;<>/%=\\u0123456789abcdefAF+@.QW5hQmVyZw \r\n")),
    st.sampled_from(["text/plain", "text/html"]),
)
def test_no_text_breaks_a_rewriting(matcher: KnownValueMatcher, text: str, media_type: str) -> None:
    matcher.find(Passage(text, media_type, own=frozenset(REFS)))
    everything = DisguiseKind(0)
    for mark in DisguiseKind:
        everything |= mark
    for view in rewritings(View(text), everything, DisguisedWords({"abe", "fee"})):
        for start in range(len(view.text)):
            first, last = view.span(start, start + 1)
            assert 0 <= first < last <= len(text)


@settings(max_examples=50)
@given(st.lists(_NOISE, min_size=1, max_size=6), st.randoms())
def test_what_is_found_in_a_passage_depends_on_no_other(
    matcher: KnownValueMatcher, texts: list[str], chance: random.Random
) -> None:
    passages = [Passage(f"{text} Rasmus Kjølby") for text in texts]
    alone = [matcher.find(passage) for passage in passages]
    order = list(range(len(passages)))
    chance.shuffle(order)
    together = matcher.find_all([passages[number] for number in order])
    assert together == [alone[number] for number in order]


HOSTILE: Sequence[tuple[str, str]] = [
    ("front", "theodo "),
    ("names", "Theodore Fairclough "),
    ("alike", "Theodroe Fairclouhg "),
    ("initials", "t f "),
    ("spaced", "t h e o d o r e "),
    ("genitives", "ss "),
    ("at", " at example.org"),
    ("dot", "dot at "),
    ("ats", "a@"),
    ("tags", "+a@"),
    ("leet", "7h30d0r3 "),
    ("base64", "VGhlb2RvcmU"),
    ("numbers", "one two three "),
    ("plus", "+45"),
    ("zeros", "0O"),
    ("bytes", "%C3"),
    ("breaks", "=\r\n"),
    ("entities", "&#84;"),
    ("wide", "\uff34"),
    ("long", "\ufdfa"),
]


@pytest.mark.parametrize("unit", [unit for _, unit in HOSTILE], ids=[name for name, _ in HOSTILE])
@pytest.mark.parametrize("size", [30_000, pytest.param(1_000_000, marks=pytest.mark.long)])
def test_a_hostile_text_of_any_length_is_searched_to_its_end(
    matcher: KnownValueMatcher, unit: str, size: int
) -> None:
    text = unit * (size // len(unit)) + " !\nStanisław Grzybowski"
    spans = matcher.find(Passage(text, own=frozenset({THEODORE.ref})))
    assert spans[-1].end == len(text)

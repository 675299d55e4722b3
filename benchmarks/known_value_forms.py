"""How many forms of a person's known values the matcher finds, what it finds wrongly, how fast.

    python benchmarks/known_value_forms.py [--people held-out] [CORPUS.jsonl ...] [--missed]

Each value of some invented people is written in about a hundred ways, in three surroundings; a
form counts as found if every letter of it lies in spans of that person and the spans reach at
most 3 characters before it and 8 after. Forms that are too weak to stand alone (a name alone,
initials, a name or an e-mail address with a typing error) are looked for in the person's own passages; the rest in anybody's. Half of the people
are held out: the matcher was written looking only at the others, and the held-out figure counts.

CORPUS holds one JSON object with a `text` per line: text about nobody of the people. With corpora
it prints how many rows hold something wrongly, and the speed, for 6 people and for 1,000, whose
names are those annotated in `--names CORPUS` and made-up ones.
"""

import argparse
import base64
import html
import json
import random
import re
import resource
import statistics
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.ports import Passage
from lacuna.redaction import KnownValueMatcher

SEEN = """
en|Elizabeth Walker|elizabeth.walker@example.org|+442079460123|12 Brookfield Road, London N4 2AB|ORD-2024-778812
en|William Turner|wturner84@mail.example.org|+12025550143|480 Maple Avenue, Springfield 62704|CUST-0091837
da|Søren Kjærgaard|soren.kjaergaard@example.org|+4522334455|Nørregade 17, 3. tv, 8000 Aarhus C|DK-5512-908
da|Birgitte Ømand|birgitte@oemand.example.org|+4531415161|Strandvejen 204, 2900 Hellerup|SAG20240817
de|Jürgen Großmann|juergen.grossmann@example.org|+4915123456789|Hauptstraße 42, 10827 Berlin|KD-448-2210-7
de|Katharina Müller-Lüdenscheidt|kml@firma.example.org|+49301234567|Bahnhofstraße 9a, 80335 München|R-2024/00981
es|María José Núñez|mj.nunez@example.org|+34612345678|Calle de Alcalá 118, 28009 Madrid|PED-667710
es|Francisco Peña|pacopena77@correo.example.org|+34911234567|Avenida Diagonal 405, 08008 Barcelona|ES00449128
ie|Siobhán O'Callaghan|siobhan.ocallaghan@example.org|+353861234567|8 Strand Road, Sandymount, Dublin 4|IE-30-99182
ie|Patrick Doyle|pdoyle@example.org|+35312345678|21 Grafton Street, Dublin 2|CASE-88231
nl|Johannes van der Berg|j.vandenberg@example.org|+31612345678|Keizersgracht 321, 1016 EE Amsterdam|NL-7788-XK21
nl|Wilhelmina Dekker|mina.dekker@post.example.org|+31201234567|Dorpsstraat 8, 3512 AB Utrecht|B2024-5561
fr|Guillaume Lefèvre|guillaume.lefevre@example.org|+33612345678|14 rue de la République, 69002 Lyon|CMD-2024-00771
fr|Hélène Rousseau|helene_rousseau@example.org|+33145678901|55 avenue Victor Hugo, 75116 Paris|FR77120934
pl|Małgorzata Wiśniewska|m.wisniewska@example.org|+48501234567|ul. Długa 12/4, 31-147 Kraków|ZAM/2024/5519
pl|Krzysztof Zieliński|krzysztof.zielinski@example.org|+48221234567|aleja Jana Pawła 33, 00-867 Warszawa|PL-000-8812
sv|Åsa Lindström|asa.lindstrom@example.org|+46701234567|Kungsgatan 44, 111 35 Stockholm|SE-KUND-4410
sv|Anders Bergqvist|anders.bergqvist@example.org|+4681234567|Storgatan 3B, 211 20 Malmö|A10027731
"""
HELD_OUT = """
en|Margaret Pemberton|maggie.pemberton@example.org|+442071838750|7 Willow Lane, Bristol BS1 4ND|INV-55-20911
en|Benjamin Okafor|bokafor@work.example.org|+13125550199|1903 Lincoln Boulevard, Chicago 60614|T-4499120
da|Mikkel Højgaard|mikkel.hoejgaard@example.org|+4560708090|Vestergade 5, st. th, 5000 Odense C|KUNDE-77120
da|Lærke Sønderskov|laerke.s@skov.example.org|+4526272829|Åboulevarden 88, 8700 Horsens|2024-DK-6670
de|Friedrich Schönborn|friedrich.schoenborn@example.org|+491719876543|Lindenallee 3, 50968 Köln|AB-90-2231
de|Elisabeth Weißhaupt|e.weisshaupt@post.example.org|+49891234567|Goethestraße 71, 60313 Frankfurt|V2024-1182
es|Concepción Ibáñez|concha.ibanez@example.org|+34655443322|Paseo de Gracia 92, 08008 Barcelona|EX-7712-04
es|Alejandro Muñoz García|amunoz@example.org|+34954112233|Plaza Nueva 6, 41001 Sevilla|TCK-330912
ie|Pádraig Ó Súilleabháin|padraig.osuilleabhain@example.org|+353871122334|14 Shop Street, Galway H91|GW-2024-118
ie|Catherine Brennan|cbrennan@example.org|+353214567890|3 Patrick Street, Cork T12|C-5567123
nl|Cornelis de Vries|cees.devries@example.org|+31655667788|Prinsengracht 77, 1015 DN Amsterdam|BEST-99120
nl|Margaretha Hoekstra|m.hoekstra@thuis.example.org|+31301234568|Kerkstraat 19, 9711 LM Groningen|NLK-20-118
fr|François Charpentier|francois.charpentier@example.org|+33688776655|3 boulevard Saint-Michel, 75005 Paris|DOS-2024-31
fr|Aurélie Delacroix|aurelie.delacroix@example.org|+33491223344|28 chemin des Lilas, 13008 Marseille|F-00912-7
pl|Wojciech Dąbrowski|wojciech.dabrowski@example.org|+48602998877|ul. Piękna 7, 00-549 Warszawa|NR-2024-4471
pl|Agnieszka Jabłońska|a.jablonska@example.org|+48712345678|plac Wolności 2, 50-071 Wrocław|WRO-55120
sv|Göran Sjöstrand|goran.sjostrand@example.org|+46731112233|Drottninggatan 12, 411 14 Göteborg|GBG-77-100
sv|Margareta Häggkvist|margareta.haggkvist@example.org|+46855667788|Vasavägen 30, 182 33 Danderyd|S-20240091
"""

NICKNAMES = {
    "elizabeth": "Liz", "william": "Bill", "patrick": "Pat", "margaret": "Peggy",
    "benjamin": "Ben", "catherine": "Cathy", "birgitte": "Gitte", "jürgen": "Jürgi",
    "katharina": "Kathi", "friedrich": "Fritz", "elisabeth": "Lisa", "francisco": "Paco",
    "concepción": "Concha", "alejandro": "Álex", "johannes": "Hans", "wilhelmina": "Mina",
    "cornelis": "Cees", "margaretha": "Greet", "guillaume": "Gui", "małgorzata": "Gosia",
    "krzysztof": "Krzysiek", "wojciech": "Wojtek", "agnieszka": "Aga", "margareta": "Greta",
    "anders": "Andy", "mikkel": "Mik", "pádraig": "Paddy", "søren": "Sørn",
}  # fmt: skip
STREETS = (
    ("straße", "str."), ("straat", "str."), ("gracht", "gr."), ("gade", "g."), ("vejen", "v."),
    ("gatan", "g."), ("vägen", "v."), (" Road", " Rd."), (" Street", " St."), (" Avenue", " Ave"),
    (" Lane", " Ln"), (" Boulevard", " Blvd"), ("rue ", "r. "), ("avenue ", "av. "),
    ("boulevard ", "bd "), ("chemin ", "ch. "), ("Calle ", "C/ "), ("Avenida ", "Avda. "),
    ("Paseo ", "P.º "), ("Plaza ", "Pza. "), ("ul. ", "ulica "), ("aleja ", "al. "),
    ("plac ", "pl. "), ("allee", "all."), ("boulevarden", "blvd."),
)  # fmt: skip
SPOKEN = {
    "en": "zero one two three four five six seven eight nine",
    "da": "nul en to tre fire fem seks syv otte ni",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "nl": "nul een twee drie vier vijf zes zeven acht negen",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "pl": "zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć",
    "sv": "noll ett två tre fyra fem sex sju åtta nio",
}
CYRILLIC = str.maketrans(
    "aeopcxyiABEKMHOPCTX",
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0410"
    "\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425",
)
LEET = str.maketrans("aeostAEOST", "4305743057")
GERMAN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "ß": "ss"}
    | {"Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa", "Æ": "Ae"}
)
PLAIN = str.maketrans("øØæÆßłŁđ", "oOaAslLd")


@dataclass(frozen=True)
class InventedPerson:
    language: str
    name: str
    email: str
    phone: str
    address: str
    order: str

    @property
    def first(self) -> str:
        return self.name.split()[0]

    @property
    def last(self) -> str:
        return self.name.split(maxsplit=1)[1]

    def person(self, ref: str) -> Person:
        return Person(
            SubjectRef(ref),
            "org",
            (),
            (
                Identifier(IdentifierKind.NAME, self.name),
                Identifier(IdentifierKind.EMAIL, self.email),
                Identifier(IdentifierKind.PHONE, self.phone),
                Identifier(IdentifierKind.ADDRESS, self.address),
                Identifier(IdentifierKind.EXTERNAL_ID, self.order),
            ),
            (self.first, self.last),
        )


@dataclass(frozen=True)
class WrittenForm:
    """A way to write a value.

    Attributes:
        value: `name`, `email`, `phone`, `address` or `id`.
        text: what is written; of an encoding that hides more than the value, all of it.
        is_own: too weak to stand alone, so that it is written in the person's own passage.
        hidden: where in `text` the value stands, if not all of it is the value.
    """

    value: str
    kind: str
    text: str
    is_own: bool = False
    media_type: str = "text/plain"
    hidden: tuple[int, int] | None = None


SURROUNDINGS = {
    "text/plain": ("Please ask {} about it, thanks.", "Re: parcel\n> {}\nsent today", "{}"),
    "text/html": ("<p>Please ask {} about it.</p>", "<td>x</td><td>{}</td>", "<div>{}</div>"),
}


# --- forms ----------------------------------------------------------------------------------------


def forms_of(subject: InventedPerson, chance: random.Random) -> Iterator[WrittenForm]:
    yield from name_forms(subject, chance)
    yield from email_forms(subject, chance)
    yield from phone_forms(subject)
    yield from address_forms(subject, chance)
    yield from id_forms(subject)


def name_forms(s: InventedPerson, chance: random.Random) -> Iterator[WrittenForm]:
    first, last, name = s.first, s.last, s.name

    def form(kind: str, text: str, **more: Any) -> WrittenForm:
        return WrittenForm("name", kind, text, **more)

    yield form("as given", name)
    yield form("reversed", f"{last} {first}")
    yield form("reversed, comma", f"{last}, {first}")
    yield form("genitive", f"{name}s")
    yield form("genitive, apostrophe", f"{name}'s")
    yield form("title", f"Dr. {name}")
    yield form("middle initial", f"{first} J. {last}")
    yield form("initial", f"{first[0]}. {last}", is_own=True)
    yield form("initial, no point", f"{first[0]} {last}", is_own=True)
    yield form("initial last", f"{last}, {first[0]}.", is_own=True)
    if nickname := NICKNAMES.get(first.lower()):
        yield form("nickname", f"{nickname} {last}")
        yield form("nickname alone", nickname, is_own=True)
    yield form("given name alone", first, is_own=True)
    yield form("family name alone", last, is_own=True)
    yield form("title, family name", f"Mr. {last}", is_own=True)
    yield form("glued", name.replace(" ", ""), is_own=len(name) < 13)
    yield form("glued, lower case", plain(name).replace(" ", "").lower(), is_own=len(name) < 13)
    yield form("underscore", plain(name).replace(" ", "_").lower())
    yield form("points", plain(name).replace(" ", ".").lower())
    yield form("spaced letters", " ".join(plain(name).replace(" ", "").replace("'", "")))
    yield form("leet", plain(name).translate(LEET))
    yield from typing_errors("name", name, chance, is_own=True)
    one, other = misspelt(first, "drop", chance), misspelt(last, "swap", chance)
    yield form("two errors", f"{one} {other}", is_own=True)
    yield from letters("name", name)
    yield from encodings("name", name)


def email_forms(s: InventedPerson, chance: random.Random) -> Iterator[WrittenForm]:
    mail = s.email
    local, domain = mail.split("@")

    def form(kind: str, text: str, **more: Any) -> WrittenForm:
        return WrittenForm("email", kind, text, **more)

    yield form("as given", mail)
    yield form("in brackets", f"<{mail}>")
    yield form("tag", f"{local}+shop@{domain}")
    yield form("at, dot", f"{local} at {domain.replace('.', ' dot ')}")
    yield form("(at) [dot]", f"{local}(at){domain.replace('.', '[dot]')}")
    yield form("all dots spoken", mail.replace(".", " dot ").replace("@", " at "))
    yield form("blanks round at", f"{local} @ {domain}")
    yield form("blanks everywhere", mail.replace("@", " @ ").replace(".", " . "))
    yield form("link", f'<a href="mailto:{mail}">write</a>', media_type="text/html")
    yield form("name of a mailbox", local, is_own=True)
    yield form("leet", f"{local.translate(LEET)}@{domain}")
    longest = max(re.split(r"[\W_]", local), key=len)
    if len(longest) > 5:
        for kind in ("drop", "swap", "double"):
            typed = mail.replace(longest, misspelt(longest, kind, chance), 1)
            yield form(f"{kind} in mailbox", typed, is_own=True)
    yield form("error in domain", f"{local}@{domain.replace('example', 'exmaple')}", is_own=True)
    yield from letters("email", mail)
    yield from encodings("email", mail)


def phone_forms(s: InventedPerson) -> Iterator[WrittenForm]:
    import phonenumbers

    number = phonenumbers.parse(s.phone)
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    abroad = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    digits = "".join(re.findall(r"\d", national))
    words = SPOKEN.get(s.language, SPOKEN["en"]).split()

    def form(kind: str, text: str, **more: Any) -> WrittenForm:
        return WrittenForm("phone", kind, text, **more)

    yield form("as given", s.phone)
    yield form("as in the country", national)
    yield form("as from abroad", abroad)
    yield form("00", f"00{s.phone[1:]}")
    yield form("(0)", f"+{number.country_code} (0){number.national_number}")
    yield form("digits", digits)
    yield form("pairs", " ".join(digits[at : at + 2] for at in range(0, len(digits), 2)))
    yield form("dashes", "-".join(digits[at : at + 3] for at in range(0, len(digits), 3)))
    yield form("points", ".".join(digits[at : at + 2] for at in range(0, len(digits), 2)))
    yield form("slashes", "/".join(digits[at : at + 4] for at in range(0, len(digits), 4)))
    yield form("one by one", " ".join(digits))
    yield form("label before", f"tel:{s.phone}")
    yield form("spoken", " ".join(words[int(digit)] for digit in digits))
    english = SPOKEN["en"].split()
    yield form("spoken, English", ", ".join(english[int(digit)] for digit in digits))
    yield form("spoken, oh", " ".join(["oh", *english[1:]][int(digit)] for digit in digits))
    if "0" in digits:
        yield form("O for 0", digits.replace("0", "O"))
    if "1" in digits:
        yield form("l for 1", digits.replace("1", "l"))
    yield form("Arabic digits", "".join(chr(0x660 + int(digit)) for digit in digits))
    yield form("wide", wide(digits))
    yield form("no-break blanks", abroad.replace(" ", "\u00a0"))
    yield form("invisible characters", "\u200b".join(digits))
    yield from encodings("phone", abroad)


def address_forms(s: InventedPerson, chance: random.Random) -> Iterator[WrittenForm]:
    address = s.address
    street, *_, place = (part.strip() for part in address.split(","))
    short = next(
        (address.replace(long, brief, 1) for long, brief in STREETS if long in address), None
    )

    def form(kind: str, text: str, **more: Any) -> WrittenForm:
        return WrittenForm("address", kind, text, **more)

    yield form("as given", address)
    yield form("no commas", address.replace(",", ""))
    yield form("lines", address.replace(", ", "\n"))
    yield form("quoted lines", address.replace(", ", "\n> "))
    yield form("street and town", f"{street}, {place}")
    yield form("town first", f"{place}, {street}")
    yield form("street alone", street, is_own=True)
    if short is not None:
        yield form("short street", short)
        yield form("short street, alone", short.split(",")[0], is_own=True)
    yield form("line breaks in HTML", address.replace(", ", "<br>"), media_type="text/html")
    word = max(re.findall(r"[^\W\d_]{6,}", street), key=len, default="")
    if word:
        for kind in ("drop", "swap", "double", "replace"):
            yield form(f"{kind} in street", address.replace(word, misspelt(word, kind, chance), 1))
    yield from letters("address", address)
    yield from encodings("address", address)


def id_forms(s: InventedPerson) -> Iterator[WrittenForm]:
    order = s.order
    glued = re.sub(r"\W", "", order)

    def form(kind: str, text: str, **more: Any) -> WrittenForm:
        return WrittenForm("id", kind, text, **more)

    yield form("as given", order)
    yield form("no separators", glued)
    yield form("blanks", re.sub(r"\W", " ", order))
    yield form("points", re.sub(r"\W", ".", order))
    yield form("underscores", re.sub(r"\W", "_", order))
    yield form("groups", " ".join(glued[at : at + 3] for at in range(0, len(glued), 3)))
    yield form("number sign", f"#{order}")
    yield form("in a path", f"/orders/{order}/pdf", hidden=(8, 8 + len(order)))
    yield form("in a file name", f"scan_{order}.pdf", hidden=(5, 5 + len(order)))
    if "0" in order:
        yield form("O for 0", order.replace("0", "O"))
    number = max(re.findall(r"\d+", order), key=len)
    if len(number) > 4:
        yield form("number alone", number, is_own=True)
    yield from letters("id", order)
    yield from encodings("id", order)


def letters(value: str, text: str) -> Iterator[WrittenForm]:
    """Other letters for the same ones."""
    yield WrittenForm(value, "upper case", text.upper())
    yield WrittenForm(value, "lower case", text.lower())
    if plain(text) != text:
        yield WrittenForm(value, "no diacritics", plain(text))
        yield WrittenForm(value, "decomposed", unicodedata.normalize("NFD", text))
    if text.translate(GERMAN) != text:
        yield WrittenForm(value, "ae oe ue", text.translate(GERMAN))
    yield WrittenForm(value, "look-alikes", text.translate(CYRILLIC))
    yield WrittenForm(value, "wide", wide(text))
    yield WrittenForm(value, "zero-width", "\u200b".join(text))
    yield WrittenForm(value, "soft hyphens", "\u00ad".join(text))
    if " " in text:
        yield WrittenForm(value, "no-break blanks", text.replace(" ", "\u00a0"))
        yield WrittenForm(value, "line break", text.replace(" ", "\r\n", 1))
        yield WrittenForm(value, "reply marks", text.replace(" ", "\n> ", 1))


def encodings(value: str, text: str) -> Iterator[WrittenForm]:
    """The value as programs write it."""
    middle = len(text) // 2
    page: dict[str, Any] = {"media_type": "text/html"}
    yield WrittenForm(value, "HTML, bold", f"<b>{text[:middle]}</b>{text[middle:]}", **page)
    yield WrittenForm(value, "HTML, many tags", "<wbr>".join(text), **page)
    yield WrittenForm(value, "HTML, entities", html.escape(text).replace(" ", "&nbsp;"), **page)
    yield WrittenForm(value, "entities", "".join(f"&#{ord(letter)};" for letter in text))
    yield WrittenForm(value, "percent", quote(text, safe=""))
    yield WrittenForm(value, "percent, form", quote_plus(text))
    yield WrittenForm(value, "percent twice", quote(quote(text, safe=""), safe=""))
    yield WrittenForm(value, "quoted-printable", quoted_printable(text, "utf-8"))
    yield WrittenForm(value, "quoted-printable, broken", broken(quoted_printable(text, "utf-8")))
    if text.encode("cp1252", "ignore").decode("cp1252") == text:
        yield WrittenForm(value, "quoted-printable, Latin", quoted_printable(text, "cp1252"))
    yield WrittenForm(value, "JSON escapes", "".join(f"\\u{ord(letter):04x}" for letter in text))
    before = "Contact: "
    encoded = base64.b64encode(f"{before}{text}. Bye".encode()).decode()
    start, end = len(before.encode()), len(f"{before}{text}".encode())
    place = (start // 3 * 4, -(-end // 3) * 4)
    yield WrittenForm(value, "base64", encoded, hidden=place)


def typing_errors(
    value: str, text: str, chance: random.Random, *, is_own: bool
) -> Iterator[WrittenForm]:
    words = text.split()
    longest = max(words, key=len)
    for kind in ("drop", "swap", "double", "replace"):
        yield WrittenForm(
            value, f"{kind}", text.replace(longest, misspelt(longest, kind, chance), 1), is_own
        )


def misspelt(word: str, kind: str, chance: random.Random) -> str:
    """Return a word with one error behind its first letter; always another word."""
    for _ in range(99):
        at = chance.randrange(1, len(word) - 1)
        if kind == "drop":
            wrong = word[:at] + word[at + 1 :]
        elif kind == "double":
            wrong = word[:at] + word[at] + word[at:]
        elif kind == "swap":
            wrong = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        else:
            wrong = word[:at] + chance.choice("aeioulnrst") + word[at + 1 :]
        if wrong.lower() != word.lower() and word[at - 1 : at + 2].isalpha():
            return wrong
    raise ValueError("no error can be made in this word")


def plain(text: str) -> str:
    parts = unicodedata.normalize("NFD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).translate(PLAIN)


def wide(text: str) -> str:
    return "".join(
        chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character for character in text
    )


def quoted_printable(text: str, charset: str) -> str:
    encoded = text.encode(charset, "replace")
    return "".join(
        chr(byte) if 33 <= byte <= 126 and byte not in b"=@." else f"={byte:02X}"
        for byte in encoded
    )


def broken(encoded: str) -> str:
    middle = len(encoded) // 2
    while "=" in encoded[max(0, middle - 2) : middle + 1]:
        middle += 1
    return f"{encoded[:middle]}=\r\n{encoded[middle:]}"


# --- measuring ------------------------------------------------------------------------------------


def subjects(table: str) -> list[InventedPerson]:
    return [InventedPerson(*line.split("|")) for line in table.strip().split("\n")]


def planted(
    people: Sequence[InventedPerson], refs: Sequence[SubjectRef]
) -> Iterator[tuple[WrittenForm, SubjectRef, Passage, range]]:
    """Yield each form in each of its surroundings, and where it stands there."""
    for subject, ref in zip(people, refs, strict=True):
        for form in forms_of(subject, random.Random(subject.name)):
            for surrounding in SURROUNDINGS[form.media_type]:
                before, after = surrounding.split("{}")
                own = frozenset({ref}) if form.is_own else frozenset()
                start, end = form.hidden or (0, len(form.text))
                passage = Passage(before + form.text + after, form.media_type, own=own)
                yield form, ref, passage, range(len(before) + start, len(before) + end)


def is_found(passage: Passage, ref: SubjectRef, place: range, spans: Sequence[Any]) -> bool:
    """Whether spans of the person cover each letter of a place, and little besides."""
    text = passage.text
    mine = [
        span
        for span in spans
        if ref in span.subjects and span.start < place.stop and span.end > place.start
    ]
    if not mine or mine[0].start < place.start - 3 or mine[-1].end > place.stop + 8:
        return False
    tags = [match.span() for match in re.finditer(r"<[^<>]*>", text)]
    if passage.media_type == "text/html" and 'href="' not in text:
        hidden = {at for start, end in tags for at in range(start, end)}
    else:
        hidden = set()
    if link := re.search(r'href="mailto:([^"<>]*)">', text):
        place = range(link.start(1), link.end(1))
    covered = {at for span in mine for at in range(span.start, span.end)}
    wanted = {at for at in place if text[at].isalnum()} - hidden
    missing = wanted - covered
    return not missing or _only_label(text, missing)


def _only_label(text: str, missing: set[int]) -> bool:
    """Whether what is not covered is no part of the value: a title, a label, a genitive s."""
    start, end = min(missing), max(missing) + 1
    return text[start:end] in ("Dr", "Mr", "tel", "s", "amp", "lt", "gt")


def measure(
    matcher: KnownValueMatcher, people: Sequence[InventedPerson], refs: Sequence[SubjectRef]
) -> tuple[dict[tuple[str, str], list[bool]], list[str]]:
    rows = list(planted(people, refs))
    found = matcher.find_all([passage for _, _, passage, _ in rows])
    result: dict[tuple[str, str], list[bool]] = defaultdict(list)
    missed = []
    for (form, ref, passage, place), spans in zip(rows, found, strict=True):
        match = is_found(passage, ref, place, spans)
        result[form.value, form.kind].append(match)
        if not match:
            got = [passage.text[span.start : span.end] for span in spans]
            missed.append(f"{form.value:8} {form.kind:26} {passage.text!r} -> {got}")
    return result, missed


def thousand(known: Sequence[InventedPerson], names_of: Path | None) -> list[InventedPerson]:
    """Return 1,000 people: the known ones, names that a corpus annotates, made-up names."""
    chance = random.Random(7)
    names: list[str] = []
    if names_of is not None:
        with names_of.open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                for span in row["spans"]:
                    name = row["text"][span["start"] : span["end"]]
                    if span["label"] == "PERSON" and re.fullmatch(r"[^\W\d_]+( [^\W\d_]+)+", name):
                        names.append(name.title())
    names = list(dict.fromkeys(names))
    syllables = [
        "ba",
        "ber",
        "den",
        "dor",
        "fen",
        "gal",
        "han",
        "is",
        "ka",
        "lo",
        "mar",
        "nel",
        "or",
        "pet",
        "ros",
        "sen",
        "tor",
        "ul",
        "vin",
        "wal",
    ]
    while len(names) < 1000:
        first, last = ("".join(chance.sample(syllables, 3)).title() for _ in "ab")
        names.append(f"{first} {last}")
    result = list(known)
    for number, name in enumerate(islice(names, 1000 - len(result))):
        first, last = plain(name).lower().split(" ", 1)
        last = last.replace(" ", "")
        result.append(
            InventedPerson(
                "en",
                name,
                f"{first}.{last}@example.org",
                f"+4420{79460000 + number}",
                f"{number + 1} {last.title()} Street, Leeds LS{number % 29} 4AB",
                f"ORD-2023-{500000 + number}",
            )
        )
    return result


def background(corpora: Sequence[Path]) -> list[str]:
    texts = []
    for corpus in corpora:
        with corpus.open(encoding="utf-8") as lines:
            texts += [json.loads(line)["text"] for line in lines]
    return texts


def speed(matcher: KnownValueMatcher, passages: Sequence[Passage], repeat: int) -> float:
    size = sum(len(passage.text.encode()) for passage in passages)
    seconds = []
    for _ in range(repeat):
        began = time.process_time()
        matcher.find_all(passages)
        seconds.append(time.process_time() - began)
    return size / statistics.median(seconds) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", type=Path, nargs="*")
    parser.add_argument("--people", choices=("seen", "held-out"), default="held-out")
    parser.add_argument("--names", type=Path, default=None)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--missed", action="store_true", help="print what was not found")
    parser.add_argument("--wrong", action="store_true", help="print what was found wrongly")
    arguments = parser.parse_args()

    people = subjects(SEEN if arguments.people == "seen" else HELD_OUT)
    everybody = thousand(people, arguments.names)
    persons = [one.person(f"r-{number}") for number, one in enumerate(everybody)]
    refs = [person.ref for person in persons[: len(people)]]
    matchers: dict[str, KnownValueMatcher] = {}
    for label, some in (("6 people", persons[:6]), ("1,000 people", persons)):
        began = time.process_time()
        matchers[label] = KnownValueMatcher(some)
        matchers[label].find(Passage("a"))
        print(f"{label}: ready after {time.process_time() - began:.2f} CPU s")

    result, missed = measure(matchers["1,000 people"], people, refs)
    report(result, arguments.people)
    if arguments.missed:
        print("\n".join(missed))
    texts = background(arguments.corpora)
    if texts:
        anybodys = [Passage(text) for text in texts]
        owned = [
            Passage(text, own=frozenset({person.ref}))
            for text, person in zip(texts, cycle(persons), strict=False)
        ]
        print(f"\n{len(texts)} rows, {sum(map(len, texts)) / 1e6:.2f} million characters")
        for label, matcher in matchers.items():
            matcher.find_all(anybodys[:50])
            found = matcher.find_all(anybodys)
            wrong = [(text, spans) for text, spans in zip(texts, found, strict=True) if spans]
            print(
                f"{label}: {len(wrong)} rows with something wrong; "
                f"{speed(matcher, anybodys, arguments.repeat):.1f} MB/s, "
                f"in own rows {speed(matcher, owned, arguments.repeat):.1f} MB/s"
            )
            if arguments.wrong:
                for text, spans in wrong:
                    print([text[max(0, s.start - 20) : s.end + 20] for s in spans])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB")


def report(result: dict[tuple[str, str], list[bool]], label: str) -> None:
    values: dict[str, list[bool]] = defaultdict(list)
    for (value, _), matches in result.items():
        values[value] += matches
    every = [match for matches in values.values() for match in matches]
    kinds = len({kind for _, kind in result})
    print(f"{label}: {sum(every)} of {len(every)} forms found, {kinds} kinds: {mean(every)}")
    print(", ".join(f"{value} {mean(matches)}" for value, matches in values.items()))
    for (value, kind), matches in sorted(result.items()):
        if not all(matches):
            print(f"  {value:8} {kind:26} {sum(matches)}/{len(matches)}")


def mean(matches: Sequence[bool]) -> str:
    return f"{statistics.mean(matches):.3f}"


if __name__ == "__main__":
    main()

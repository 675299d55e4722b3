"""Examples to learn from: pieces of texts as people write them, and texts that tell no language."""

import csv
import gzip
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from random import Random

from lacuna.redaction.languages.letter_weights import NOTHING
from teller_training.texts import KnownText

__all__ = ["Examples", "NameSource"]

_PIECES = 0.6
_MOST_WORDS = 12
_PLAIN = 0.1
_NAMED = 0.35
_SIGNED = 0.4
# Of sources the square root of their size counts, so that the largest does not set the tone.
_SHARE = 0.5
_FEWEST_LETTERS = 4
_DIGRAPHS = str.maketrans(
    {"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l"}
)
_ENDS = (
    "com",
    "org",
    "net",
    "eu",
    "dk",
    "no",
    "se",
    "de",
    "nl",
    "fr",
    "es",
    "it",
    "pl",
    "fi",
    "pt",
)
_SAYS_NOTHING = (
    *("ok", "OK", "e-mail", "sms", "SMS", "pdf", "PDF", "ID", "iPhone", "iPad", "Samsung Galaxy"),
    *("PayPal", "Visa", "Mastercard", "Facebook", "Instagram", "Google", "Android", "Windows"),
    *("USB", "WiFi", "GmbH", "A/S", "AB", "Ltd", "AS", "SA", "Nr", "No", "Re:", "Fwd:", "www"),
)


class NameSource:
    """Names of people of everywhere, drawn the more often the more lists have them."""

    def __init__(self, data: Path) -> None:
        """Read `lists/names.tsv.gz`."""
        names: dict[str, list[str]] = defaultdict(list)
        weights: dict[str, list[int]] = defaultdict(list)
        with gzip.open(data / "lists" / "names.tsv.gz", "rt", encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                names[row["kind"]].append(row["name"])
                weights[row["kind"]].append(len(row["sources"].split(",")) ** 2)
        self._names = names
        self._weights = {kind: list(accumulate(some)) for kind, some in weights.items()}

    def name(self, rng: Random) -> str:
        """Return a given name, a surname or both, in any usual order."""
        given, surname = self.part("given", rng), self.part("surname", rng)
        forms = (given, surname, f"{surname}, {given}", *3 * (f"{given} {surname}",))
        return rng.choice(forms)

    def part(self, kind: str, rng: Random) -> str:
        """Return a name of a kind, `given` or `surname`."""
        return rng.choices(self._names[kind], cum_weights=self._weights[kind])[0]


class Examples:
    """Draws examples from texts and names."""

    def __init__(self, texts: Iterable[KnownText], names: NameSource, seed: int) -> None:
        """Take what is to be learnt of `texts`."""
        self._names = names
        self._rng = Random(seed)
        self._texts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for one in texts:
            if one.is_learnt and len(one.text) >= _FEWEST_LETTERS:
                self._texts[one.language][one.source].append(one.text)

    def of(self, language: str, count: int) -> Iterator[str]:
        """Yield examples of a language, or of NOTHING."""
        sources = list(self._texts[language].values())
        shares = [len(some) ** _SHARE for some in sources]
        for _ in range(count):
            if language == NOTHING:
                yield " ".join(self._nothing() for _ in range(self._rng.choice((1, 1, 1, 2, 3))))
            else:
                yield self._disguised(self._rng.choice(self._rng.choices(sources, shares)[0]))

    def _disguised(self, text: str) -> str:
        rng = self._rng
        words = text.split()
        if rng.random() < _PIECES:
            size = rng.randint(1, min(len(words), _MOST_WORDS))
            start = rng.randint(0, len(words) - size)
            words = words[start : start + size]
        if rng.random() < _PLAIN:
            words = [_plain(" ".join(words), rng)]
        if len(words) > 1 and rng.random() < _NAMED:
            at = len(words) if rng.random() < _SIGNED else rng.randint(0, len(words))
            words.insert(at, self._nothing())
        return " ".join(words)

    def _nothing(self) -> str:
        """Return a text that any language may have in it: mostly a name."""
        rng = self._rng
        chance = rng.random()
        given, surname = (self._names.part(kind, rng).lower() for kind in ("given", "surname"))
        if chance < 0.15:
            return f"{given}.{surname}@{rng.choice(('mail', 'post', 'inbox'))}.{rng.choice(_ENDS)}"
        if chance < 0.2:
            return f"https://www.{surname}.{rng.choice(_ENDS)}/{given}"
        if chance < 0.25:
            letters = "".join(rng.choices("ABCDEFGHJKLMNPRSTUVWXZ", k=rng.randint(2, 4)))
            return f"{letters}-{rng.randint(100, 99999)}"
        if chance < 0.3:
            return str(rng.randint(1, 99999999))
        return rng.choice(_SAYS_NOTHING) if chance < 0.4 else self._names.name(rng)


def _plain(text: str, rng: Random) -> str:
    """Return a text as it is written without a keyboard for its language."""
    if rng.random() < 0.3:
        text = text.translate(_DIGRAPHS)
    decomposed = unicodedata.normalize("NFD", text.replace("ł", "l").replace("ø", "o"))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))

"""Streets as they are written in full and in short, folded."""

from collections.abc import Iterator

# A line holds words that stand for one another; the first is the full one.
_WORDS = """
street st str
road rd
avenue ave av
lane ln
drive dr
court ct
square sq
place pl
boulevard blvd bvd bd boul
terrace ter tce
crescent cres
gardens gdns
grove grv
highway hwy
parkway pkwy
close cl
park pk
saint st sint
doctor dr
professor prof
burgemeester burg bgm
prins pr
prinses pr
sondre sdr
norre nr
oster o
vester v
ovre o
nedre n
north nth
first 1st
second 2nd
third 3rd
fourth 4th
fifth 5th
sixth 6th
seventh 7th
eighth 8th
ninth 9th
tenth 10th
eleventh 11th
twelfth 12th
mount mt
upper up upr
lower lr lwr
north n
south s
east e
west w
apartment apt app appt
number no nr num
strasse str
platz pl
weg w
straat str
laan ln
plein pln
steenweg stwg
gade gd g
vej v
alle all
gatan g
vagen v
rue r
chemin ch che
impasse imp
allee all
faubourg fg fbg
route rte
sainte ste
calle c cl
avenida avda av avd
plaza pza plza
paseo po pso
carretera ctra
ulica ul
aleja al
plac pl
osiedle os
via v
viale vle
piazza pza
corso cso
rua r
travessa tv
praca pc pca
largo lg
veien vn
gate gt
katu k
tie t
"""
_ENDINGS = """
strasse str
straat str
platz pl
gade g gd
gaden g
vej v
vejen v
veien vn
gate gt
vaenget vg
straede str
gatan g
gata g
vagen v
vaegen v
laan ln
plein pln
steenweg stwg
gracht gr
allee all
damm d
"""
# Words that may be left out before the name of a street.
_LEADING = frozenset(("ulica", "ul", "calle", "c", "via"))
# What may stand between the street and the number, and between the number and the street.
_BEFORE_NUMBER = """
no
nr
n
num
number
numero
nummer
at number
op nummer
en el numero
au numero
al numero
auf nummer
hausnummer
haus nr
i nummer
"""
_AFTER_NUMBER = """
on
in
in der
in de
i
"""


def _read(table: str) -> dict[str, tuple[str, ...]]:
    alike: dict[str, set[str]] = {}
    for line in table.strip().split("\n"):
        words = line.split()
        for word in words:
            alike.setdefault(word, set()).update(words)
    return {word: tuple(sorted(others)) for word, others in alike.items()}


_OTHER_WORDS = _read(_WORDS)
_SHORT_ENDINGS = sorted(
    ((line.split()[0], tuple(line.split()[1:])) for line in _ENDINGS.strip().split("\n")),
    key=lambda ending: -len(ending[0]),
)
_MOST = 24
_SHORTEST_STREET = 4


def street_spellings(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return a street as it is given, then in other spellings, few enough to search for.

    >>> [" ".join(words) for words in street_spellings(("main", "street", "5"))]
    ['main street 5', 'main st 5', 'main str 5']
    >>> [" ".join(words) for words in street_spellings(("hauptstrasse", "5"))]
    ['hauptstrasse 5', 'hauptstr 5']
    """
    found = [words]
    for index, word in enumerate(words):
        for other in _others(word):
            for form in list(found):
                if len(found) < _MOST and form[index : index + 1] == (word,):
                    found.append((*form[:index], other, *form[index + 1 :]))
    if words[0] in _LEADING and len(words) > 2:
        found.append(words[1:])
    return list(dict.fromkeys(found))


def is_street_word(word: str) -> bool:
    """Whether a folded word is one of those that every other street has: street, saint, upper."""
    return word in _OTHER_WORDS


def apart_from_number(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield a street whose number people tell apart from it.

    >>> [" ".join(words) for words in apart_from_number(("elm", "street", "5"))][:2]
    ['elm street no 5', 'elm street nr 5']
    """
    first, *_, last = words
    if last[0].isdigit() == first[0].isdigit():
        return
    street, number = (words[:-1], last) if last[0].isdigit() else (words[1:], first)
    if max(map(len, street)) < _SHORTEST_STREET:
        return
    for between in _BEFORE_NUMBER.strip().split("\n"):
        yield (*street, *between.split(), number)
    for between in _AFTER_NUMBER.strip().split("\n"):
        yield (number, *between.split(), *street)


def _others(word: str) -> Iterator[str]:
    for other in _OTHER_WORDS.get(word, ()):
        if other != word:
            yield other
    for ending, shorter in _SHORT_ENDINGS:
        stem = word.removesuffix(ending)
        if len(stem) > 2 and stem != word:
            for short in shorter:
                yield stem + short
            return
    for ending, shorter in _SHORT_ENDINGS:
        for short in shorter:
            stem = word.removesuffix(short)
            if len(short) > 2 and len(stem) > 2 and stem != word:
                yield stem + ending

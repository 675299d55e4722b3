"""Inflect person names for Polish and Finnish template slots.

    decline(name, part, sex, case, lang) -> str

part: 'given' | 'surname'   sex: 'f' | 'm'   lang: 'pl' | 'fi'
pl cases: nom gen dat acc ins loc voc
fi cases: nom gen par ine ela ill ade abl all ess tra
          (aliases: iness elat illat adess ablat allat ess transl partit)

Names are given in ordinary case ("Kowalska", "van Dijk", "Anna-Maija");
lower-case or upper-case the result afterwards.  Two more helpers:

    full(given, surname, sex, case, lang) -> "given surname" in that case
        (pl: both parts declined; fi: only the last one)
    elide(text_before, value, lang) -> text_before with the last word fitted
        to the following name (fr: de -> d', que -> qu'; es: y -> e, o -> u)

"""

__all__ = ["FI_CASES", "PL_CASES", "decline", "elide", "full"]

import re

# --------------------------------------------------------------------------
# Polish
# --------------------------------------------------------------------------

PL_CASES = ("nom", "gen", "dat", "acc", "ins", "loc", "voc")

_PARTICLES = {
    "van",
    "von",
    "der",
    "den",
    "de",
    "da",
    "do",
    "dos",
    "das",
    "di",
    "del",
    "della",
    "la",
    "le",
    "el",
    "al",
    "bin",
    "ibn",
    "ben",
    "abu",
    "ter",
    "ten",
    "zu",
    "af",
    "av",
    "y",
    "e",
    "st.",
    "o",
    "du",
    "des",
    "san",
    "dal",
    "lo",
    "bint",
    "ould",
    "ait",
    "aït",
}

# fleeting vowels and other irregular oblique stems (masculine)
_PL_STEM_M: dict[str, str] = {
    "Paweł": "Pawł",
    "Gaweł": "Gawł",
    "Aleksander": "Aleksandr",
    "Sylwester": "Sylwestr",
    "Kacper": "Kacpr",
    "Kasper": "Kaspr",
    "Majcher": "Majchr",
    "Majster": "Majstr",
    "Wróbel": "Wróbl",
    "Szczygieł": "Szczygł",
    "Engel": "Engl",
    "Nagel": "Nagl",
    "Hegel": "Hegl",
    "Vogel": "Vogl",
    "Stępień": "Stępń",
    "Kwiecień": "Kwietń",
    "Sierpień": "Sierpń",
    "Grudzień": "Grudń",
    "Gołąb": "Gołębi",
    "Mróz": "Mroz",
    "Sokół": "Sokoł",
    "Kozieł": "Kozł",
    "Orzeł": "Orł",
    "Kocioł": "Kotł",
    "Dziób": "Dziob",
    "Jastrząb": "Jastrzębi",
    "Karel": "Karl",
    "Pavel": "Pavl",
    "Petar": "Petr",
}
# -ek / -iec names that keep their vowel
_PL_KEEP_EK = {"Tarek", "Malek", "Abdelmalek", "Salek", "Derek", "Alek", "Peek"}

_PL_SILENT_E = {
    "Mike",
    "George",
    "Steve",
    "Dave",
    "Bruce",
    "Pierre",
    "Luke",
    "Jake",
    "Kyle",
    "Blake",
    "Jérôme",
    "Guillaume",
    "Philippe",
    "Maurice",
    "Antoine",
    "Étienne",
    "Alexandre",
    "Christophe",
    "Stéphane",
    "Baptiste",
    "Wayne",
    "Duke",
    "Pete",
    "Shane",
    "Dominique",
    "Maxime",
    "Jude",
    "Lawrence",
    "Terrence",
    "Prince",
    "Moore",
    "Lefebvre",
    "Lefèvre",
    "Wilde",
    "Clarke",
    "Cooke",
    "Boyle",
    "Doyle",
    "Rice",
    "Price",
    "Lacroix",
    "Joyce",
    "Stone",
    "Fabre",
    "Delacroix",
    "Rose",
    "Laurence",
    "Lamine",
    "Kane",
    "Pope",
}

_PL_ADJ_F = {
    "Czarna",
    "Biała",
    "Zimna",
    "Wolna",
    "Konieczna",
    "Leśna",
    "Mała",
    "Cicha",
    "Sucha",
    "Gruba",
    "Jasna",
    "Mocna",
    "Dobra",
    "Wesoła",
    "Złota",
    "Zielona",
    "Krzywa",
    "Sroga",
    "Polna",
    "Pilna",
    "Pokorna",
    "Wysoka",
    "Nowotna",
    "Bystra",
    "Pogodna",
    "Szczęsna",
    "Łysa",
}
_PL_OWA_NOUN = {"Głowa", "Krowa", "Dąbrowa", "Dubrowa", "Podkowa"}
# -o surnames of men declined like feminine nouns (Fredro -> Fredry)
_PL_O_FEM = {"Fredro", "Ziobro", "Jagiełło", "Domejko", "Sanguszko", "Hłasko"}

# native adjectival given names (Jerzy -> Jerzego)
_PL_ADJ_GIVEN = {
    "Jerzy",
    "Ignacy",
    "Ksawery",
    "Konstanty",
    "Walenty",
    "Cezary",
    "Hilary",
    "Wincenty",
    "Innocenty",
    "Alojzy",
    "Ambroży",
}
# surnames in consonant + y of English kind (Kennedy -> Kennedy'ego)
_PL_ENGLISH_Y = {
    "Kennedy",
    "Murphy",
    "Kelly",
    "Henry",
    "Barry",
    "Perry",
    "Terry",
    "Kenny",
    "Darby",
    "O'Grady",
    "Brady",
    "Percy",
}

_VOWELS_PL = set("aąeęioóuyáéíúöüäåøæàèùâêîôûăı")


def _soft_mutation(stem: str) -> str:
    """Stem before the -e ending of the dative/locative (Barbar- -> Barbarze)."""
    low = stem.lower()
    if low.endswith("th"):
        return stem[:-2] + "cie"
    if low.endswith("st"):
        return stem[:-2] + "ście"
    if low.endswith("zd"):
        return stem[:-2] + "ździe"
    if low.endswith("sł"):
        return stem[:-2] + "śle"
    if low.endswith("ch"):
        return stem[:-2] + "sze"
    last = low[-1]
    if last == "k":
        return stem[:-1] + "ce"
    if last == "g":
        return stem[:-1] + "dze"
    if last == "h":
        return stem[:-1] + "sze"
    if last == "r":
        return stem + "ze"
    if last == "ł":
        return stem[:-1] + "le"
    if last == "t":
        return stem[:-1] + "cie"
    if last == "d":
        return stem[:-1] + "dzie"
    return stem + "ie"


_PL_SOFT_END = (
    "l",
    "j",
    "cz",
    "sz",
    "rz",
    "ż",
    "c",
    "dz",
    "č",
    "š",
    "ž",
    "sh",
    "tz",
    "lz",
    "nz",
    "ş",
    "ç",
    "ć",
    "ś",
    "ź",
    "ń",
    "dż",
)


def _pl_noun_a(name: str, case: str, part: str) -> str:
    """Nouns in -a (women's and men's names): Anna, Kuba, Wrona."""
    if case == "nom":
        return name
    if case == "voc" and part == "surname":
        return name
    irregular = {"Gwiazda": "Gwieździe", "Luca": "Luce"}
    stem = name[:-1]
    low = stem.lower()
    if name == "Luca":
        return {
            "gen": "Luki",
            "dat": "Luce",
            "acc": "Lukę",
            "ins": "Luką",
            "loc": "Luce",
            "voc": "Luko",
        }[case]
    if case == "acc":
        return stem + "ę"
    if case == "ins":
        return stem + "ą"
    if part == "given" and low.endswith("c") and case != "voc":
        # foreign -ca with the sound k: Jessica, Bianca, Rebecca
        if case == "gen":
            return stem.rstrip("c") + "k" * (len(stem) - len(stem.rstrip("c"))) + "i"
        return stem + "e"
    # soft diminutives and soft-stem surnames in consonant + ia
    soft_i = False
    if low.endswith("i"):
        prev = low[:-1]
        if prev.endswith(("s", "c", "z", "dz", "ś")) and not prev.endswith(("cc", "ss")):
            soft_i = part == "surname" or len(name) <= 7
            if name in {
                "Garcia",
                "Alicia",
                "Patricia",
                "Felicia",
                "Lucia",
                "Letizia",
                "Anastazia",
                "Grazia",
                "Leticia",
                "Alesia",
                "Patrizia",
                "Murcia",
            }:
                soft_i = False
        elif prev.endswith("n"):
            soft_i = (
                part == "surname"
                or len(name) <= 5
                or name in {"Bronia", "Frania", "Gienia", "Stenia"}
            )
    if case == "voc":
        if low.endswith("i"):
            return stem + ("u" if soft_i else "o")
        if low.endswith("l") and not low.endswith("ll") and len(name) <= 4:
            return stem + "u"
        if low.endswith("j") and len(low) > 1 and low[-2] in _VOWELS_PL and len(name) <= 4:
            return stem + "u"
        return stem + "o"
    # gen, dat, loc
    if low.endswith("i"):
        return stem if soft_i else stem + "i"
    if low.endswith("j"):
        if len(low) > 1 and low[-2] in _VOWELS_PL:
            return stem[:-1] + "i"
        return stem + "i"
    if low[-1:] in _VOWELS_PL:
        return stem + "i"
    if low.endswith(("l", "ľ")):
        return stem + "i"
    if low.endswith(("ż", "sz", "cz", "rz", "dz", "sh", "č", "š", "ž", "ş", "ç")) or (
        low.endswith("c") and not low.endswith("cc")
    ):
        return stem + "y"
    if case == "gen":
        return stem + ("i" if low[-1] in "kgq" else "y")
    if name in irregular:
        return irregular[name]
    return _soft_mutation(stem)


def _pl_adj_f(name: str, case: str) -> str:
    stem = name[:-1]
    if case in ("nom", "voc"):
        return name
    if case in ("acc", "ins"):
        return stem + "ą"
    return stem + ("iej" if stem[-1].lower() in "kg" else "ej")


def _pl_adj_m(name: str, case: str) -> str:
    """Kowalski, Antoni, Jerzy, Czarny; also -e (Dante -> Dantego)."""
    if case in ("nom", "voc"):
        return name
    last = name[-1]
    if last == "i":
        stem = name[:-1] if name.lower().endswith(("li", "ji")) else name
        ego, emu, im = stem + "ego", stem + "emu", name + "m"
    elif last == "y":
        stem = name[:-1]
        ego = stem + ("iego" if stem[-1:] in "kg" else "ego")
        emu = stem + ("iemu" if stem[-1:] in "kg" else "emu")
        im = name + "m"
    else:  # -e
        ego, emu, im = name + "go", name + "mu", name + "m"
    return {"gen": ego, "acc": ego, "dat": emu, "ins": im, "loc": im}[case]


def _pl_cons_stem(name: str, part: str) -> str:
    """Oblique stem of a masculine name ending in a consonant."""
    if name in _PL_STEM_M:
        return _PL_STEM_M[name]
    low = name.lower()
    if (
        low.endswith("ek")
        and name not in _PL_KEEP_EK
        and len(name) > 3
        and low[-3] not in _VOWELS_PL - {"i"}
    ):
        if low.endswith("iek"):
            base = name[:-3]
            for a, b in (("dz", "dź"), ("c", "ć"), ("s", "ś"), ("n", "ń"), ("z", "ź")):
                if base.lower().endswith(a):
                    return base[: -len(a)] + b + "k"
            return base + "k"
        return name[:-2] + "k"
    if part == "surname" and low.endswith("ec") and len(name) > 4:
        if low.endswith("iec"):
            base = name[:-3]
            for a, b in (("n", "ń"), ("c", "ć"), ("s", "ś"), ("z", "ź")):
                if base.lower().endswith(a):
                    return base[:-1] + b + "c"
            return base + "c"
        if low.endswith("rzec"):
            return name[:-3] + "c"
        return name[:-2] + "c"
    if low.endswith("x"):
        return name[:-1] + "ks"
    return name


def _pl_masc_cons(
    name: str, case: str, part: str, stem: str | None = None, apostrophe: bool = False
) -> str:
    if case == "nom":
        return name
    if case == "voc" and part == "surname":
        return name
    if stem is None:
        stem = _pl_cons_stem(name, part)
    low = stem.lower()
    soften = {"ń": "ni", "ś": "si", "ć": "ci", "ź": "zi"}
    if low[-1] in soften:
        stem = stem[:-1] + soften[low[-1]]
        low = stem.lower()
        soft = True
    else:
        soft = low.endswith((*_PL_SOFT_END, "i", "y")) or low[-1] in "kgqh" or low[-1] in _VOWELS_PL
        if low.endswith("th"):
            soft = False
    if case in ("gen", "acc"):
        return stem + "a"
    if case == "dat":
        return stem + "owi"
    if case == "ins":
        if low.endswith("c") and part == "given":
            return stem[:-1] + "kiem"
        if low[-1] in "kgq":
            return stem + "iem"
        return stem + "em"
    # loc, voc
    if soft:
        return stem + "u"
    return _soft_mutation(stem)


def _pl_silent_e(name: str, case: str, part: str) -> str:
    if case == "nom" or (case == "voc" and part == "surname"):
        return name
    base = name[:-1]
    low = base.lower()
    if case in ("gen", "acc"):
        return name + "'a"
    if case == "dat":
        return name + "'owi"
    if case == "ins":
        return base + "iem" if low[-1] in "kg" and low[-1] == "k" else name + "'em"
    if low.endswith(("k", "g", "c", "l", "ch", "qu")):
        return name + "'u"
    return _soft_mutation(base)


def _pl_masc(name: str, case: str, part: str) -> str:
    low = name.lower()
    last = low[-1]
    if case == "nom":
        return name
    if last == "a":
        return _pl_noun_a(name, case, part)
    if last in "ąáéèêíóúãõăâîůűő" or low.endswith(("ão", "ou", "eau", "eaux", "oux", "ois", "oix")):
        return name
    if last in "uü":
        return name
    if last == "e":
        if name in _PL_SILENT_E:
            return _pl_silent_e(name, case, part)
        if low.endswith("ee"):
            return name
        return _pl_adj_m(name, case)
    if last == "i":
        if len(low) <= 2:
            return name
        if low.endswith("ii"):
            return _pl_masc_cons(name, case, part, name[:-1] + "j")
        return _pl_adj_m(name, case)
    if low.endswith(("skij", "ckij", "skyj", "ckyj")):
        return _pl_adj_m(name[:-2] + "i", case) if case != "voc" else name
    if last == "y":
        if len(low) > 1 and low[-2] in _VOWELS_PL:
            return _pl_masc_cons(name, case, part, name)
        if low.endswith(("sky", "cky")):
            return name if case == "voc" else _pl_adj_m(name[:-1] + "i", case)
        english = (part == "given" and name not in _PL_ADJ_GIVEN) or name in _PL_ENGLISH_Y
        if low.endswith("gy") and part == "surname":
            return (
                name
                if case == "voc"
                else {
                    "gen": name + "a",
                    "acc": name + "a",
                    "dat": name + "owi",
                    "ins": name + "em",
                    "loc": name + "u",
                }[case]
            )
        if english:
            if case == "voc":
                return name
            return {
                "gen": name + "'ego",
                "acc": name + "'ego",
                "dat": name + "'emu",
                "ins": name + "m",
                "loc": name + "m",
            }[case]
        return _pl_adj_m(name, case)
    if last == "o":
        if part == "surname" and (low.endswith(("ko", "ło")) or name in _PL_O_FEM):
            if case == "voc":
                return name
            if low.endswith("łło"):  # Jagiełło -> Jagiełły, Jagielle
                b = name[:-1]
                return {
                    "gen": b + "y",
                    "acc": b + "ę",
                    "ins": b + "ą",
                    "dat": b[:-2] + "lle",
                    "loc": b[:-2] + "lle",
                }[case]
            return _pl_noun_a(name[:-1] + "a", case, part)
        if part == "given" and name in {"Bruno", "Hugo", "Otto", "Iwo"}:
            stem = name + "n"
            if case == "voc":
                return name
            return _pl_masc_cons(name, case, part, stem)
        if case == "voc":
            return name
        stem = name[:-1]
        if stem.lower().endswith("c"):
            return {
                "gen": stem + "a",
                "acc": stem + "a",
                "dat": stem + "owi",
                "ins": stem[:-1] + "kiem",
                "loc": stem + "u",
            }[case]
        if stem.lower().endswith("x"):
            stem = stem[:-1] + "ks"
        if case == "loc" and stem.lower().endswith("z"):
            return stem + "ie"
        return _pl_masc_cons(name, case, part, stem)
    return _pl_masc_cons(name, case, part)


def _pl_fem(name: str, case: str, part: str) -> str:
    low = name.lower()
    if case == "nom":
        return name
    if part == "surname":
        if low.endswith(("skaja", "ckaja")):
            return _pl_adj_f(name[:-3] + "a", case) if case != "voc" else name
        if low.endswith(("ska", "cka", "dzka", "ská", "cká")) and len(low) > 4:
            return _pl_adj_f(name[:-1] + "a", case) if case != "voc" else name
        if (
            low.endswith(("ová", "ova", "owa", "ewa", "eva"))
            and len(low) > 5
            and name not in _PL_OWA_NOUN
        ):
            return _pl_adj_f(name, case)
        if name in _PL_ADJ_F:
            return _pl_adj_f(name, case)
    if low.endswith("a"):
        return _pl_noun_a(name, case, part)
    return name


def _decline_pl(name: str, part: str, sex: str, case: str) -> str:
    if case not in PL_CASES:
        raise ValueError(f"unknown Polish case {case!r}")
    out: list[str] = []
    tokens = re.split(r"([ -])", name)
    for i, tok in enumerate(tokens):
        particle = tok.lower() in _PARTICLES and i < len(tokens) - 1
        if tok in (" ", "-", "") or particle or tok.endswith((".", "'")):
            out.append(tok)
        elif sex == "f":
            out.append(_pl_fem(tok, case, part))
        else:
            out.append(_pl_masc(tok, case, part))
    return "".join(out)


# --------------------------------------------------------------------------
# Finnish
# --------------------------------------------------------------------------

FI_CASES = ("nom", "gen", "par", "ine", "ela", "ill", "ade", "abl", "all", "ess", "tra")
_FI_ALIAS = {
    "iness": "ine",
    "elat": "ela",
    "illat": "ill",
    "adess": "ade",
    "ablat": "abl",
    "allat": "all",
    "transl": "tra",
    "partit": "par",
    "part": "par",
}

# surnames (and last parts of compound surnames): nominative end ->
# (weak vowel stem, strong vowel stem, partitive)
_FI_WORDS: dict[str, tuple[str, str, str]] = {
    "lahti": ("lahde", "lahte", "lahtea"),
    "lehti": ("lehde", "lehte", "lehteä"),
    "niemi": ("nieme", "nieme", "niemeä"),
    "järvi": ("järve", "järve", "järveä"),
    "koski": ("koske", "koske", "koskea"),
    "mäki": ("mäe", "mäke", "mäkeä"),
    "joki": ("joe", "joke", "jokea"),
    "saari": ("saare", "saare", "saarta"),
    "vuori": ("vuore", "vuore", "vuorta"),
    "salmi": ("salme", "salme", "salmea"),
    "kivi": ("kive", "kive", "kiveä"),
    "lampi": ("lamme", "lampe", "lampea"),
    "nurmi": ("nurme", "nurme", "nurmea"),
    "tuomi": ("tuome", "tuome", "tuomea"),
    "suomi": ("suome", "suome", "suomea"),
    "hirvi": ("hirve", "hirve", "hirveä"),
    "kuusi": ("kuuse", "kuuse", "kuusta"),
    "korpi": ("korve", "korpe", "korpea"),
    "talvi": ("talve", "talve", "talvea"),
    "honki": ("honge", "honke", "honkaa"),
    "ranta": ("ranna", "ranta", "rantaa"),
    "kanta": ("kanna", "kanta", "kantaa"),
    "silta": ("silla", "silta", "siltaa"),
    "virta": ("virra", "virta", "virtaa"),
    "kulta": ("kulla", "kulta", "kultaa"),
    "huhta": ("huhda", "huhta", "huhtaa"),
    "hauta": ("hauda", "hauta", "hautaa"),
    "haapa": ("haava", "haapa", "haapaa"),
    "tupa": ("tuva", "tupa", "tupaa"),
    "honka": ("honga", "honka", "honkaa"),
    "lanka": ("langa", "lanka", "lankaa"),
    "pelto": ("pello", "pelto", "peltoa"),
    "aalto": ("aallo", "aalto", "aaltoa"),
    "lehto": ("lehdo", "lehto", "lehtoa"),
    "luoto": ("luodo", "luoto", "luotoa"),
    "kumpu": ("kummu", "kumpu", "kumpua"),
    "aitta": ("aita", "aitta", "aittaa"),
    "kangas": ("kankaa", "kankaa", "kangasta"),
    "laine": ("lainee", "lainee", "lainetta"),
    "rinne": ("rintee", "rintee", "rinnettä"),
    "helle": ("heltee", "heltee", "hellettä"),
    "rauta": ("rauda", "rauta", "rautaa"),
    "taival": ("taipale", "taipale", "taivalta"),
    "taipale": ("taipalee", "taipalee", "taipaletta"),
}
# given names with a stem of their own
_FI_GIVEN: dict[str, tuple[str, str, str]] = {
    "Satu": ("Sadu", "Satu", "Satua"),
    "Iris": ("Irikse", "Irikse", "Iristä"),
    "Rauha": ("Rauha", "Rauha", "Rauhaa"),
}
_FI_KS_AS = {
    "Tuomas",
    "Joonas",
    "Jonas",
    "Lukas",
    "Luukas",
    "Niklas",
    "Niilas",
    "Juudas",
    "Kallas",
}
_FI_KS_ES = {"Johannes", "Hannes", "Mooses", "Herkules"}

_FI_VOWELS = set("aeiouyäöåáéíóúàèâêîôûüøæãõăëïı")


def _fi_front(name: str) -> bool:
    """True if the endings have front vowels."""
    low = name.lower()
    if len(low) > 2 and low[-1] == "y" and low[-2] not in _FI_VOWELS:
        body = low[:-1]  # Harry, Jenny: y stands for i
        if any(c in "äöü" for c in low):
            body = low
    else:
        body = low
    for i in range(len(body) - 1, -1, -1):
        c = body[i]
        if c in "aouåáóúàâôûãõă":
            return False
        if c in "äöüøæ":
            return True
        if c == "y":
            near = body[max(0, i - 1) : i] + body[i + 1 : i + 2]
            if any(v in "aeiouıé" for v in near):
                continue  # Ayşe, Yusuf, Nguyen: a consonant
            return True
    return True


def _fi_native(name: str) -> bool:
    return not re.search(r"[bcfgqwxzåšžćčđğşçøæ]|d(?![aeiouyäö])|^[bdfgcz]", name.lower())


def _fi_parts(name: str, part: str) -> tuple[str, str, str | None, bool]:
    """Return the weak stem, the strong stem, a partitive or None, and whether vowels are front."""
    low = name.lower()
    if part == "surname":
        best = ""
        for w in _FI_WORDS:
            if low.endswith(w) and len(w) > len(best):
                best = w
        if best:
            head = name[: len(name) - len(best)]
            weak, strong, par = _FI_WORDS[best]
            if not head:
                weak, strong, par = (weak.capitalize(), strong.capitalize(), par.capitalize())
            return head + weak, head + strong, head + par, _fi_front(best)
    elif name in _FI_GIVEN:
        weak, strong, par = _FI_GIVEN[name]
        return weak, strong, par, _fi_front(name)
    front = _fi_front(name)
    a = "ä" if front else "a"
    if low.endswith("nen") and len(low) > 4:
        stem = name[:-3] + "se"
        return stem, stem, name[:-3] + "st" + a, front
    last = low[-1]
    if last not in _FI_VOWELS:
        if low.endswith("us") and len(low) > 3 and low[-3] not in "ao":
            stem = name[:-1] + "kse"
            return stem, stem, name + "t" + a, front
        if (
            (low.endswith("ias") and len(low) > 4)
            or name in _FI_KS_AS
            or low == "andreas"
            or name in _FI_KS_ES
        ):
            stem = name[:-1] + "kse"
            return stem, stem, name + "t" + a, front
        stem = name + "i"
        return stem, stem, stem + a, front
    # vowels; quantitative gradation in native-looking names
    strong = weak = name
    m = re.search(r"(kk|pp|tt)([aäioöuy])$", low)
    if m and _fi_native(name) and low not in ("loretta",):
        weak = name[:-2] + name[-1]
    return weak, strong, None, front


def _decline_fi_word(name: str, part: str, case: str) -> str:
    if case == "nom":
        return name
    low = name.lower()
    if low.endswith(("ois", "oix")) and part == "surname":
        # final [wa], silent consonant: apostrophe
        return (
            name
            + "'"
            + {
                "gen": "n",
                "par": "ta",
                "ine": "ssa",
                "ela": "sta",
                "ill": "han",
                "ade": "lla",
                "abl": "lta",
                "all": "lle",
                "ess": "na",
                "tra": "ksi",
            }[case]
        )
    weak, strong, par, front = _fi_parts(name, part)
    a = "ä" if front else "a"
    slow = strong.lower()
    long_end = len(slow) > 1 and (
        (slow[-1] == slow[-2] and slow[-1] in _FI_VOWELS)
        or slow.endswith(
            ("uo", "yö", "ai", "ei", "oi", "ui", "au", "ou", "äi", "öi", "ay", "ey", "oy")
        )
    )
    if case == "gen":
        return weak + "n"
    if case == "par":
        if par is not None:
            return par
        if long_end:
            return strong + "t" + a
        if (
            re.search(r"[^aeiouyäö]i[oö]$", slow)
            and len(re.findall(r"[aeiouyäö]+", slow[:-2])) >= 1
        ):
            return strong + "t" + a
        return strong + a
    if case == "ine":
        return weak + "ss" + a
    if case == "ela":
        return weak + "st" + a
    if case == "ade":
        return weak + "ll" + a
    if case == "abl":
        return weak + "lt" + a
    if case == "all":
        return weak + "lle"
    if case == "tra":
        return weak + "ksi"
    if case == "ess":
        return strong + "n" + a
    # illative
    if slow.endswith("eau"):
        return strong + "hon"
    if low.endswith(("kangas", "laine", "taipale", "rinne", "helle")) and part == "surname":
        return strong + "seen"
    if long_end:
        v = slow[-1]
        if v == "y":
            v = "i"
        return strong + "h" + v + "n"
    v = slow[-1]
    if v == "y" and not front:
        v = "y"
    v = {"é": "e", "á": "a", "í": "i", "ó": "o", "ú": "u"}.get(v, v)
    return strong + v + "n"


def _decline_fi(name: str, part: str, case: str) -> str:
    case = _FI_ALIAS.get(case, case)
    if case not in FI_CASES:
        raise ValueError(f"unknown Finnish case {case!r}")
    m = re.match(r"^(.*[ -])?([^ -]+)$", name)
    if not m:
        return name
    return (m.group(1) or "") + _decline_fi_word(m.group(2), part, case)


# --------------------------------------------------------------------------
# public
# --------------------------------------------------------------------------


def decline(name: str, part: str, sex: str, case: str, lang: str) -> str:
    """Return *name* in *case*; unknown languages return it unchanged."""
    if not name or case in ("", "nom"):
        return name
    if lang == "pl":
        return _decline_pl(name, part, sex, case)
    if lang == "fi":
        return _decline_fi(name, part, case)
    return name


def full(given: str, surname: str, sex: str, case: str, lang: str) -> str:
    """Given name + surname in *case* (Finnish inflects the last part only)."""
    if lang == "fi":
        return given + " " + decline(surname, "surname", sex, case, lang)
    return (
        decline(given, "given", sex, case, lang)
        + " "
        + decline(surname, "surname", sex, case, lang)
    )


_FR_ELIDE = {
    "de": "d'",
    "que": "qu'",
    "jusque": "jusqu'",
    "puisque": "puisqu'",
    "lorsque": "lorsqu'",
}
# French names whose h is aspirated, or y consonantal: no elision
_FR_ASPIRE = re.compile(
    r"^(y(?![bcdfgklmnprstvz])|ha(?!b)|he(?!l|n|r|c|d)|ho(?!n)|hu(?!b|gu|m)|w)", re.I
)


def elide(before: str, value: str, lang: str) -> str:
    """Fit the word before a name to the name: "de " + "Alain" -> "d'"."""
    if not value:
        return before
    first = value[0].lower()
    if lang == "fr":
        m = re.search(r"(?<![\w'’-])(de|que|jusque|puisque|lorsque) $", before, re.I)
        if m and (first in "aàâeéèêëiîïoôuhyœæ") and not _FR_ASPIRE.match(value):
            word = m.group(1)
            el = _FR_ELIDE[word.lower()]
            if word.isupper() and len(word) > 1:
                el = el.upper()
            elif word[0].isupper():
                el = el.capitalize()
            return before[: m.start()] + el
    elif lang == "es":
        low = value.lower()
        if re.match(r"^(i|í|hi(?![aeo]))", low):
            return re.sub(r"(?<!\w)y $", "e ", before)
        if re.match(r"^h?[oó]", low):
            return re.sub(r"(?<!\w)o $", "u ", before)
    return before

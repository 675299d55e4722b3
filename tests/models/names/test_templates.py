"""Templates are filled with people, and what is a person's name in them is marked."""

import csv
from pathlib import Path
from random import Random

import pytest

from finder_training import inflection
from finder_training.templates import Template, Weaver, read_templates

TEMPLATES = Path(__file__).parents[3] / "models" / "names" / "templates"
with (Path(__file__).parent / "inflections.tsv").open(encoding="utf-8") as _file:
    INFLECTIONS = list(csv.DictReader(_file, delimiter="\t"))


class _OneName:
    """Lists of one person, to see where her name goes."""

    def full(self, lang, rng):
        return "Ada", "Nowak"

    def one(self, kind, origin, rng):
        return "Meier"


def _filled(lang, text, register="neutral", kind="running"):
    return Weaver(_OneName(), Random(1)).fill(Template(lang, text, register, kind))


def _marked(sentence):
    return [(sentence.text[start:end], kind) for start, end, kind in sentence.marks]


@pytest.mark.parametrize("row", INFLECTIONS, ids=lambda row: f"{row['name']}-{row['case']}")
def test_a_name_is_inflected(row):
    made = inflection.decline(row["name"], row["part"], row["sex"], row["case"], row["lang"])
    assert made == row["form"]


@pytest.mark.parametrize(
    ("before", "name", "lang", "after"),
    [
        ("le dossier de ", "Alain", "fr", "le dossier d'"),
        ("le dossier de ", "Hassan", "fr", "le dossier de "),
        ("avec Paul et que ", "Inès", "fr", "avec Paul et qu'"),
        ("Luis y ", "Irene", "es", "Luis e "),
        ("Luis o ", "Óscar", "es", "Luis u "),
    ],
)
def test_the_word_before_a_name_is_fitted_to_it(before, name, lang, after):
    assert inflection.elide(before, name, lang) == after


def test_a_genitive_ending_behind_an_apostrophe_is_no_part_of_the_name():
    assert _marked(_filled("en", "{surname:gen} parcel")) == [("Nowak", "PER")]
    assert _marked(_filled("de", "{surname:gen} Paket")) == [("Nowaks", "PER")]


def test_slots_of_one_name_are_one_mark():
    made = _filled("pt", "Falei com {given} da {surname}.")
    assert _marked(made) == [("Ada da Nowak", "PER")]
    assert len(_filled("pt", "Falei com {given} e {surname2}.").marks) == 2


def test_a_case_is_put_into_its_slot():
    made = _filled("pl", "Paczka dla {name:gen:m}.")
    assert _marked(made) == [("Ady Nowaka", "PER")]


def test_lower_case_templates_lower_their_fillings():
    assert _filled("en", "ask {given} pls", register="lower").text == "ask ada pls"


def test_no_template_without_people_marks_one():
    templates = [one for one in read_templates(TEMPLATES) if one.kind == "negative"]
    weaver = Weaver(_OneName(), Random(1))
    assert len(templates) > 500
    assert not [one for one in templates if weaver.fill(one).has_person]


def test_all_other_templates_mark_a_person():
    templates = [one for one in read_templates(TEMPLATES) if one.kind != "negative"]
    weaver = Weaver(_OneName(), Random(1))
    assert len(templates) > 2000
    assert not [one.text for one in templates if not weaver.fill(one).has_person]

"""What the weights that tell languages apart are learnt from, and that they are learnt."""

import gzip
import json
import zipfile
from io import BytesIO
from random import Random

import numpy as np
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from lacuna.redaction.languages.letter_weights import NOTHING, LetterWeights
from teller_training.examples import Examples, NameSource
from teller_training.fitting import Fitting, fitted
from teller_training.texts import KnownText, known_texts

NAMES = "name\tkind\tlanguages\tsources\nAda\tgiven\ten\tone,two\nNowak\tsurname\tpl\tone\n"


@pytest.fixture
def data(tmp_path):
    for folder in ("unlabelled", "gold", "lists", "templates", "catalogs"):
        (tmp_path / folder).mkdir()
    with gzip.open(tmp_path / "lists" / "names.tsv.gz", "wt", encoding="utf-8") as file:
        file.write(NAMES)
    return tmp_path


def _write(path, rows):
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(row)}\n" for row in rows)


def _known(data):
    texts = known_texts(data, data / "catalogs", data / "templates")
    return [one for one in texts if one.source != "translations"]


def test_a_third_is_held_out_wherever_a_sentence_stands(data):
    rows = [{"lang": "da", "text": f"sætning {n}", "source": "common-voice"} for n in range(300)]
    marked = [row | {"source": "danplus-arto"} for row in rows]
    _write(data / "unlabelled" / "da.jsonl.gz", rows)
    _write(data / "gold" / "da.danplus-arto.dev.jsonl.gz", marked)
    texts = _known(data)
    measured = {one.text for one in texts if one.is_measured}
    learnt = {one.text for one in texts if one.is_learnt}
    assert measured.isdisjoint(learnt)
    assert len(measured | learnt) == 300
    assert 80 < len(measured) < 120
    assert all(one.is_learnt != (one.text in measured) for one in texts)


def test_texts_that_must_be_shared_alike_are_measured_on_and_not_learnt_from(data):
    rows = [{"lang": "nn", "text": f"setning {n}", "source": "ud-nynorsk"} for n in range(100)]
    _write(data / "unlabelled" / "nn.jsonl.gz", rows)
    _write(data / "gold" / "nn.norne.train.jsonl.gz", [row | {"source": "norne"} for row in rows])
    texts = _known(data)
    assert {(one.language, one.source, one.is_learnt) for one in texts} == {
        ("nb", "ud-nynorsk", False)
    }
    assert any(one.is_measured for one in texts)


def test_messages_of_catalogs_are_learnt_without_what_is_filled_in(data):
    catalog, file = Catalog(locale="nb"), BytesIO()
    catalog.add("Order", "Ordre")
    catalog.add("Hello", "Hei %(name)s, <b>ordren</b> {number} er sendt!")
    write_mo(file, catalog)
    for name in ("locale/nb/LC_MESSAGES/django.mo", "locale/hu/LC_MESSAGES/django.mo"):
        with zipfile.ZipFile(data / "catalogs" / "shop.whl", "a") as wheel:
            wheel.writestr(f"shop/{name}", file.getvalue())
    (text,) = _known(data)
    assert (text.language, text.text, text.is_learnt) == ("nb", "Hei, ordren er sendt!", True)


def test_examples_are_drawn_from_what_is_learnt_alone_and_alike_from_one_seed(data):
    texts = [
        KnownText("da", "a", "ja tak", is_learnt=True, is_measured=False),
        KnownText("da", "a", "nej nej", is_learnt=False, is_measured=True),
    ]
    names = NameSource(data)
    drawn = [list(Examples(texts, names, 3).of("da", 200)) for _ in range(2)]
    assert drawn[0] == drawn[1]
    words = {word for text in drawn[0] for word in text.split()}
    assert {"ja", "tak", "Ada", "Nowak"} <= words
    assert "nej" not in words
    nothing = list(Examples([], names, 3).of(NOTHING, 200))
    assert any("Ada Nowak" in text for text in nothing)
    assert any(text.isdecimal() for text in nothing)


def test_weights_fitted_to_examples_tell_them_apart():
    rng = Random(1)
    words = (("jeg", "ikke", "hvor", "pakke"), ("where", "parcel", "the", "not"))
    texts = [" ".join(rng.choices(words[n % 2], k=3)) for n in range(600)]
    labels = np.array([n % 2 for n in range(600)])
    one, other = (fitted(texts, labels, Fitting(epochs=3, seed=5)) for _ in range(2))
    assert all((one[name] == other[name]).all() for name in one)
    weights = LetterWeights(one | {"languages": np.array(["nb", "en"])})
    scores = weights.scores(["ikke pakke", "the parcel"])
    assert scores.argmax(axis=1).tolist() == [0, 1]

"""The fast name finder finds the tokens and names that spaCy itself finds."""

import importlib
import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from spacy.language import Language

from lacuna.redaction.analysis.models import SpacyNames, loaded
from lacuna.redaction.fast.named_spans import NameFinder
from lacuna.redaction.fast.token_tables import TableLimits
from lacuna.redaction.options import DEFAULT_MODEL
from tests.redaction.name_finders import read

fast_names = pytest.importorskip("lacuna.redaction.fast.name_finder")

SENTENCES = (
    "Hello, my name is Margaret Thornton and I ordered a lamp last week.",
    "Peter O'Connor-Smith (of Acme Ltd.) didn't pay $1,200.50 on 3 May 2021!",
    "I'm gonna call Mr. Novak in St. Petersburg, e.g. at 10:30 p.m. :-)",
    "Where's the U.S. office? We'll go to New York City,Boston and L.A.",
    "Kære Søren, jeg bor på Nørrebrogade 12, 2. tv, 2200 København N.",
    "Sehr geehrte Frau Müller-Lüdenscheidt, bitte rufen Sie Herrn Weiß an.",
    "J'habite à Paris. L'été dernier, M. Dupont m'a écrit.",
    "  two  spaces\tand a tab\n\nand lines \r\n end  ",
    "https://example.org/a?b=c&d=e mail: ada.lovelace@example.org,bob@example.org",
    "word... word?! \"quoted\" 'single' “curly” (parens) [brackets] {braces}",
    "a.b.c x/y and/or 3kg 20°C 50% 1st 2nd #tag @handle C++ .NET",
    "\u200bzero\u00adwidth\ufeff and nbsp\u00a0here\u3000there\u2009thin",
    "ÅRE ØST Éva straße ŁÓDŹ İstanbul ﬁn ½ ٣٤٥ 日本語 العربية Ελληνικά",
    "🎉 party 👩‍👩‍👧 flags 🇩🇰 ok",
    "Can't won't shouldn't've y'all o'clock rock'n'roll DATE GPE nsubj",
    "I. II. A. B.C. e.g. i.e. etc. vs. approx. No. 5 Fig. 3",
    "McDonald iPhone eBay IBM USA NATO Hello. HELLO. hello, 42. 42, 4711!",
)


@pytest.fixture(scope="module")
def nlp() -> Language:
    return loaded(DEFAULT_MODEL)


@pytest.fixture(scope="module")
def fast(nlp: Language) -> NameFinder:
    finder: NameFinder = fast_names.FastNames(nlp)
    return finder


def test_plain_words_are_known_without_spacy(fast: NameFinder) -> None:
    assert fast._plain.usable  # type: ignore[attr-defined]


def test_written_sentences_are_read_as_by_spacy(nlp: Language, fast: NameFinder) -> None:
    expected = read(SpacyNames(nlp), SENTENCES)
    assert read(fast, SENTENCES) == expected
    assert sum(len(names) for _, names in expected) > 25


def test_the_vectors_need_not_be_loaded_if_their_rows_are_kept(
    nlp: Language, tmp_path: Path
) -> None:
    rows = importlib.import_module("lacuna.redaction.fast.word_rows")
    light = loaded(DEFAULT_MODEL, vectors=False)
    assert not light.vocab.vectors.size
    for _ in range(2):
        finder = fast_names.FastNames(
            light,
            words=lambda made_of: rows.kept_rows(
                tmp_path, "model", lambda: rows.rows_of(nlp.vocab.vectors, made_of)
            ),
        )
        assert finder._plain.usable
        assert read(finder, SENTENCES) == read(SpacyNames(nlp), SENTENCES)


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n", "   ", "x" * 20_000, "ab " * 5_000, "\n" * 3_000, "a.b-c/d" * 500, "'s 's's"],
    ids=["none", "space", "line", "spaces", "long word", "words", "lines", "infixes", "suffixes"],
)
def test_odd_texts_are_read_as_by_spacy(nlp: Language, fast: NameFinder, text: str) -> None:
    assert read(fast, [text, "", text]) == read(SpacyNames(nlp), [text, "", text])


_WORDS = st.one_of(
    st.sampled_from([word for text in SENTENCES for word in text.split(" ")]),
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.text("abcdeXYZ.,'’-()0123/:@", max_size=10),
)
_BLANKS = st.sampled_from([" ", " ", " ", "  ", "\n", "\t", "\u00a0", "", ", ", ". "])
_TEXTS = st.lists(st.tuples(_WORDS, _BLANKS), max_size=25).map(
    lambda parts: "".join(word + blank for word, blank in parts)
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_TEXTS, min_size=1, max_size=4))
def test_any_text_is_read_as_by_spacy(nlp: Language, fast: NameFinder, texts: list[str]) -> None:
    assume(not any(cuts_by_neighbors(nlp, text) for text in texts))
    assert read(fast, texts) == read(SpacyNames(nlp), texts)


def cuts_by_neighbors(nlp: Language, text: str) -> bool:
    """Whether spaCy cuts a word of a text otherwise than the word alone."""
    by_word = [
        (word.start() + token.idx, token.text)
        for word in re.finditer(r"\S+", text)
        for token in nlp.tokenizer(word[0])
    ]
    return by_word != [
        (token.idx, token.text) for token in nlp.tokenizer(text) if not token.is_space
    ]


def test_a_word_that_spacy_cuts_by_its_neighbors_is_cut_as_it_is_alone(
    nlp: Language, fast: NameFinder
) -> None:
    """After a lone apostrophe spaCy does not put `'d` together again before two marks."""
    text = "' 'd::"
    assert cuts_by_neighbors(nlp, text)
    ((tokens, _),) = read(fast, [text])
    assert [text[start:end] for start, end in tokens] == ["'", "'d", ":", ":"]
    assert not cuts_by_neighbors(nlp, "x 'd::")


@pytest.mark.thorough
def test_what_is_found_hangs_on_no_neighbor_no_batch_and_no_limit(
    nlp: Language, fast: NameFinder
) -> None:
    draw = random.Random(3)
    texts = [" ".join(draw.sample(SENTENCES, draw.randint(1, 6))) for _ in range(120)]
    expected = dict(zip(texts, read(SpacyNames(nlp), texts), strict=True))
    tiny = fast_names.FastNames(nlp, limits=TableLimits(types=50, chunks=60, characters=300))
    for finder in (fast, tiny):
        for size in (1, 7, 120):
            draw.shuffle(texts)
            for at in range(0, len(texts), size):
                batch = texts[at : at + size]
                assert read(finder, batch) == [expected[text] for text in batch]


def test_a_table_over_its_limit_is_cleared_whole(nlp: Language) -> None:
    finder = fast_names.FastNames(
        nlp, limits=TableLimits(types=200, chunks=1 << 18, characters=1 << 22)
    )
    sizes = []
    for number in range(40):
        finder.find([" ".join(f"zq{number}x{i}" for i in range(40))])
        sizes.append(finder._types.size)
    assert max(sizes) <= 200 + min(sizes)
    assert sizes.count(min(sizes)) > 3


def test_new_words_do_not_stay_in_spacys_vocabulary(nlp: Language, fast: NameFinder) -> None:
    fast.find(["warm up"])
    before = len(nlp.vocab.strings), sum(1 for _ in nlp.vocab)
    fast.find([" ".join(f"zq-{number}xv/y" for number in range(2_000))])
    after = len(nlp.vocab.strings), sum(1 for _ in nlp.vocab)
    assert after[0] - before[0] < 50
    assert after[1] - before[1] < 50
    # The getters that were put aside for them are back: a word of later has all its attributes.
    assert nlp.vocab["zqxnewword"].is_alpha


def test_another_network_is_refused(nlp: Language) -> None:
    from spacy.lang.en import English

    from lacuna.redaction.fast.network import OtherArchitecture, network_of

    blank = English()
    blank.add_pipe("ner", config={"model": {"hidden_width": 32}})
    blank.get_pipe("ner").add_label("PERSON")  # type: ignore[attr-defined]
    blank.initialize()
    with pytest.raises(OtherArchitecture):
        network_of(blank)

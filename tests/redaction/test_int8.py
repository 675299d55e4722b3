"""The opt-in `int8`: nearly the same names, the same in every batch, or a refusal."""

import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import resources

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.language import Language

from pipelines.errors import ConfigurationError, RedactionFailed
from pipelines.redaction import EngineOptions, Profile, compiling, engine_parts, options
from pipelines.redaction.analyzer import shared_analyzer
from pipelines.redaction.found import NameFinder
from pipelines.redaction.ner import SpacyNames, loaded
from pipelines.redaction.options import DEFAULT_MODEL
from pipelines.redaction.tables import Limits
from tests.redaction.name_finders import read

int8_names = pytest.importorskip("pipelines.redaction.int8_names")
fast_names = pytest.importorskip("pipelines.redaction.fast_names")
from pipelines.redaction import int8_graph, int8_scales  # noqa: E402
from pipelines.redaction.int8_graph import Dense, Weights  # noqa: E402

pytestmark = pytest.mark.starts

SENTENCES = (
    "Hello, my name is Margaret Thornton and I ordered a lamp last week.",
    "Peter O'Connor-Smith (of Acme Ltd.) didn't pay $1,200.50 on 3 May 2021!",
    "I'm gonna call Mr. Novak in St. Petersburg, e.g. at 10:30 p.m. :-)",
    "We'll go to New York City, Boston and L.A. with Grace Hopper.",
    "Kære Søren, jeg bor på Nørrebrogade 12, 2. tv, 2200 København N.",
    "J'habite à Paris. L'été dernier, M. Dupont m'a écrit.",
    "  two  spaces\tand a tab\n\nand lines \r\n end  ",
    "\u200bzero\u00adwidth\ufeff and nbsp\u00a0here\u3000there 🎉 日本語",
    "word... word?! \"quoted\" 'single' “curly” (parens) [brackets] {braces}",
    "Mail ada.lovelace@example.org, call 212-555-5555, IBAN GB29 NWBK 6016 1331 9268 19.",
    "IBM, NATO and Ada Lovelace met in London on Tuesday; Bo Berg did not.",
)


@pytest.fixture(scope="module")
def nlp() -> Language:
    return loaded(DEFAULT_MODEL)


@pytest.fixture(scope="module")
def finder(nlp: Language) -> NameFinder:
    made: NameFinder = int8_names.Int8Names(nlp)
    return made


@pytest.fixture(scope="module")
def texts() -> list[str]:
    draw = random.Random(3)
    return [" ".join(draw.sample(SENTENCES, draw.randint(1, 5))) for _ in range(60)]


def rows_of(finder: NameFinder, texts: Sequence[str]) -> dict[str, bytes]:
    """Return every bit that the network computed for each text: rows of the last layer, scores."""
    work, scored = finder._work, []  # type: ignore[attr-defined]
    score = finder._score_outside  # type: ignore[attr-defined]

    def noted(start: int, count: int, given: object) -> None:
        score(start, count, given)
        scored.append(finder._work.scores[:count].copy())  # type: ignore[attr-defined]

    finder._score_outside = noted  # type: ignore[attr-defined]
    try:
        bounds = finder.find(texts).first_token.tolist()
    finally:
        del finder._score_outside  # type: ignore[attr-defined]
    work = finder._work  # type: ignore[attr-defined]
    scores = np.concatenate(scored) if scored else np.zeros((0, 1), np.float32)
    return {
        text: work.last[first:last].tobytes() + scores[first:last].tobytes()
        for text, first, last in zip(texts, bounds, bounds[1:], strict=False)
    }


# --- what is found --------------------------------------------------------------------------------


def test_the_tokens_are_spacys_and_nearly_all_names(
    nlp: Language, finder: NameFinder, texts: list[str]
) -> None:
    expected, got = read(SpacyNames(nlp), texts), read(finder, texts)
    assert [tokens for tokens, _ in got] == [tokens for tokens, _ in expected]
    pairs = zip(got, expected, strict=True)
    both = sum(len(set(ours) & set(theirs)) for (_, ours), (_, theirs) in pairs)
    marked = sum(len(names) for _, names in expected)
    assert marked > 200
    assert both >= 0.98 * marked
    assert sum(len(names) for _, names in got) <= 1.02 * marked


def test_a_text_has_the_same_bits_in_every_batch_and_with_every_memory(
    nlp: Language, finder: NameFinder, texts: list[str]
) -> None:
    texts = list(dict.fromkeys(texts))
    alone = {text: rows_of(finder, [text])[text] for text in texts}
    found = dict(zip(texts, read(finder, texts), strict=True))
    tiny = int8_names.Int8Names(nlp, limits=Limits(types=50, chunks=60, characters=300))
    draw = random.Random(5)
    for one in (finder, tiny):
        for size in (1, 7, len(texts)):
            draw.shuffle(texts)
            for at in range(0, len(texts), size):
                batch = texts[at : at + size]
                assert rows_of(one, batch) == {text: alone[text] for text in batch}
                assert read(one, batch) == [found[text] for text in batch]


_TEXTS = st.lists(
    st.one_of(
        st.sampled_from([word for text in SENTENCES for word in text.split(" ")]),
        st.text(st.characters(codec="utf-8"), max_size=8),
    ),
    max_size=20,
).map(" ".join)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(_TEXTS, min_size=1, max_size=5))
def test_any_text_is_read_alone_as_in_company(finder: NameFinder, texts: list[str]) -> None:
    together = read(finder, texts)
    assert together == [read(finder, [text])[0] for text in texts]


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n", "x" * 20_000, "ab " * 5_000, "\n" * 3_000, "a.b-c/d" * 500],
    ids=["none", "space", "line", "long word", "words", "lines", "infixes"],
)
def test_odd_texts_are_split_as_by_spacy(nlp: Language, finder: NameFinder, text: str) -> None:
    got, expected = read(finder, [text, "", text]), read(SpacyNames(nlp), [text, "", text])
    assert [one[:2] for one in got] == [one[:2] for one in expected]


# --- what does not fit ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def narrow(nlp: Language) -> NameFinder:
    """Return a finder whose channels hold too little for most texts, not for all."""
    scales = int8_scales.scales_of(nlp)
    tight = int8_scales.Scales(scales.digest, tuple(each * 0.62 for each in scales.ranges))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(int8_names, "scales_of", lambda _: tight)
        made: NameFinder = int8_names.Int8Names(nlp)
    return made


def test_a_text_with_a_value_that_does_not_fit_is_read_by_spacy(
    nlp: Language, narrow: NameFinder, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    spacy_finds = narrow._spacy.find  # type: ignore[attr-defined]

    def noted(some: Sequence[str]) -> object:
        asked.extend(some)
        return spacy_finds(some)

    monkeypatch.setattr(narrow._spacy, "find", noted)  # type: ignore[attr-defined]
    expected = dict(zip(texts, read(SpacyNames(nlp), texts), strict=True))
    mixed = [*texts, "ok", "fine"]
    got = dict(zip(mixed, read(narrow, mixed), strict=True))
    assert 10 < len(set(asked)) < len(set(mixed))
    assert [got[text] for text in asked] == [expected[text] for text in asked]
    # It is the text's own affair, not that of its neighbours.
    together = set(asked)
    for text in sorted(set(mixed))[:20]:
        asked.clear()
        assert read(narrow, [text])[0] == got[text]
        assert bool(asked) == (text in together)


def test_entities_read_again_stand_in_order(narrow: NameFinder, texts: list[str]) -> None:
    rows = narrow.find([*texts, "ok", *texts]).entities[:, :2].tolist()
    assert rows == sorted(rows)


def spoil(finder: NameFinder, layer: int, value: float, patch: pytest.MonkeyPatch) -> None:
    """Give one layer a weight that is no number."""
    network = finder._network  # type: ignore[attr-defined]
    shift = network.layers[layer].shift.copy()
    shift[5] = value
    layers = list(network.layers)
    layers[layer] = replace(layers[layer], shift=shift)
    patch.setattr(finder, "_network", replace(network, layers=tuple(layers)))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("layer", [0, 1, 3])
def test_a_value_that_is_no_number_fails_the_call(
    finder: NameFinder, value: float, layer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(finder, layer, value, monkeypatch)
    with pytest.raises(FloatingPointError):
        finder.find(["Ask John Smith in London."])


def test_a_type_of_token_that_is_no_number_fails_the_call(
    finder: NameFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedding = finder._network.embedding  # type: ignore[attr-defined]
    shift = embedding.shift.copy()
    shift[5] = float("nan")
    embedder = finder._types._embedder  # type: ignore[attr-defined]
    finder.forget()  # type: ignore[attr-defined]
    monkeypatch.setattr(embedder, "_weights", replace(embedding, shift=shift))
    with pytest.raises(FloatingPointError):
        finder.find(["Ask John Smith in London."])
    finder.forget()  # type: ignore[attr-defined]


def test_through_the_engine_it_fails_without_text(monkeypatch: pytest.MonkeyPatch) -> None:
    analyzer = shared_analyzer(EngineOptions(int8=True))
    spoil(analyzer._names[DEFAULT_MODEL], 2, float("nan"), monkeypatch)
    with pytest.raises(RedactionFailed, match="FloatingPointError") as error:
        analyzer.detect([("Ask Canary Smith in London.", "en")])
    assert "Canary" not in str(error.value)


# --- products of bytes ----------------------------------------------------------------------------


@pytest.mark.parametrize("kept", list(Weights))
@pytest.mark.parametrize("count", [1, 3, 64, 513])
def test_products_are_exact(kept: Weights, count: int) -> None:
    draw = np.random.default_rng(1)
    weights = draw.integers(-127, 128, (288, 128)).astype(np.int8)
    rows = draw.integers(1, 256, (count, 288)).astype(np.uint8)
    products = np.zeros((count, 128), np.int32)
    Dense(weights, kept).multiply(rows, count, products)
    assert (products == (rows.astype(np.int64) - 128) @ weights.astype(np.int64)).all()


def test_where_signed_weights_are_rounded_unsigned_ones_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    int8_graph._exact.cache_clear()
    monkeypatch.setattr(int8_graph, "_is_exact", lambda kept: kept is Weights.UNSIGNED)
    assert int8_graph._exact() is Weights.UNSIGNED
    int8_graph._exact.cache_clear()


def test_a_processor_without_exact_products_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    int8_graph._exact.cache_clear()
    monkeypatch.setattr(int8_graph, "_is_exact", lambda _: False)
    with pytest.raises(ConfigurationError, match="rounded on this processor"):
        Dense(np.ones((4, 4), np.int8))
    int8_graph._exact.cache_clear()


def test_products_that_are_rounded_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    multiply = Dense.multiply

    def rounded(self: Dense, rows: object, count: int, out: np.ndarray) -> None:
        multiply(self, rows, count, out)  # type: ignore[arg-type]
        # What 16-bit sums of two products do.
        np.clip(out, -(1 << 22), 1 << 22, out=out)

    assert int8_graph._is_exact(Weights.SIGNED)
    monkeypatch.setattr(Dense, "multiply", rounded)
    assert not int8_graph._is_exact(Weights.SIGNED)


def test_the_graph_is_valid_and_holds_the_weights() -> None:
    weights = np.arange(-60, 60, dtype=np.int8).reshape(12, 10)
    made = int8_graph.graph(weights, Weights.SIGNED)
    assert made == int8_graph.graph(weights, Weights.SIGNED)
    model = onnx.load_from_string(made)
    onnx.checker.check_model(model, full_check=True)
    constants = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    assert (constants["weights"] == weights).all()
    assert [node.op_type for node in model.graph.node] == ["MatMulInteger"]


def test_a_product_runs_on_one_thread_and_keeps_no_arena() -> None:
    options = Dense(np.ones((4, 4), np.int8))._session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)
    assert not options.enable_cpu_mem_arena


def test_weights_in_bytes_lose_less_than_half_a_step() -> None:
    draw = np.random.default_rng(2)
    weights = draw.normal(size=(96, 40)).astype(np.float32)
    ranges = draw.uniform(1, 9, 96).astype(np.float32)
    weights[:, 3] = 0
    kept, scale = int8_graph.in_bytes(weights, ranges)
    back = kept * scale / (ranges / 127)[:, None]
    assert (np.abs(back - weights) <= 0.501 * scale / (ranges / 127)[:, None]).all()
    assert kept.min() >= -127


# --- the model ------------------------------------------------------------------------------------


@pytest.fixture
def changed(nlp: Language) -> Iterator[Language]:
    """Yield the model with one weight that is another."""
    node = next(one for one in nlp.get_pipe("ner").model.walk() if one.name == "maxout")  # type: ignore[attr-defined]
    kept = node.get_param("b").copy()
    other = kept.copy()
    other.flat[0] += 1e-3
    node.set_param("b", other)
    yield nlp
    node.set_param("b", kept)


def test_a_model_with_other_weights_is_refused(changed: Language) -> None:
    with pytest.raises(ConfigurationError, match="was measured for the weights"):
        int8_names.Int8Names(changed)


def test_a_network_of_another_shape_is_refused() -> None:
    from spacy.lang.en import English

    blank = English()
    blank.add_pipe("ner", config={"model": {"hidden_width": 32}})
    blank.get_pipe("ner").add_label("PERSON")  # type: ignore[attr-defined]
    blank.initialize()
    with pytest.raises(ConfigurationError, match="another model"):
        int8_names.Int8Names(blank)


@pytest.mark.long
def test_the_scales_in_the_package_are_those_of_the_model(nlp: Language) -> None:
    stored, again = int8_scales.scales_of(nlp), int8_scales.measured(nlp)
    assert stored.digest == again.digest
    for one, other in zip(stored.ranges, again.ranges, strict=True):
        assert np.allclose(one, other, rtol=1e-2)


# --- the switch -----------------------------------------------------------------------------------


def test_it_is_off_unless_it_is_asked_for() -> None:
    assert not EngineOptions().int8
    finder = shared_analyzer(EngineOptions())._names[DEFAULT_MODEL]
    assert type(finder) is fast_names.FastNames


@pytest.mark.long
def test_what_it_needs_is_not_even_imported_unless_it_is_asked_for() -> None:
    code = (
        "import sys; from pipelines.redaction import EngineOptions\n"
        "from pipelines.redaction.analyzer import Analyzer\n"
        "Analyzer(EngineOptions()).detect([('Ask John Smith.', 'en')])\n"
        "print([name for name in ('onnx', 'onnxruntime') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.strip() == "[]"


_NAMED = ("PERSON", "LOCATION", "DATE_TIME")


def test_the_engine_with_it_finds_the_rest_as_without() -> None:
    found = {}
    for int8 in (False, True):
        analyzer = shared_analyzer(EngineOptions(int8=int8))
        rows = analyzer.detect([(text, "en") for text in SENTENCES])
        found[int8] = [[span for span in row if span.label not in _NAMED] for row in rows]
    assert found[True] == found[False]
    assert sum(map(len, found[True])) > 3
    finder = shared_analyzer(EngineOptions(int8=True))._names[DEFAULT_MODEL]
    assert type(finder) is int8_names.Int8Names


@pytest.mark.parametrize("missing", [("onnx",), ("onnxruntime",), ("onnx", "onnxruntime")])
def test_without_its_packages_it_is_refused(
    monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]
) -> None:
    find_spec = compiling.find_spec
    monkeypatch.setattr(
        compiling, "find_spec", lambda name: None if name in missing else find_spec(name)
    )
    with pytest.raises(ConfigurationError, match=f"{' and '.join(missing)}; .*lacuna.int8"):
        EngineOptions(int8=True)
    EngineOptions()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"profile": Profile.EXACT}, "profile exact"),
        ({"fast": False}, "fast way"),
        ({"models": (("en", "other_model"),)}, "is not among those set"),
    ],
)
def test_what_it_cannot_keep_is_refused(given: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        EngineOptions(int8=True, **given)  # type: ignore[arg-type]


def test_the_engine_is_another_one_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, fast = engine_parts(), engine_parts(EngineOptions(int8=True))
    assert engine_parts(EngineOptions()) == plain
    assert fast[: len(plain)] == plain
    assert fast[-1].startswith("int8:")
    # Other scales make another engine.
    assert resources.files("pipelines.redaction").joinpath(options.INT8_SCALES).is_file()
    monkeypatch.setattr(options, "INT8_SCALES", "options.py")
    assert engine_parts(EngineOptions(int8=True))[-1] != fast[-1]
    assert engine_parts() == plain

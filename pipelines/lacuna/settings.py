"""Settings: environment variables `LACUNA_*`, typed, read here and nowhere else.

A secret can also be given as `LACUNA_<NAME>_FILE`, the path of a file that holds it.
"""

import difflib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from lacuna.documentation import doc_page
from lacuna.errors import ConfigurationError
from lacuna.model.evidence import SHORTEST_KEPT_DAYS
from lacuna.model.run import ApprovalMode, Mode
from lacuna.model.scrub import ScrubWindow
from lacuna.sql_files import SQL_FOLDER

_PREFIX: Final = "LACUNA_"
_LONGEST_SECRET: Final = 65_536
_MOST_DAYS: Final = 3_660
# Read by the tests alone.
_OF_THE_TESTS: Final = frozenset({"LACUNA_GOLDEN", "LACUNA_REQUIRE_ALL"})


class Home(BaseSettings):
    """Where evidence lies, whatever is wrong with the other settings."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="ignore", frozen=True)

    home: Path = Field(default=Path("var"), description="Folder for everything that a run creates.")

    @classmethod
    def read(cls) -> Self:
        """Read the environment.

        Raises:
            ConfigurationError: a value does not fit, is empty, or is given twice; names the
                variable, not the value.
        """
        from_files: dict[str, str] = {}
        for name in cls.model_fields:
            variable = f"{_PREFIX}{name.upper()}"
            given = {
                each: os.environ[each]
                for each in (variable, f"{variable}_FILE")
                if each in os.environ
            }
            if len(given) > 1:
                raise ConfigurationError(f"{variable} and {variable}_FILE are both set; unset one")
            if "" in given.values():
                raise ConfigurationError(f"{', '.join(given)} is empty; unset it or give a value")
            if file := given.get(f"{variable}_FILE"):
                from_files[name] = _content(f"{variable}_FILE", Path(file))
        try:
            return cls(**from_files)  # type: ignore[arg-type]
        except ValidationError as error:
            raise ConfigurationError(_invalid(error)) from None

    @property
    def absolute_home(self) -> Path:
        """`home` as an absolute path."""
        return self.home.expanduser().absolute()


def _invalid(error: ValidationError) -> str:
    """Return which variables are invalid, and for an enumeration, what it can be; never a value."""
    said: list[str] = []
    others: set[str] = set()
    for one in error.errors():
        name = f"{_PREFIX}{str(one['loc'][0]).upper()}"
        if one["type"] == "enum":
            said.append(f"{name}: use {one['ctx']['expected'].replace(chr(39), '')}")
        else:
            others.add(name)
    if others:
        said.append(f"{', '.join(sorted(others))}: invalid value; see {doc_page('settings')}")
    return "\n".join(said)


class Settings(Home):
    """Every setting, with its default. The names are those of the variables in lower case."""

    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL to work on. Default: the embedded server in LACUNA_HOME/pg.",
    )
    executor_database_url: SecretStr | None = Field(
        default=None,
        description="The same database with the executor's login. Default: LACUNA_DATABASE_URL.",
    )
    verifier_database_url: SecretStr | None = Field(
        default=None,
        description="The same database with the verifier's login. Default: LACUNA_DATABASE_URL.",
    )
    officer_database_url: SecretStr | None = Field(
        default=None,
        description=(
            "The same database with the login that decides and submits requests. Default: "
            "LACUNA_DATABASE_URL."
        ),
    )
    airflow_database_url: SecretStr | None = Field(
        default=None,
        description="Airflow's metadata database, read-only, for the residue gate.",
    )
    airflow_logs: Path | None = Field(
        default=None,
        description=(
            "Airflow's folder of task logs, whose digests the certificates contain. Default: "
            "LACUNA_HOME/airflow/logs."
        ),
    )
    page_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$",
        description=(
            "Address of the officers' page, such as https://airflow.example.org/privacy. Mails to "
            "officers then link to each item."
        ),
    )
    delivery_url: str | None = Field(
        default=None,
        # A link is a secret.
        pattern=r"^(https://[^\s/?#]+|http://(localhost|127\.0\.0\.1)(:\d+)?)(/[^\s?#]*)?$",
        description=(
            "Address at which people download their bundles (`lacuna deliver`), such as "
            "https://data.example.org. Default: none, and officers hand bundles over themselves."
        ),
    )
    delivery_days: int = Field(
        default=14,
        ge=1,
        le=_MOST_DAYS,
        description="Days for which a link to a bundle is valid, at most until the bundle expires.",
    )
    datamap: Path = Field(
        default=SQL_FOLDER / "contact_center" / "datamap.yaml",
        description="The data map. Default: that of the sample platform.",
    )
    tenants: Path = Field(
        default=SQL_FOLDER / "contact_center" / "tenants.yaml",
        description="The tenants and their mailboxes. Default: those of the sample platform, only with its data map.",
    )
    recognizers: Path | None = Field(
        default=None,
        description="Recognizers of your own for personal data in texts: a TOML file.",
    )
    redaction_models: str | None = Field(
        default=None,
        pattern=r"^[a-z]{2}:[A-Za-z0-9_]+(,[a-z]{2}:[A-Za-z0-9_]+)*$",
        description=(
            "The spaCy model of each language, as `fr:fr_core_news_md,fi:our_finnish`, in small "
            "letters, without blanks. Default: for each language the one that is installed; for "
            "English, Lacuna's."
        ),
    )
    redaction_encoder: bool = Field(
        default=True,
        description=(
            "Whether words of which the finder of names is unsure are read again by its encoder: "
            "more people are found and fewer words that name nobody, in two to four times the CPU time."
        ),
    )
    marts: Path | None = Field(
        default=None,
        description="Folder of your own marts, one folder each, beside Lacuna's own.",
    )
    reporting_url: str | None = Field(
        default=None,
        description=(
            "Folder, or s3://bucket/prefix, for the files of the reports, where analysts can read "
            "them. Default: LACUNA_HOME/reporting, which they cannot enter."
        ),
    )
    mailbox: str | None = Field(
        default=None,
        # A mailbox's address can hold its password.
        repr=False,
        description="Mailbox that intake reads. Default: LACUNA_HOME/mail.",
    )
    outbox: str | None = Field(
        default=None,
        # It can hold a password too.
        repr=False,
        description="Mail server for letters, `smtp[s]://…`. Default: files in LACUNA_HOME/outbox.",
    )
    notifier: str | None = Field(
        default=None,
        repr=False,
        description=(
            "Mail server for alerts to data protection officers, `smtp[s]://…`. Default: that "
            "of LACUNA_OUTBOX, or files in LACUNA_HOME/alerts."
        ),
    )
    signing_key: str | None = Field(
        default=None,
        description=(
            "URI of the key that signs the ledger, `file:///…/signing.pem`. Lacuna creates the "
            "file and keeps its public keys beside it. Default: LACUNA_HOME/keys/signing.pem."
        ),
    )
    mode: Mode | None = Field(
        default=None,
        description=(
            "`observe` plans and verifies, and changes nothing in the platform; `act` applies "
            "plans. Default: observe, on the sample platform act."
        ),
    )
    approval: ApprovalMode = Field(
        default=ApprovalMode.MANUAL,
        description=(
            "`manual`: an officer approves each plan; `auto`: plans need no approval if identity "
            "rests on more than a mail. The owner must confirm `auto`: run `lacuna up` with it "
            "first."
        ),
    )
    max_rows: int = Field(
        default=200_000,
        ge=1,
        le=1_000_000_000,
        description="Largest number of rows that a single plan may change.",
    )
    batch_limit: int = Field(
        default=1000, ge=1, le=10_000, description="Largest number of requests in one batch."
    )
    statement_minutes: int = Field(
        default=120,
        ge=1,
        le=10_000,
        description=(
            "Minutes after which the database cancels a single statement. A lock that is not had "
            "within 30 seconds ends a statement in any case."
        ),
    )
    chunks: int = Field(
        default=4,
        ge=1,
        le=64,
        description="Largest number of chunks of a batch that workers change at once, in Airflow.",
    )
    forget_after_days: int = Field(
        default=30,
        ge=1,
        le=_MOST_DAYS,
        description="Days that the key of a closed request is kept; its last letters need it.",
    )
    bundle_days: int = Field(
        default=30,
        ge=1,
        le=_MOST_DAYS,
        description="Days until a sealed bundle expires and is deleted.",
    )
    certificate_days: int = Field(
        default=1826,
        ge=SHORTEST_KEPT_DAYS,
        le=36_600,
        description="Days for which the certificate of a closed request is kept: five years.",
    )
    unnamed_days: int = Field(
        default=30,
        ge=1,
        le=_MOST_DAYS,
        description="Days for which Lacuna leaves a new file alone that no row names.",
    )
    quarantine_days: int = Field(
        default=30,
        ge=1,
        le=_MOST_DAYS,
        description="Days for which such a file can be put back before it is deleted.",
    )

    scrub_window: str | None = Field(
        default=None,
        description=(
            "When tables may be locked to rewrite their files: `always`, `never`, or "
            "`HH:MM-HH:MM` in UTC. Default: always on the embedded server, else never."
        ),
    )

    canary_org: str | None = Field(
        default=None,
        description=(
            "An organization reserved for an invented contact, which a fulfilment creates, "
            "erases and verifies once a day. It must contain nobody else. Default: none, on the "
            "sample platform an empty organization."
        ),
    )

    @field_validator("scrub_window")
    @classmethod
    def _is_window(cls, text: str | None) -> str | None:
        if text is not None:
            ScrubWindow.parse(text)
        return text

    @field_validator("signing_key")
    @classmethod
    def _is_key_uri(cls, text: str | None) -> str | None:
        if text is not None:
            parts = urlsplit(text)
            is_elsewhere = parts.netloc or parts.query or parts.fragment
            if parts.scheme != "file" or is_elsewhere or not Path(unquote(parts.path)).name:
                raise ValueError("the key must be a file:///… URI")
        return text

    @classmethod
    def read(cls) -> Self:
        """Read the environment.

        Raises:
            ConfigurationError: a value does not fit, is empty, or is given twice, or there is
                no setting of that name; names the variable, not the value.
        """
        _refuse_unknown(cls.model_fields)
        return super().read()

    @property
    def signing_file(self) -> Path:
        """Where the key lies that signs the ledger."""
        if self.signing_key is None:
            return self.absolute_home / "keys" / "signing.pem"
        return Path(unquote(urlsplit(self.signing_key).path))


def _refuse_unknown(names: Iterable[str]) -> None:
    """Refuse variables that look like settings and are none: a misspelled one would not count."""
    known = {f"{_PREFIX}{name.upper()}{ending}" for name in names for ending in ("", "_FILE")}
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith(_PREFIX) and name not in known | _OF_THE_TESTS
    )
    if unknown:
        said = []
        for name in unknown:
            near = difflib.get_close_matches(name, sorted(known), 1, cutoff=0)
            said.append(f"{name} is not a setting; the nearest is {near[0]}")
        raise ConfigurationError(f"{'; '.join(said)}. See {doc_page('settings')}")


def _content(variable: str, file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(_LONGEST_SECRET + 1)
        found = content.decode("utf-8").strip()
    except (OSError, ValueError):
        raise ConfigurationError(f"{variable}: the file cannot be read") from None
    if len(content) > _LONGEST_SECRET:
        raise ConfigurationError(f"{variable}: the file has more than {_LONGEST_SECRET} bytes")
    if not found:
        raise ConfigurationError(f"{variable}: the file is empty")
    return found

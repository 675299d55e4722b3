"""What an erasure does to a value, a row and a mention, as a data map says it."""

from dataclasses import dataclass
from enum import StrEnum


class Fits(StrEnum):
    """Which columns can take what a treatment makes, in the words that complete "it needs"."""

    ANY = "any column"
    NULLABLE = "a column that may be NULL"
    TEXT = "a text column"
    SEARCHABLE = "text, an array of texts or a JSON document"
    DOCUMENT = "a JSON document"
    EMPTIABLE = "an array, a JSON document, a tsvector or bytes"
    TIME = "a date or a timestamp"
    NUMBER = "a number"
    OWN = "what `misfit` in `datamap/types.py` says of this treatment"


class Leaves(StrEnum):
    """What is in a column after its treatment."""

    SAME = "same"  # what was there, or what the database computes
    NULL = "null"
    SHARED = "shared"  # a value that two rows can have
    UNIQUE = "unique"  # a value that no other row has


class Operand(StrEnum):
    """What a treatment's function is given of the row and of the data map."""

    COLUMN = "column"
    TEXT = "text"  # the column, cast to text
    ARGUMENT = "argument"  # the treatment's argument, as text


@dataclass(frozen=True)
class Call:
    """A call of a function of PostgreSQL, from which the store composes its expression.

    Attributes:
        arguments: an `Operand`, another call, or a constant.
    """

    function: str
    arguments: "tuple[Operand | Call | str | int, ...]"


@dataclass(frozen=True)
class TreatmentEffect:
    """Everything that the rest of Lacuna needs of a treatment, but what the gate expects of it.

    Attributes:
        argument: how a data map writes it with an argument; empty: it takes none.
        choices: the arguments that there are; empty: any text.
        computed: what the column becomes; None: `treated` of the store says it.
        takes_value: no part of the value can be read from the row afterwards.
        clears_text: nothing that people wrote in a free text is left of them.
        is_sought: values of the column become known values, which an erasure searches for.
    """

    leaves: Leaves
    fits: Fits
    argument: str = ""
    choices: tuple[str, ...] = ()
    computed: Call | None = None
    takes_value: bool = False
    clears_text: bool = False
    is_sought: bool = False


class Treatment(StrEnum):
    """What an erasure does to one column of the person's own rows."""

    effect: TreatmentEffect

    def __new__(cls, value: str, effect: TreatmentEffect) -> "Treatment":
        """Make a member that is its name, and has an effect beside it."""
        made = str.__new__(cls, value)
        made._value_ = value
        made.effect = effect
        return made

    KEEP = "keep", TreatmentEffect(Leaves.SAME, Fits.ANY)
    # The database computes it from other columns, and so it follows them.
    DERIVED = "derived", TreatmentEffect(Leaves.SAME, Fits.OWN)
    # NULL
    SUPPRESS = (
        "suppress",
        TreatmentEffect(
            Leaves.NULL, Fits.NULLABLE, takes_value=True, clears_text=True, is_sought=True
        ),
    )
    # `{}` of an array or a JSON document, nothing of bytes
    EMPTY = (
        "empty",
        TreatmentEffect(
            Leaves.SHARED, Fits.EMPTIABLE, takes_value=True, clears_text=True, is_sought=True
        ),
    )
    # a constant given in the map
    REPLACE = (
        "replace",
        TreatmentEffect(
            Leaves.SHARED,
            Fits.OWN,
            argument='replace: "[erased]"',
            takes_value=True,
            clears_text=True,
            is_sought=True,
        ),
    )
    # a timestamp or date to the start of its day, month or year
    GENERALIZE = (
        "generalize",
        TreatmentEffect(
            Leaves.SHARED,
            Fits.TIME,
            argument="generalize: day",
            choices=("day", "month", "year"),
            is_sought=True,
        ),
    )
    # The link to the person becomes NULL.
    UNLINK = "unlink", TreatmentEffect(Leaves.NULL, Fits.NULLABLE, takes_value=True)
    # The link to the person points at the tenant's tombstone contact: whatever key it takes fits.
    TOMBSTONE = "tombstone", TreatmentEffect(Leaves.SHARED, Fits.ANY)
    # a key that nothing else holds
    NEW_KEY = "new_key", TreatmentEffect(Leaves.UNIQUE, Fits.OWN)
    # a value of a given form that nothing else holds, new for each row
    SURROGATE = (
        "surrogate",
        TreatmentEffect(
            Leaves.UNIQUE,
            Fits.OWN,
            argument='surrogate: "erased-{}@example.invalid"',
            takes_value=True,
            is_sought=True,
        ),
    )
    # spans of free text covered, the rest kept
    REDACT = (
        "redact",
        TreatmentEffect(Leaves.SHARED, Fits.SEARCHABLE, takes_value=True, clears_text=True),
    )
    # the whole text replaced by one of the same length without content
    OBFUSCATE = (
        "obfuscate",
        TreatmentEffect(
            Leaves.SHARED,
            Fits.TEXT,
            computed=Call("regexp_replace", (Operand.TEXT, r"\S", "x", "g")),
            takes_value=True,
            clears_text=True,
        ),
    )
    # The object behind the path is deleted, the path becomes NULL.
    DELETE_OBJECT = (
        "delete_object",
        TreatmentEffect(
            Leaves.NULL,
            Fits.OWN,
            argument="delete_object: <store>",
            takes_value=True,
            clears_text=True,
        ),
    )
    # a JSON object: declared keys kept, every other key removed
    JSON_KEYS = (
        "json_keys",
        TreatmentEffect(
            Leaves.SHARED,
            Fits.DOCUMENT,
            argument="json_keys: [<key>, …]",
            takes_value=True,
            clears_text=True,
            is_sought=True,
        ),
    )

    @property
    def follows_request(self) -> bool:
        """Whether what it makes follows from the request, and not from the row alone."""
        return self.effect.leaves is Leaves.UNIQUE or self is Treatment.TOMBSTONE


class RowErasure(StrEnum):
    """What an erasure does to the person's own rows of a table."""

    ANONYMIZE = "anonymize"  # the row stays, its columns are treated
    DELETE = "delete"  # derived or duplicate rows without statistical value
    KEEP = "keep"  # no personal data of a contact in it
    REFRESH = "refresh"  # a materialized view: rebuilt from rows that were treated


class Mention(StrEnum):
    """What an erasure does where the person is mentioned outside their own rows."""

    REDACT = "redact"  # cover the matching spans, keep the rest
    DELETE_OBJECT = "delete_object"  # delete the object, e.g. a raw copy of a message that stays
    EMPTY = "empty"  # take the whole content of a column of bytes, keep the row
    REFUSE = "refuse"  # a person is never mentioned here; a match is a finding


@dataclass(frozen=True)
class Erasure:
    """A treatment with its parameter.

    Attributes:
        argument: REPLACE: the constant; GENERALIZE: one of its choices; DELETE_OBJECT: the object
            store's name; JSON_KEYS: keys kept, joined by commas, a path of keys as
            `/a/b` (`[]` for every element of a list); SURROGATE: the form, with `{}` for the
            part that is unique; else None.
    """

    treatment: Treatment
    argument: str | None = None

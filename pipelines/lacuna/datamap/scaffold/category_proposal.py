"""Guesses what a column holds: from its name, its comment, its type, and what detectors see in it.

A guess errs on the side of personal data. It is a proposal that a person looks at, with how sure
it is; the values that it was made from are forgotten with it.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from lacuna.datamap import types
from lacuna.datamap.scaffold.encoded_documents import is_document
from lacuna.datamap.scaffold.file_names import is_path
from lacuna.model.schema import LiveColumn

OPERATIONS: Final = "system.operations"
PRIVATE: Final = "user.content.private"
UNIQUE: Final = "user.unique_id"
BEHAVIOR: Final = "user.behavior"
_SEARCHES: Final = "user.behavior.search_history"
SURE: Final = 0.6
"""Whatever is less sure is asked."""

# Whole words of a column's name; the first rule that fits counts.
_BY_NAME: Final = tuple(
    (re.compile(rf"(?:^|_)(?:{words})(?:_|$)"), category)
    for words, category in (
        (r"passwords?|passwd|passphrase|pass|pwd|pin|otp|secret|(?:api|private|access)_key|access_token|token", "user.authorization.credentials"),
        (r"avatar|photo|portrait|selfie", "user.content.self_image"),
        (r"(?:twitter|facebook|instagram|linked_?in|tik_?tok|social_(?:url|profile|handle|media))\w*", "user.contact.social_url"),
        (r"consent\w*|opt_in|opt_out|keypress|gdpr|marketing_ok", "user.privacy_preferences"),
        (r"e?mails?(?!_(?:box|host|server|port|type|folder|domain|ssl|tls|template|format|provider|interval)(?:_|$))|email_addresses|mail_address", "user.contact.email"),
        (r"phones?|mobile?|telephone|tele?fon\w*|telefoon\w*|tlf|handy|puhelin\w*|tel|msisdn|whatsapp|sms_number|(?:from|to|caller|callee|transferee|dialed)_number", "user.contact.phone_number"),
        (r"fax", "user.contact.fax_number"),
        (r"first_?name|given_?name|forename|fornavn|vorname|pr[ée]nom|voornaam|f[öo]rnamn|nombre_de_pila|imi[ęe]", "user.name.first"),
        (r"last_?name|sur_?name|family_?name|efternavn|etternavn|nachname|nom_de_famille|achternaam|efternamn|apellidos?|nazwisko|cognome|sukunimi", "user.name.last"),
        (r"user_?name|login|handle|nickname", "user.account.username"),
        (r"(?:display|full|middle|nick|former|maiden|previous|birth|married|legal|sender|author|requester|customer|client|contact|caller|agent|assignee|person|transferee|recipient|\w+_by|search)_names?|last_message_by", "user.name"),
        (r"(?:ip|ip_address|ip_addr|remote_addr)", "user.device.ip_address"),
        (r"user_agent|browser|device|os|client_version", "user.device"),
        (r"referr?er|landing_page|originating_url|page_url|visited_url", "user.behavior.browsing_history"),
        (r"city|town", "user.contact.address.city"),
        (r"zip|zip_code|postal_?code|postcode", "user.contact.address.postal_code"),
        (r"street|gade|gadenavn|vejnavn|strasse|straße|rue|straat|calle|gata|ulica|address_line\w*|house_?(?:no|nr|number)", "user.contact.address.street"),
        (r"(?:originating|geo|ip)_country|region|geo\w*", "user.location.coarse"),
        (r"latitude|longitude|lat|lng|coordinates", "user.location.precise"),
        (r"country|country_code", "user.contact.address.country"),
        (r"language|locale|lang", "user.demographic.language"),
        (r"birth\w*|dob|born|date_of_birth|f[øo]dsels?dato|f[öo]delse\w*|geburts(?:datum|tag)|geboortedatum|date_de_naissance|naissance|fecha_de_nacimiento|nacimiento|data_di_nascita|nascita|nascimento|data_urodzenia|syntym[äa]\w*", "user.demographic.date_of_birth"),
        (r"gender|sex|salutation", "user.demographic.gender"),
        (r"nationality|citizenship", "user.demographic.citizenship_or_immigration_status"),
        (r"ssn|cpr|national_id|tax_id|personnummer", "user.government_id.national_identification_number"),
        (r"passport\w*", "user.government_id.passport_number"),
        (r"plate|licen[cs]e_plate|vin", "user.government_id.vehicle_registration"),
        (r"iban|bic|bank_account", "user.financial.bank_account"),
        (r"card|card_number|credit_card|pan", "user.financial.credit_card"),
        (r"religion|faith", "user.demographic.religious_belief"),
        (r"diagnos[ie]s|health|medical", "user.health"),
        (r"job_(?:title|position)", "user.professional_information.job_title"),
        (r"employer|workplace|company", "user.professional_information.workplace"),
        (r"signature", "user.professional_information"),
        (r"ivr\w*", BEHAVIOR),
        (r"settings|preferences|prefs", "user.settings"),
        (r"custom_?attributes|custom_?fields|profile|extra_fields", "user.account"),
        (r"part(?:y|ies)|headers|envelope|cc|bcc|author|participants|recipients", "user.contact"),
        (r"external_id|crm_id|customer_(?:number|no|id)|ref_id|merged_into", UNIQUE),
        (r"accepted_at", BEHAVIOR),
        (r"bod(?:y|ies)|text|message|messages|content|comments?|remarks?|notes?|subject|topic|summary|description|transcript|preview|caption|answer|question|reply|payload|attributes|old_values|new_values|changes|diff|value|reason|file_?name|pretty_name|file|uri|path|recording|attachment|embeddings?|vector|sha256|checksum|html", PRIVATE),
        (r"sentiment|mood|score|stars|csat|nps|last_seen|last_seen_at|signed_in_at|seen|clicks|visits|duration\w*|channel|ivr\w*", BEHAVIOR),
    )
)  # fmt: skip
# Of keys in a document, which are named more freely than columns.
_BY_KEY: Final = (
    (re.compile(r"(?:order|ticket|case|customer|member|policy|contract|invoice|device|serial|account|client|loyalty)_?(?:no|nr|num|number|id|ref|code)$"), UNIQUE),
    (re.compile(r"(?:^|_)(?:company|organi[sz]ation|firm)"), "user.professional_information.workplace"),
    (re.compile(r"(?:^|(?<!mail)(?<!ip)(?<!mac)_)address"), "user.contact.address"),
    (re.compile(r"^name$"), "user.name"),
    (re.compile(r"^given$"), "user.name.first"),
    (re.compile(r"^(?:family|surname)$"), "user.name.last"),
    *_BY_NAME,
)  # fmt: skip
_BY_LABEL: Final[Mapping[str, str]] = {
    "EMAIL_ADDRESS": "user.contact.email",
    "PHONE_NUMBER": "user.contact.phone_number",
    "PERSON": "user.name",
    "IP_ADDRESS": "user.device.ip_address",
    "STREET_ADDRESS": "user.contact.address",
    "IBAN_CODE": "user.financial.bank_account",
    "CREDIT_CARD": "user.financial.credit_card",
    "DATE_OF_BIRTH": "user.demographic.date_of_birth",
}
# What a person did, and when; a moment at which the platform did something says little of them.
_MOMENT: Final = re.compile(
    r"(?:^|_)(?:created|started|sent|rated|answered|occurred|visited|subscribed|opened|received"
    r"|first|last|seen|signed|accepted|submitted|ordered)(?:_|$)"
)
_CONTACTS: Final = ("EMAIL_ADDRESS", "PHONE_NUMBER")
_PART_OF_NAME: Final = re.compile(
    "|".join(rule.pattern for rule, category in _BY_NAME if category.startswith("user.name."))
)
_MAILBOX: Final = re.compile(
    r"(?:^|_)(?:(?:imap|smtp|pop3?)(?:_(?:host|server|address|port|login|user|ssl|folder|enabled))?|"
    r"(?:e?mail_?box|mail)_(?:host|server|port|ssl))$"
)
# A ticket has a title, and so has a person beside the name.
_TITLES: Final = ("title", "heading", "headline")
_OF_DEVICE: Final = frozenset({"ip", "browser", "user_agent", "os", "device", "ip_address"})
_AGREED: Final = re.compile(r"agreement|consent|terms|acceptance")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MARKUP: Final = re.compile(r"^\s*<[a-zA-Z!]")
_NUMBERS_OF_ROWS: Final = ("number", "reference")
# Letters, digits and separators, with four digits at least.
_REFERENCE: Final = re.compile(r"(?=(?:\D*\d){4})[A-Za-z0-9][A-Za-z0-9 /_-]{3,31}")
# Values of fields that each installation names for itself, all in one column.
_FIELD: Final = re.compile(
    r"(?:^|_)(?:custom)?(?:field|attribute|property|question)(?:_(?:id|name|key))?$"
)
_FIELD_VALUE: Final = re.compile(r"(?:^|_)values?$")
# Whether mails may be sent is no address, nor is of which kind an author is.
_NEVER_FLAGS: Final = (
    "user.contact", "user.name", "user.account.username", "user.authorization",
    "user.content.self_image",
)  # fmt: skip
# What no number is: how often somebody failed to log in is no login.
_NEVER_NUMBERS: Final = (
    "user.name", "user.account.username", "user.contact.email", "user.contact.social_url",
    "user.content.self_image",
)  # fmt: skip
# How often, how many, how long: of a telephone number or a password too.
_COUNTED: Final = re.compile(
    r"(?:^|_)(?:counts?|counter|total|attempts?|tries|retries|fail\w*|length|changes)(?:_|$)"
)
_FEW_WORDS: Final = 4
# Of which kind a file is says nothing of anybody.
_MEDIA_TYPE: Final = re.compile(r"(?:^|_)(?:mime|media|content)_?type$")
_OF_MEDIA: Final = re.compile(r"[a-z]+/[\w.+-]+(?:; ?[\w-]+=[\w-]+)?", re.IGNORECASE)
_SEARCH: Final = re.compile(r"search|quer(?:y|ies)")
# Longer than digests, which say nothing of anybody.
_LONG_VALUE: Final = 129
# So many different values, most of them alike, are a closed list.
_CLOSED_LIST: Final = 12


@dataclass(frozen=True)
class ColumnSample:
    """Some values of a column, and what detectors saw in them.

    Personal data: held in memory while a map is drafted, never written.

    Attributes:
        labels: what was found, with the share of the values in which it was.
        keys: names of keys that documents have, as paths.
    """

    values: tuple[str, ...] = field(default=(), repr=False)
    labels: Mapping[str, float] = field(default_factory=dict)
    keys: frozenset[tuple[str, ...]] = field(default=frozenset(), repr=False)

    @property
    def is_closed_list(self) -> bool:
        """Whether the values look like codes: few, short, and each of them again and again."""
        distinct = set(self.values)
        return (
            bool(distinct)
            and len(distinct) <= _CLOSED_LIST
            and (self.is_repeated or len(distinct) <= 3)
            and all(len(value) <= 24 and " " not in value.strip() for value in distinct)
            and not self.labels
        )

    @property
    def is_repeated(self) -> bool:
        """Whether the values were seen again and again, so that there are few others."""
        return len(self.values) >= 3 * len(set(self.values))

    @property
    def are_references(self) -> bool:
        """Whether many of the values look like numbers of orders, contracts and the like."""
        distinct = set(self.values)
        found = sum(_REFERENCE.fullmatch(value.strip()) is not None for value in distinct)
        prose = sum(len(value.split()) > _FEW_WORDS for value in distinct)
        return found > 0.3 * len(distinct) and prose < 0.2 * len(distinct)

    @property
    def have_references(self) -> bool:
        """Whether some values look like such numbers, whatever the others are."""
        found = {value for value in self.values if _REFERENCE.fullmatch(value.strip())}
        return len(found) > 1

    @property
    def are_encoded(self) -> bool:
        """Whether the values look like documents that a program wrote for itself."""
        return bool(self.values) and all(
            len(value) >= _LONG_VALUE and len(value.split()) == 1 for value in self.values
        )

    @property
    def are_documents(self) -> bool:
        """Whether each value is a document in base64, which can name anybody."""
        return bool(self.values) and all(map(is_document, set(self.values)))

    @property
    def are_media_types(self) -> bool:
        """Whether nothing but media types, such as `text/plain`, was seen."""
        return all(_OF_MEDIA.fullmatch(value) for value in set(self.values))

    @property
    def is_markup(self) -> bool:
        """Whether the values are HTML."""
        return bool(self.values) and sum(
            bool(_MARKUP.match(value)) for value in self.values
        ) * 2 > len(self.values)

    @property
    def are_paths(self) -> bool:
        """Whether the values are paths of files."""
        return bool(self.values) and all(map(is_path, self.values))


@dataclass(frozen=True)
class Guess:
    """What a column may hold.

    Attributes:
        confidence: 0 to 1.
        why: what it was guessed from; no value.
    """

    category: str
    confidence: float
    why: str

    @property
    def is_personal(self) -> bool:
        """Whether it is taken for personal data."""
        return self.category.startswith("user")


@dataclass(frozen=True)
class TableSurroundings:
    """What is known of the table that a column belongs to.

    Attributes:
        is_of_people: rows are people: those the map is about, or others, such as agents.
        leads: links lead from it to the person.
        is_one_to_one: its key is that of the person.
        keys: columns that are keys or links, with what they are.
        table: its name, as words.
        beside: names of all its columns, as words.
    """

    is_of_people: bool
    leads: bool
    is_one_to_one: bool
    keys: Mapping[str, str]
    table: str = ""
    beside: frozenset[str] = frozenset()

    @property
    def names_people(self) -> bool:
        """Whether a column has a part of a person's name."""
        return any(_PART_OF_NAME.search(one) for one in self.beside)

    @property
    def has_fields(self) -> bool:
        """Whether each row says which field its value is of."""
        return any(_FIELD.search(one) for one in self.beside)

    @property
    def is_of_mailboxes(self) -> bool:
        """Whether rows are mailboxes of an organization, with the servers to which it connects."""
        return not (self.is_of_people or self.leads) and any(map(_MAILBOX.search, self.beside))


def words(name: str) -> str:
    """Return a name in lower case with `_` between its words.

    >>> words("firstName"), words("Delivery to")
    ('first_name', 'delivery_to')
    """
    return re.sub(r"\W+", "_", _CAMEL.sub("_", name)).lower()


def guess(column: LiveColumn, sample: ColumnSample, around: TableSurroundings) -> Guess:
    """Return a guess at the content of a column."""
    if column.name in around.keys:
        return Guess(around.keys[column.name], 0.95, "a key")
    name = words(column.name)
    if types.is_time(column) or (types.is_number(column) and re.search(r"_ms$|_ts$", name)):
        return _moment(name, around)
    if column.type == "inet":
        return Guess("user.device.ip_address", 0.95, "its type")
    if types.is_number(column) or column.type == "boolean":
        return _number(name, around, is_flag=column.type == "boolean")
    is_reached = around.leads or around.is_of_people
    detected = _detected(sample)
    named = next((category for rule, category in _BY_NAME if rule.search(name)), None)
    if named is not None and (column.labels or column.allowed) and named.startswith(_NEVER_FLAGS):
        named = None  # a closed list holds no address
    if types.is_bytes(column):
        return _bytes(named, is_reached=is_reached)
    if _MEDIA_TYPE.search(name) and sample.are_media_types:
        return Guess(OPERATIONS, 0.9, "a media type")
    if named in (None, PRIVATE) and sample.are_documents:
        is_search = _SEARCH.search(name) or _SEARCH.search(around.table)
        return Guess(
            _SEARCHES if is_search else PRIVATE, 0.5, "documents in base64 can name anybody"
        )
    is_of_contacts = sum(sample.labels.get(label, 0) for label in _CONTACTS) > 0.7
    if named == PRIVATE and is_of_contacts and "value" in name:
        return Guess("user.contact", 0.8, "what detectors find in it")
    if detected == "user.name" and name in _TITLES and not (
        around.is_of_people or around.names_people
    ):  # fmt: skip
        return Guess(PRIVATE, 0.8, "a title in which detectors find names")
    if detected is not None and named in (None, "user.contact.address"):
        return Guess(detected, 0.8, "what detectors find in it")
    if (
        named is None
        and types.is_document(column)
        and {path[-1] for path in sample.keys} & _OF_DEVICE
    ):
        return Guess("user.device", 0.7, "its keys")
    is_numbered = named in (None, PRIVATE) and name not in _NUMBERS_OF_ROWS
    if is_reached and is_numbered and sample.are_references:
        return Guess(UNIQUE, 0.5, "many values look like reference numbers")
    is_of_fields = around.has_fields or _FIELD_VALUE.search(name)
    if is_reached and is_numbered and is_of_fields and sample.have_references:
        return Guess(UNIQUE, 0.5, "custom fields, all emptied, harmless ones too")
    if named is not None and (is_reached or named not in (PRIVATE, BEHAVIOR)):
        return _named(named, name, column, sample, around)
    if column.type == "tsvector" or (column.is_array and not types.is_searchable(column)):
        return Guess(PRIVATE if is_reached else OPERATIONS, 0.7, "derived from other columns")
    if name in ("name", "title") and around.is_of_people:
        return Guess("user.name", 0.9, "its name")
    if name in _NUMBERS_OF_ROWS and is_reached:
        # Of a ticket, it is the platform's; of a person, theirs.
        return Guess(UNIQUE if around.is_of_people else OPERATIONS, 0.6, "its name")
    if name in ("roles", "role", "title", "position") and around.is_of_people:
        return Guess("user.professional_information.job_title", 0.6, "its name")
    if is_reached and name in ("kind", "type") and _AGREED.search(around.table):
        return Guess("user.privacy_preferences", 0.6, "its table")
    if column.type == "uuid":
        return Guess(OPERATIONS, 0.7, "its type")
    if column.labels or column.allowed or sample.is_closed_list:
        return Guess(OPERATIONS, 0.7, "a fixed list of values")
    if not is_reached and sample.are_encoded:
        return Guess(
            OPERATIONS,
            0.5,
            "encoded, as sessions are, and no link leads from here to a person",
        )
    if not is_reached:
        return Guess(OPERATIONS, 0.6, "no link leads from here to a person")
    if not sample.values:
        return Guess(PRIVATE, 0.3, "no values")
    return Guess(PRIVATE, 0.5, "unknown text")


def _named(
    named: str, name: str, column: LiveColumn, sample: ColumnSample, around: TableSurroundings
) -> Guess:
    is_reached = around.leads or around.is_of_people
    if named == "user.contact.email" and around.is_of_mailboxes:
        return Guess(OPERATIONS, 0.6, "the address of a mailbox, whose server is beside it")
    if not is_reached and (named.startswith("user.contact.address") or named == "user.name"):
        # Of an organization, a queue, a product; in old reports, of people.
        has_names = sample.labels.get("PERSON", 0) > 0 or re.search(r"_names?$", name)
        is_name = named == "user.name" and has_names
        return Guess(named, 0.7, "its name") if is_name else Guess(OPERATIONS, 0.6, "its table")
    if not is_reached and sample.is_closed_list:
        return Guess(OPERATIONS, 0.6, "a fixed list of values")
    if named == PRIVATE and (column.labels or column.allowed):
        return Guess(OPERATIONS, 0.5, "a fixed list of values")
    return Guess(named, 0.9, "its name")


def _bytes(named: str | None, *, is_reached: bool) -> Guess:
    """Nothing that has been looked at says what bytes hold: a mail, a picture, a certificate."""
    if named is not None and (is_reached or named not in (PRIVATE, BEHAVIOR)):
        return Guess(named, 0.9, "its name")
    return Guess(PRIVATE, 0.5, "bytes, such as a mail or a picture, can name anybody")


def _moment(name: str, around: TableSurroundings) -> Guess:
    if re.search(r"birth|born|dob", name):
        return Guess("user.demographic.date_of_birth", 0.9, "its name")
    if re.search(r"consent|opt_(in|out)", name) and not re.search(r"prompt", name):
        return Guess("user.privacy_preferences", 0.8, "its name")
    if around.is_of_people and re.search(r"created|registered|joined", name):
        return Guess("user.account", 0.8, "its name")
    if (around.leads or around.is_of_people) and _MOMENT.search(name):
        return Guess(BEHAVIOR, 0.7, "its name")
    return Guess(OPERATIONS, 0.7, "a time of the platform")


def _number(name: str, around: TableSurroundings, *, is_flag: bool) -> Guess:
    is_reached = around.leads or around.is_of_people
    is_no_value = is_flag or _COUNTED.search(name) is not None
    never = _NEVER_FLAGS if is_no_value else _NEVER_NUMBERS
    for rule, category in _BY_NAME:
        fits = category != PRIVATE and not category.startswith(never)
        if fits and is_reached and rule.search(name):
            return Guess(category, 0.7, "its name")
    if around.is_one_to_one:
        return Guess(BEHAVIOR, 0.6, "a number of one person")
    return Guess(OPERATIONS, 0.7, "its type")


def _detected(sample: ColumnSample) -> str | None:
    """Return the category of what is in most values; None where nothing is."""
    found: Collection[str] = [
        label for label, share in sample.labels.items() if share >= 0.5 and label in _BY_LABEL
    ]
    if not found:
        return None
    return _BY_LABEL[max(found, key=lambda label: (sample.labels[label], label))]


def category_of_name(name: str) -> str | None:
    """Return the category that the name of a key in a document suggests; None for no guess.

    >>> category_of_name("orderNo"), category_of_name("newsletter")
    ('user.unique_id', None)
    """
    written = words(name)
    return next((category for rule, category in _BY_KEY if rule.search(written)), None)

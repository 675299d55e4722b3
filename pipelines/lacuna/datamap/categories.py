"""The names of data categories that a data map may use: the fideslang taxonomy, as data."""

from typing import Final


def _below(parent: str, names: str) -> frozenset[str]:
    return frozenset({parent, *(f"{parent}.{name}" for name in names.split())})


CATEGORIES: Final[frozenset[str]] = frozenset().union(
    _below("system", "authentication operations"),
    _below(
        "user",
        "account account.username authorization authorization.biometrics "
        "authorization.credentials authorization.password behavior behavior.browsing_history "
        "behavior.media_consumption behavior.purchase_history behavior.search_history biometrics "
        "biometrics.fingerprint biometrics.retinal biometrics.voice children "
        "children.children_under_thirteen children.thirteen_to_sixteen criminal_history financial "
        "financial.bank_account financial.credit_card name name.first name.last payment "
        "privacy_preferences professional_information professional_information.job_title "
        "professional_information.workplace settings social_activity unique_id "
        "unique_id.deterministic unique_id.probablistic",
    ),
    _below(
        "user.contact",
        "address address.city address.country address.mailing_address address.postal_code "
        "address.state address.street email fax_number phone_number social_url",
    ),
    _below("user.content", "private public self_image"),
    _below(
        "user.demographic",
        "age_range citizenship_or_immigration_status date_of_birth gender language marital_status "
        "philosophical_belief political_opinion profile protected_classifications race_ethnicity "
        "religious_belief sexual_orientation union_membership",
    ),
    _below("user.device", "cookie cookie_id device_id ip_address sensor telemetry"),
    _below(
        "user.government_id",
        "birth_certificate drivers_license_number immigration national_identification_number "
        "passport_number vehicle_registration",
    ),
    _below(
        "user.health",
        "baby_formula condition genetic insurance_beneficiary_id maternity_clothing "
        "medical_diagnosis medications prescriptions record_id reproductive_or_sexual "
        "social_psychological_behavioral symptons treatment",
    ),
    _below("user.location", "coarse precise"),
)
"""Names of fideslang 3.2, as it spells them (`probablistic` and `symptons` too)."""

SPECIAL: Final[frozenset[str]] = frozenset(
    name
    for name in CATEGORIES
    if name.startswith(("user.health", "user.biometrics", "user.authorization.biometrics"))
    or name
    in {
        "user.demographic.philosophical_belief",
        "user.demographic.political_opinion",
        "user.demographic.race_ethnicity",
        "user.demographic.religious_belief",
        "user.demographic.sexual_orientation",
        "user.demographic.union_membership",
    }
)
"""Special categories (Art. 9(1)): the record of processing marks them."""

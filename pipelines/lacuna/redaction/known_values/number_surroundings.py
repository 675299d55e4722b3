"""The surroundings of digits: a longer number, a calling code, a mailbox."""

import re

import phonenumbers

# --- round a match ----------------------------------------------------------------------------------


def mail_stands_alone(text: str, start: int, end: int) -> bool:
    """Whether an e-mail address is whole here, not the end or the start of a longer one."""
    before = text[max(0, start - 2) : start]
    after = text[end : end + 2]
    longer_before = re.search(r"[\w]$|[\w][-.+%&']$", before)
    longer_after = re.match(r"[^\W_]|[-.][^\W_]", after)
    return longer_before is None and longer_after is None


def is_part_of_a_number(text: str, start: int, end: int) -> bool:
    """Whether an id goes on with more digits after a hyphen or point: another id."""
    before = text[max(0, start - 2) : start]
    after = text[end : end + 2]
    return bool(
        (text[start].isdigit() and re.search(r"\d[-.]$", before))
        or (text[end - 1].isdigit() and re.match(r"[-.]\d", after))
    )


def is_calling_code(digits: str, *, signed: bool) -> bool:
    """Whether digits right before a number are a calling code: after a plus sign, or two zeros."""
    if signed:
        code = digits
    elif digits.startswith("00"):
        code = digits[2:]
    else:
        return False
    codes = {code, code.removesuffix("0")} - {""}
    known = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return any(len(one) < 4 and int(one) in known for one in codes)


def with_prefix(text: str, start: int, end: int) -> tuple[int, int]:
    """Take a plus sign and a bracket before a number along."""
    if start and text[start - 1] == "+":
        start -= 1
    if start and text[start - 1] == "(" and ")" in text[start:end]:
        start -= 1
    return start, end

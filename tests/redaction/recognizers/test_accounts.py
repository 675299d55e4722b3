"""Accounts are found by their country's form, whatever the check digits are."""

import pytest

from lacuna.redaction.recognizers.accounts import AccountNumberRecognizer
from tests.redaction.recognizers.annotation import annotated, found

# The check digits are wrong: these accounts are nobody's.
ACCOUNTS = r"""
to ⟦DE34 3006 0601 0051 1773 01⟧ please
⟦DE34300606010051177301⟧
⟦de34 3006 0601 0051 1773 01⟧, danke
⟦nl34abna0511773019⟧
(⟦NL34-ABNA-0511-7730-19⟧)
⟦NL 34 ABNA 0511.77.30.19⟧ ten name van
⟦NO34 8601 1177 301⟧ og så
⟦FR34 2004 1010 0505 1177 3M02 601⟧
a figure too few: ⟦DE34 3006 0601 0051 1773 0⟧ bitte
two too many: ⟦NL34 ABNA 0511 7730 1922⟧
⟦BE34 5117 7301 9233⟧ and ⟦CH34 0076 2511 7730 1923 3⟧
"""

NO_ACCOUNTS = r"""
order DE34 and 3006 pieces, 0601 and 0051
no 12 3456 789 0123 45
AB34 3006 0601 0051 1773 01
DE34 3006 0601
ref=DE343006060100511773012345678
de34 huis 1200 stuk 4400 maal 1200 keer
in 24 1200 3400 5600 7800 9000
XX12345678901234567890
NL3412340511773019
the parts DE34 3006 0601 0051
"""


@pytest.mark.parametrize("sentence", ACCOUNTS.strip().split("\n"))
def test_an_account_is_found_by_the_form_of_its_country(sentence: str) -> None:
    assert found(AccountNumberRecognizer("en"), sentence) == annotated(sentence)


@pytest.mark.parametrize("sentence", NO_ACCOUNTS.strip().split("\n"))
def test_what_has_no_country_or_another_length_is_no_account(sentence: str) -> None:
    assert found(AccountNumberRecognizer("en"), sentence) == []

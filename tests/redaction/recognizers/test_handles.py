"""Handles and links are found; code and prose with the same characters are not."""

import pytest

from lacuna.redaction.recognizers.handles import HandleRecognizer, LinkRecognizer
from tests.redaction.recognizers.annotation import annotated, found

HANDLES = r"""
Follow me: ⟦@orla_quinn⟧
my account there is ⟦orlaquinn_74⟧
suche nach ⟦orla_quinn_1974⟧
I wrote to you as ⟦@orla.quinn77⟧, no answer
My Instagram is ⟦orla.quinn⟧
twitter handle: ⟦orlaq⟧
Discord: ⟦orla#4411⟧
username: ⟦orlaquinn⟧
mit brugernavn er ⟦mettel82⟧
Benutzername: ⟦heike_o⟧
användarnamn: ⟦ingela.s⟧
gebruikersnaam is ⟦femke77⟧
nom d'utilisateur : ⟦elodie.d⟧
nombre de usuario: ⟦marisolq⟧
nome utente: ⟦giulia.b⟧
skype: live:⟦orla.quinn⟧
"""

NO_HANDLES = r"""
Write to orla@example.org
img_2041 and error_404, in file_12.txt, by maxRetries_12
@media print and @import url
@everyone look here
my login is wrong
meet me @ 5
my Instagram is blocked
the user name is missing
"""

LINKS = r"""
see ⟦https://shop.example.org/track?email=orla%40example.org&order=77⟧.
(⟦http://intranet/profile/orla.quinn⟧)
open ⟦www.example.org/u/orla⟧, please
go to ⟦shop.example.org/reset?token=8f3a&user=orla⟧ now
⟦https://10.0.0.7:8443/a?b=c⟧
"""

NO_LINKS = r"""
and/or, either way
version 1.2/3
What about it? a=b
e.g. this one
"""


@pytest.mark.parametrize("sentence", HANDLES.strip().split("\n"))
def test_a_handle_is_found(sentence: str) -> None:
    assert found(HandleRecognizer("en"), sentence) == annotated(sentence)


@pytest.mark.parametrize("sentence", NO_HANDLES.strip().split("\n"))
def test_what_is_no_handle_is_left(sentence: str) -> None:
    assert found(HandleRecognizer("en"), sentence) == []


@pytest.mark.parametrize("sentence", LINKS.strip().split("\n"))
def test_a_link_is_found_whole_without_the_punctuation_after_it(sentence: str) -> None:
    assert found(LinkRecognizer("en"), sentence) == annotated(sentence)


@pytest.mark.parametrize("sentence", NO_LINKS.strip().split("\n"))
def test_what_is_no_link_is_left(sentence: str) -> None:
    assert found(LinkRecognizer("en"), sentence) == []

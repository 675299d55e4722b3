"""An address is found by its own spelling, whatever Python and PostgreSQL take for its small letters."""

from __future__ import annotations

import pytest

from lacuna.model.identity import IdentifierKind
from tests.post import open_post


@pytest.mark.parametrize(
    ("on_file", "given"),
    [
        ("ΟΔΟΣ@example.org", "ΟΔΟΣ@example.org"),
        ("ΟΔΟΣ@example.org", "οδοσ@example.org"),
        ("οδος@example.org", "οδος@example.org"),
        ("İnci@example.org", "İnci@example.org"),
        ("Ǆ@example.org", "ǆ@example.org"),
    ],
)
def test_who_is_on_file_is_found(database, tmp_path, on_file, given):
    post = open_post(database("lacuna"), tmp_path)
    post.query("update post.people set email = %s where name = 'Anna Berg'", on_file)
    request_id = post.submit(IdentifierKind.EMAIL, given)
    post.run()
    assert post.state(request_id) == "planned"

"""What `lacuna evidence verify` says a certificate is about."""

from __future__ import annotations

import pytest

from lacuna.cli.evidence import _about


@pytest.mark.parametrize(
    ("kind", "rights", "about"),
    [
        ("access", ["portability"], "portability"),
        ("restriction", ["objection"], "objection"),
        ("erasure", ["access", "erasure"], "access, erasure"),
        ("refused", ["erasure"], "refused"),
        ("nothing_found", None, "nothing_found"),
    ],
)
def test_a_certificate_is_named_by_the_rights_that_were_fulfilled(kind, rights, about):
    assert _about({"type": kind, "rights": rights}) == about

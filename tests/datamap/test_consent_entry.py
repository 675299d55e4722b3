"""The part of a data map about consent: what it says, and what keeps it from holding together."""

from pathlib import Path

import pytest

from lacuna.datamap import load
from lacuna.errors import ConfigurationError

SAMPLE = Path(__file__).parents[2] / "sql" / "contact_center" / "datamap.yaml"


def loaded(tmp_path, old, new):
    text = SAMPLE.read_text("utf-8")
    head, mark, tail = text.partition("\nconsent:\n")
    assert old in tail, old
    path = tmp_path / "datamap.yaml"
    path.write_text(head + mark + tail.replace(old, new, 1), "utf-8")
    return load(path)


def test_the_sample_says_where_consent_is_read_and_another_grace_is_another_map(tmp_path):
    mapped = load(SAMPLE)
    assert mapped.consent.grace_days == 7
    assert [str(one.table) for one in mapped.consent.recordings] == [
        "contact_center.call_recordings",
        "contact_center.voicemails",
    ]
    assert loaded(tmp_path, "grace_days: 7", "grace_days: 8").digest != mapped.digest


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("began: started_at", "began: start", "lists no column 'start'"),
        ("calls: contact_center.calls", "calls: contact_center.call", "is not in the map"),
        ("  granted: [caller_opted_in]\n", "", "'granted' is missing"),
        (
            "declined: [caller_opted_out]",
            "declined: [caller_opted_in]",
            "both granted and declined",
        ),
        ("override: recording_override_by", "override: nobody", "lists no column 'nobody'"),
        ("conversations.queue_id", "teams.name", "no link leads from contact_center.calls to"),
        ("locked: {status: quarantined}", "locked: {state: x}", "lists no column 'state'"),
        (
            "locked: {status: quarantined}",
            "locked: {status: x, uri: y}",
            "locked must give one column its value",
        ),
        ("contact_center.transcripts]", "contact_center.wrapup_notes]", "no link leads from"),
        ("contact_center.transcripts]", "contact_center.voicemails]", "needs rows: delete"),
        ("table: contact_center.voicemails", "table: contact_center.tags", "one column with erase"),
        ("  grace_days: 7", "  grace_days: soon", "grace_days must be a whole number"),
        ("  grace_days: 7", "  grace_days: 7\n  other: 1", "unknown key 'other'"),
        (
            "  grace_days: 7",
            "  grace_days: 7\n  bases: [{tenant: fjordlys, processing: law}]",
            "there is no processing 'law'",
        ),
    ],
)
def test_what_does_not_hold_together_is_said_with_its_line(tmp_path, old, new, problem):
    with pytest.raises(ConfigurationError, match=r"line [0-9]+: ") as caught:
        loaded(tmp_path, old, new)
    assert problem in str(caught.value)

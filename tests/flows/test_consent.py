"""Recordings and consent on the sample: found exactly, locked, deleted, and what withdrawal reaches."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from lacuna.consent import owner_of_call, record, withdraw
from lacuna.errors import ApplyFailed, StatementRefused, VerificationFailed
from lacuna.flows import sweep
from lacuna.flows.fulfilment.bundles import _collect
from lacuna.flows.fulfilment.survey import survey
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.opening import open_datamap
from lacuna.flows.sweep import recordings_without_consent
from lacuna.flows.sweep.recordings_without_consent import compare_recordings
from lacuna.flows.sweep.rules import approve_rule, known_rules
from lacuna.flows.sweep.unnamed_files import LOCK
from lacuna.model.consent import RULE, ConsentEntry, ConsentMethod, ConsentStatus
from lacuna.model.evidence import Action, Phase
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Mode, Role
from lacuna.request import withdraw as close
from lacuna.stores.postgres.migrations import grant_platform
from tests.flows.observation import connect, execute, leaves_of, platform_of, quiet_people

# What was planted, told from the calls by other means than the product's.
PLANTED = """
    select r.recording_id, case
        when c.recording_override_by is not null then 'overridden'
        when c.call_recording_consent_action is null then 'not_asked'
        when c.call_recording_consent_action = 'caller_opted_out' then 'declined'
        when c.consent_answered_at > r.started_at then 'late'
    end from contact_center.call_recordings r join contact_center.calls c using (call_id)
    where r.uri is not null and (
        c.recording_override_by is not null
        or c.call_recording_consent_action is distinct from 'caller_opted_in'
        or c.consent_answered_at > r.started_at)
"""
OWN = "call_id in (select call_id from contact_center.calls c "
OWN += (
    "join contact_center.conversations v using (conversation_id) where v.requester_id::text = %s)"
)


@pytest.fixture
def installation(whole):
    return whole


def compared(installation):
    return compare_recordings(installation.stores, open_datamap(installation.stores))


def found_in(installation):
    return {int(one.recording.key[0]): str(one.breach) for one in compared(installation).found}


def planted_in(installation):
    return dict(execute(installation.url, PLANTED))


def digest_of(installation):
    return {one.name: one.digest for one in known_rules(installation.stores)}[RULE]


def allow(installation, most=None):
    approve_rule(installation.stores, (RULE, digest_of(installation), most), "dpo:0000test")


def let_grace_pass(installation):
    execute(installation.url, "update lacuna.recording_lock set since = since - interval '8 days'")


def statuses(installation):
    return dict(
        execute(installation.url, "select recording_id, status from contact_center.call_recordings")
    )


def paths_of(installation, keys):
    rows = execute(
        installation.url,
        "select uri from contact_center.call_recordings where recording_id = any(%s)",
        sorted(keys),
    )
    return {installation.stores.home / "media" / uri for (uri,) in rows if uri is not None}


@pytest.mark.usefixtures("discreet")
def test_exactly_the_planted_recordings_are_found_and_the_weeks_add_up(installation):
    planted = planted_in(installation)
    assert sum(installation.platform.traps[18] for _ in [0]) == len(planted)
    assert set(planted.values()) == {"overridden", "not_asked", "declined", "late"}
    report = compared(installation)
    assert {int(one.recording.key[0]): one.breach for one in report.found} == planted
    assert report.overrides == list(planted.values()).count("overridden")
    # The files without a row are a trap of their own.
    assert report.unnamed == installation.platform.traps[13]
    rows = execute(
        installation.url,
        "select (select count(*) from contact_center.call_recordings where uri is not null), "
        "(select count(*) from contact_center.voicemails), "
        "(select count(*) from contact_center.calls), "
        "(select count(*) from contact_center.calls where consent_prompted_at is not null)",
    )
    ((recordings, voicemails, calls, asked),) = rows
    assert report.consented == recordings - len(planted)
    ((place, count),) = report.other_basis.items()
    assert (str(place[0]), place[1], count) == (
        "contact_center.voicemails",
        "voicemail",
        voicemails,
    )
    assert sum(week.calls for week in report.weeks) == calls
    assert sum(week.asked for week in report.weeks) == asked
    assert sum(week.recordings for week in report.weeks) == recordings + voicemails
    assert sum(week.without_consent for week in report.weeks) == len(planted)
    assert sum(week.on_other_basis for week in report.weeks) == voicemails
    assert len({(week.org_id, week.label) for week in report.weeks}) == len(report.weeks) > 2
    # The ledger was filled once; comparing again adds nothing.
    ledger = (
        "select count(*), count(distinct call_key), count(subject_id) from lacuna.consent_entry"
    )
    before = execute(installation.url, ledger)
    assert before[0][0] == asked
    assert {
        int(one.recording.key[0]): one.breach for one in compared(installation).found
    } == planted
    assert execute(installation.url, ledger) == before


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_without_approval_and_when_observing_nothing_is_touched(installation):
    before = platform_of(installation)
    assert installation.run(sweep) is None
    assert platform_of(installation) == before
    allow(installation)
    assert installation.run(sweep, mode=Mode.OBSERVE) is None
    assert platform_of(installation) == before
    assert not execute(installation.url, "select from lacuna.recording_lock")


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_what_no_consent_covers_is_locked_and_after_the_grace_period_gone(installation):
    planted = planted_in(installation)
    ((with_words,),) = execute(
        installation.url,
        "select min(r.recording_id) from contact_center.call_recordings r join "
        "contact_center.transcripts t using (call_id) where r.recording_id = any(%s)",
        sorted(planted),
    )
    # A message on the answering machine, in a call that was recorded too, keeps nothing of it.
    execute(
        installation.url,
        "insert into contact_center.voicemails (voicemail_id, org_id, call_id, uri, media_type, "
        "bytes, duration_s, created_at) select 990001, org_id, call_id, 'voicemails/beside.wav', "
        "'audio/wav', 4, 1, "
        "started_at from contact_center.call_recordings where recording_id = %s",
        with_words,
    )
    beside = installation.stores.home / "media" / "voicemails" / "beside.wav"
    beside.write_bytes(b"RIFF")
    files = paths_of(installation, planted)
    all_files = {path for path in (installation.stores.home / "media").rglob("*") if path.is_file()}
    assert files <= all_files
    assert len(files) == len(planted)
    calls = "select call_id from contact_center.call_recordings where recording_id = any(%s)"
    # What is put together here are constants of this test.
    transcripts = f"select count(*) from contact_center.transcripts where call_id in ({calls})"  # noqa: S608
    ((spoken,),) = execute(installation.url, transcripts, sorted(planted))
    ((everything,),) = execute(installation.url, "select count(*) from contact_center.transcripts")
    assert 0 < spoken < everything
    allow(installation)

    assert installation.run(sweep) is None
    assert {key for key, status in statuses(installation).items() if status == "quarantined"} == (
        set(planted)
    )
    assert {path for path in files if path.exists()} == files, "it went before its time"
    assert installation.run(sweep) is None
    assert len(execute(installation.url, "select from lacuna.recording_lock")) == len(planted)
    assert {path for path in files if path.exists()} == files

    let_grace_pass(installation)
    assert installation.run(sweep) is None
    assert not any(path.exists() for path in files)
    left = {path for path in (installation.stores.home / "media").rglob("*") if path.is_file()}
    assert left == all_files - files
    assert found_in(installation) == {}
    now = statuses(installation)
    assert {key for key, status in now.items() if status == "deleted"} == set(planted)
    assert {now[key] for key in now.keys() - planted.keys()} == {"available"}
    assert execute(installation.url, transcripts, sorted(planted)) == [(0,)]
    assert execute(installation.url, "select count(*) from contact_center.transcripts") == [
        (everything - spoken,)
    ]
    assert not execute(installation.url, "select from lacuna.recording_lock")
    assert not execute(installation.url, "select from lacuna.file_effect where state = 'pending'")
    assert sum(week.gone for week in compared(installation).weeks) == len(planted)
    entries = [leaf.entry for leaf in leaves_of(installation) if leaf.entry.phase is Phase.OUTCOME]
    said = Counter()
    for entry in entries:
        said[entry.action, entry.location] += entry.rows or 0
    assert said[Action.LOCK_RECORDINGS, "contact_center.call_recordings"] == len(planted)
    assert said[Action.SWEEP, "contact_center.call_recordings"] == len(planted)
    assert said[Action.SWEEP, "contact_center.transcripts"] == spoken
    assert said[Action.DELETE_OBJECTS, "media/recordings/**"] == len(planted)
    before = platform_of(installation)
    assert installation.run(sweep) is None
    assert platform_of(installation) == before


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_a_run_that_ends_before_the_files_are_deleted_is_finished_by_the_next(
    installation, monkeypatch
):
    planted = planted_in(installation)
    files = paths_of(installation, planted)
    allow(installation)
    assert installation.run(sweep) is None
    let_grace_pass(installation)
    calls = []

    def killed(planner):
        calls.append(planner)
        if len(calls) == 2:
            raise ApplyFailed("the process ends here")
        return finish(planner)

    finish = recordings_without_consent._finish
    monkeypatch.setattr(recordings_without_consent, "_finish", killed)
    assert isinstance(installation.run(sweep), VerificationFailed)
    assert all(path.exists() for path in files)
    pending = "select count(*) from lacuna.file_effect where rule is not null and state = 'pending'"
    assert execute(installation.url, pending) == [(len(planted),)]
    assert found_in(installation) == {}
    monkeypatch.undo()
    assert installation.run(sweep) is None
    assert not any(path.exists() for path in files)
    assert execute(installation.url, pending) == [(0,)]
    done = [leaf.entry for leaf in leaves_of(installation)]
    deleted = [one.rows for one in done if one.action is Action.DELETE_OBJECTS]
    assert deleted == [len(planted)]


@pytest.mark.usefixtures("discreet")
def test_a_night_with_more_recordings_than_were_approved_stops(installation):
    planted = planted_in(installation)
    allow(installation, len(planted) - 1)
    before = platform_of(installation)
    error = installation.run(sweep)
    assert isinstance(error, VerificationFailed)
    assert f"{len(planted)} recordings to lock" in str(error)
    assert platform_of(installation) == before


def recorded_person(installation):
    """Return somebody with a recording that consent covers, and the recordings of theirs."""
    covered = "select v.requester_id::text, array_agg(r.recording_id) "
    covered += "from contact_center.call_recordings r join contact_center.calls c using (call_id) "
    covered += "join contact_center.conversations v using (conversation_id) "
    covered += "where r.uri is not null and c.recording_override_by is null "
    covered += "and c.call_recording_consent_action = 'caller_opted_in' "
    covered += "and c.consent_answered_at <= r.started_at group by 1 order by 1"
    quiet = set(quiet_people(installation.platform))
    return next((one, keys) for one, keys in execute(installation.url, covered) if one in quiet)


def take_back(installation, contact):
    org_id = installation.platform.people[contact].org_id
    entry = ConsentEntry(
        org_id, None, ConsentStatus.WITHDRAWN, ConsentMethod.MAIL, datetime.now(UTC)
    )
    datamap = open_datamap(installation.stores)
    with installation.stores.transaction(Role.DPO, org_id=org_id) as transaction:
        desk = installation.desk(transaction)
        assert withdraw(entry, {contact}, transaction.consents(datamap), desk) == 1


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_a_withdrawal_reaches_recording_transcript_and_summary(installation, tmp_path):
    contact, keys = recorded_person(installation)
    # A platform that has calls summed up by a machine.
    execute(
        installation.url,
        "create table contact_center.call_summaries (summary_id bigint primary key, "
        "org_id text not null, call_id bigint not null references contact_center.calls, text text)",
    )
    execute(
        installation.url,
        "insert into contact_center.call_summaries select call_id, org_id, call_id, 'They agreed.' "
        "from contact_center.calls",
    )
    grant_platform(installation.stores.database, ("contact_center",))
    text = installation.stores.datamap_path.read_text("utf-8")
    own = tmp_path / "datamap.yaml"
    own.write_text(
        text.replace(
            "derived: [contact_center.transcripts]",
            "derived: [contact_center.transcripts, contact_center.call_summaries]",
        ).replace(
            "  contact_center.transcripts:\n",
            "  contact_center.call_summaries:\n    processing: recording\n    key: summary_id\n"
            "    tenant: org_id\n    links: {call_id: contact_center.calls}\n    rows: delete\n"
            "    columns:\n      summary_id: {category: system.operations, erase: keep}\n"
            "      org_id: {category: system.operations, erase: keep}\n"
            "      call_id: {category: system.operations, erase: keep}\n"
            "      text: {category: user.content.private, erase: suppress, text: plain, access: true,"
            " portability: false, meaning: What was said in short.}\n\n"
            "  contact_center.transcripts:\n",
        ),
        "utf-8",
    )
    object.__setattr__(installation.stores, "datamap_path", own)
    # A summary without a recording and without an opt-in is a breach by itself.
    bare = {
        one.recording.key[0] for one in compared(installation).found if one.recording.is_derived
    }
    ((lone,),) = execute(
        installation.url,
        "select count(*) from contact_center.calls c where not exists (select from "
        "contact_center.call_recordings r where r.call_id = c.call_id and r.uri is not null) "
        "and not exists (select from contact_center.voicemails v where v.call_id = c.call_id)",
    )
    assert len(bare) == lone > 0
    execute(
        installation.url,
        "delete from contact_center.call_summaries where call_id::text = any(%s)",
        sorted(bare),
    )
    mine = f"select count(*) from contact_center.{{}} where {OWN}"  # noqa: S608
    assert all(
        execute(installation.url, mine.format(table), contact)[0][0]
        for table in ("transcripts", "call_summaries")
    )
    planted = planted_in(installation)
    assert found_in(installation) == planted
    take_back(installation, contact)
    assert found_in(installation) == planted | dict.fromkeys(keys, "withdrawn")
    files = paths_of(installation, keys)
    assert files
    allow(installation)
    assert installation.run(sweep) is None
    let_grace_pass(installation)
    assert installation.run(sweep) is None
    assert not any(path.exists() for path in files)
    for table in ("transcripts", "call_summaries"):
        rows = execute(
            installation.url,
            f"select count(*) from contact_center.{table} t where exists (select from "  # noqa: S608
            "contact_center.call_recordings r where r.call_id = t.call_id "
            "and r.recording_id = any(%s))",
            sorted(keys),
        )
        assert rows == [(0,)], table
    assert found_in(installation) == {}


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_a_late_part_of_a_call_takes_along_what_was_made_of_it_alone(installation, tmp_path):
    planted = planted_in(installation)
    late, of_late = 990_001, 990_002
    # A part of a call that was recorded before the caller's answer, and one after it.
    ((covered, org_id, call, answered),) = execute(
        installation.url,
        "select r.recording_id, r.org_id, c.call_id, c.consent_answered_at from "
        "contact_center.call_recordings r join contact_center.calls c using (call_id) where "
        "r.uri is not null and r.recording_id <> all(%s) and exists (select from "
        "contact_center.transcripts t where t.call_id = c.call_id) order by 1 limit 1",
        sorted(planted),
    )
    path = installation.stores.home / "media" / "recordings" / "late.wav"
    path.write_bytes(b"RIFF")
    execute(
        installation.url,
        "insert into contact_center.call_recordings (recording_id, org_id, call_id, uri, "
        "media_type, bytes, duration_s, started_at) values "
        "(%s, %s, %s, 'recordings/late.wav', 'audio/wav', 4, 1, %s)",
        late,
        org_id,
        call,
        answered - timedelta(seconds=1),
    )
    execute(
        installation.url,
        "create table contact_center.part_texts (part_text_id bigint primary key, org_id text not "
        "null, recording_id bigint not null references contact_center.call_recordings, text text)",
    )
    for key, recording in ((of_late, late), (of_late + 1, covered)):
        execute(
            installation.url,
            "insert into contact_center.part_texts values (%s, %s, %s, 'They agreed.')",
            key,
            org_id,
            recording,
        )
    grant_platform(installation.stores.database, ("contact_center",))
    text = installation.stores.datamap_path.read_text("utf-8")
    own = tmp_path / "datamap.yaml"
    own.write_text(
        text.replace(
            "derived: [contact_center.transcripts]",
            "derived: [contact_center.transcripts, contact_center.part_texts]",
        ).replace(
            "  contact_center.transcripts:\n",
            "  contact_center.part_texts:\n    processing: recording\n    key: part_text_id\n"
            "    tenant: org_id\n    links: {recording_id: contact_center.call_recordings}\n"
            "    rows: delete\n    columns:\n"
            "      part_text_id: {category: system.operations, erase: keep}\n"
            "      org_id: {category: system.operations, erase: keep}\n"
            "      recording_id: {category: system.operations, erase: keep}\n"
            "      text: {category: user.content.private, erase: suppress, text: plain, access: true,"
            " portability: false, meaning: What was said in this part.}\n\n"
            "  contact_center.transcripts:\n",
        ),
        "utf-8",
    )
    object.__setattr__(installation.stores, "datamap_path", own)
    assert found_in(installation) == planted | {late: "late"}
    spoken = "select count(*) from contact_center.transcripts where call_id = %s"
    before = execute(installation.url, spoken, call)
    allow(installation)
    assert installation.run(sweep) is None
    let_grace_pass(installation)
    assert installation.run(sweep) is None
    assert not path.exists()
    left = execute(installation.url, "select part_text_id from contact_center.part_texts")
    assert left == [(of_late + 1,)]
    # What leads to the call alone stays while a part of the call does.
    assert execute(installation.url, spoken, call) == before != [(0,)]
    assert statuses(installation)[covered] == "available"


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_a_lock_is_lifted_where_consent_is_shown_after_all(installation):
    planted = planted_in(installation)
    key = next(key for key, breach in planted.items() if breach == "not_asked")
    allow(installation)
    assert installation.run(sweep) is None
    assert statuses(installation)[key] == "quarantined"
    ((org_id, call, began),) = execute(
        installation.url,
        "select org_id, call_id::text, started_at from contact_center.call_recordings "
        "where recording_id = %s",
        key,
    )
    datamap = open_datamap(installation.stores)
    entry = ConsentEntry(
        org_id, call, ConsentStatus.GRANTED, ConsentMethod.VERBAL, began - timedelta(seconds=9)
    )
    with installation.stores.transaction(Role.PLANNER) as transaction:
        consents, reading = transaction.consents(datamap), transaction.reading(datamap)
        owner = owner_of_call(entry, datamap, consents, reading)
    with installation.stores.transaction(Role.DPO, org_id=org_id) as transaction:
        record(entry, owner, transaction.consents(datamap), installation.desk(transaction))
    assert installation.run(sweep) is None
    assert statuses(installation)[key] == "available"
    assert key not in found_in(installation)


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_what_belongs_to_a_restricted_person_stays_until_that_is_lifted(installation):
    planted = planted_in(installation)
    rows = execute(
        installation.url,
        "select r.recording_id, v.requester_id::text from contact_center.call_recordings r "
        "join contact_center.calls c using (call_id) join contact_center.conversations v "
        "using (conversation_id) where r.recording_id = any(%s)",
        sorted(planted),
    )
    key, contact = rows[0]
    theirs = {one for one, owner in rows if owner == contact}
    assert theirs != set(planted)
    request_id = installation.submit_contact(contact, kinds=(RequestKind.RESTRICTION,))
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.COMPLETED
    allow(installation)
    assert installation.run(sweep) is None
    let_grace_pass(installation)
    assert installation.run(sweep) is None
    assert set(found_in(installation)) == theirs
    assert statuses(installation)[key] == "available"


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_what_somebody_asked_to_see_is_locked_and_not_deleted_before_they_got_it(installation):
    planted = planted_in(installation)
    rows = execute(
        installation.url,
        "select r.recording_id, v.requester_id::text from contact_center.call_recordings r "
        "join contact_center.calls c using (call_id) join contact_center.conversations v "
        "using (conversation_id) where r.recording_id = any(%s)",
        sorted(planted),
    )
    _, contact = rows[0]
    theirs = {one for one, owner in rows if owner == contact}
    files, others = paths_of(installation, theirs), paths_of(installation, set(planted) - theirs)
    request_id = installation.submit_contact(contact, kinds=(RequestKind.ACCESS,))
    allow(installation)
    assert installation.run(sweep) is None
    let_grace_pass(installation)
    assert installation.run(sweep) is None
    assert all(path.exists() for path in files)
    assert not any(path.exists() for path in others)
    with installation.stores.transaction(
        Role.DPO, org_id=installation.request(request_id).org_id
    ) as transaction:
        close(transaction.queue.requests.get(request_id), installation.desk(transaction))
    assert installation.run(sweep) is None
    assert not any(path.exists() for path in files)


@pytest.mark.usefixtures("discreet")
def test_another_basis_of_a_tenant_lists_recordings_and_deletes_none(installation, tmp_path):
    planted = planted_in(installation)
    rows = execute(
        installation.url,
        "select r.recording_id, r.org_id, v.queue_id::text from contact_center.call_recordings r "
        "join contact_center.calls c using (call_id) join contact_center.conversations v "
        "using (conversation_id) where r.uri is not null",
    )
    place = {key: (org_id, queue) for key, org_id, queue in rows}
    org_id, queue = place[min(planted)]
    text = installation.stores.datamap_path.read_text("utf-8")
    bases = f"  bases:\n    - {{tenant: {org_id}, queue: '{queue}', processing: agreements}}\n"
    own = tmp_path / "datamap.yaml"
    own.write_text(text.rstrip("\n") + "\n" + bases, "utf-8")
    object.__setattr__(installation.stores, "datamap_path", own)
    report = compared(installation)
    spared = {key for key in place if place[key] == (org_id, queue)}
    assert {int(one.recording.key[0]) for one in report.found} == set(planted) - spared
    on_it = {
        str(table): count
        for (table, processing, _), count in report.other_basis.items()
        if processing == "agreements"
    }
    assert on_it["contact_center.call_recordings"] == len(spared) > 0
    own.write_text(text.rstrip("\n") + "\n" + bases.replace(f", queue: '{queue}'", ""), "utf-8")
    whole = {key for key in place if place[key][0] == org_id}
    assert set(found_in(installation)) == set(planted) - whole


@pytest.mark.usefixtures("discreet")
def test_a_tenant_that_records_on_another_basis_keeps_its_recordings(installation, tmp_path):
    planted = planted_in(installation)
    digest = digest_of(installation)
    rows = execute(
        installation.url,
        "select org_id, array_agg(recording_id) from contact_center.call_recordings "
        "where uri is not null and org_id in ('fjordlys', 'hafenkontor') group by 1",
    )
    of_tenant = {org_id: set(keys) & set(planted) for org_id, keys in rows}
    assert of_tenant["fjordlys"]
    text = installation.stores.datamap_path.read_text("utf-8")
    line = "    dpo: dpo@fjordlys.example.com\n"
    assert line in text
    basis = "    processings: {recording: {lawful_basis: 6(1)(f)}}\n"
    own = tmp_path / "datamap.yaml"
    own.write_text(text.replace(line, line + basis), "utf-8")
    object.__setattr__(installation.stores, "datamap_path", own)
    report = compared(installation)
    found = {int(one.recording.key[0]) for one in report.found}
    assert found == set(planted) - of_tenant["fjordlys"]
    ((place, count),) = (
        (place, count) for place, count in report.other_basis.items() if place[1] == "recording"
    )
    assert (str(place[0]), place[2]) == ("contact_center.call_recordings", "6(1)(f)")
    assert count > len(of_tenant["fjordlys"])
    # What was approved spared nobody of this tenant: the rule has to be approved anew.
    assert digest_of(installation) != digest


@pytest.mark.usefixtures("discreet")
def test_the_ledger_of_consents_takes_no_change(installation):
    compared(installation)
    for statement in (
        "update lacuna.consent_entry set status = 'granted'",
        "delete from lacuna.consent_entry",
        "truncate lacuna.consent_entry",
    ):
        with pytest.raises(Exception, match="append-only"), connect(installation.url) as connection:
            connection.execute(statement)
        for role in (Role.PLANNER, Role.EXECUTOR):
            with (
                pytest.raises(StatementRefused, match="InsufficientPrivilege"),
                installation.stores.database.transaction(role) as connection,
            ):
                connection.exec_driver_sql(statement)


@pytest.mark.long
def test_an_erasure_leaves_the_entry_and_it_points_at_nobody(little):
    installation = little
    contact, _ = recorded_person(installation)
    compared(installation)
    take_back(installation, contact)
    whose = "select count(*) from lacuna.subject where contact_id = %s"
    entries = "select count(*) from lacuna.consent_entry"
    ((mine,),) = execute(installation.url, whose, contact)
    assert mine > 1
    everything = execute(installation.url, entries)
    ((others,),) = execute(
        installation.url, "select count(*) from lacuna.subject where contact_id <> %s", contact
    )
    installation.erase(contact)
    assert execute(installation.url, whose, contact) == [(0,)]
    assert execute(installation.url, entries) == everything
    assert execute(installation.url, "select count(*) from lacuna.subject") == [(others,)]
    ((orphaned, grouped),) = execute(
        installation.url,
        "select count(*), count(distinct subject_id) from lacuna.consent_entry e "
        "where subject_id is not null and not exists (select from lacuna.subject s "
        "where s.subject_id = e.subject_id)",
    )
    assert orphaned == grouped == mine
    # Read again, the call leads to nobody and the entry is there already.
    compared(installation)
    assert execute(installation.url, whose, contact) == [(0,)]
    assert execute(installation.url, entries) == everything


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_an_access_bundle_holds_what_the_person_said(installation):
    contact, _ = recorded_person(installation)
    org_id = installation.platform.people[contact].org_id
    compared(installation)
    take_back(installation, contact)
    datamap = open_datamap(installation.stores)
    with installation.stores.transaction(Role.PLANNER) as transaction:
        history = transaction.consents(datamap).history(org_id, {contact})
    assert [one.status for one in history][-1] == "withdrawn"
    assert "granted" in {one.status for one in history}
    request_id = installation.submit_contact(contact, kinds=(RequestKind.ACCESS,))
    batch = Batch(installation.stores, installation.options(), datamap, flow="sweep")
    with installation.stores.transaction(Role.PLANNER) as transaction:
        request = transaction.queue.requests.get(request_id)
        (work,) = survey(batch, [request], transaction)
        content, _, _ = _collect(batch, work, transaction, installation.stores.home / "x")
    assert list(content.order.consents) == history


def test_no_recording_is_judged_while_something_moves_files(installation):
    """A row that loses its path just then would leave a file that no row names."""
    stores = installation.stores
    with stores.exclusive(LOCK):
        error = installation.run(sweep)
    assert 'another run holds the lock "objects sweep"' in str(error)
    assert installation.run(sweep) is None

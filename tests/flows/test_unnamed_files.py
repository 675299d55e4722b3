"""Files that no row names: listed without a name, approved as a list, put apart, deleted when due."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lacuna.errors import (
    ApplyFailed,
    BlastRadiusExceeded,
    DependencyUnreachable,
    PipelineError,
    PlanChanged,
    PlanRefused,
    RequestError,
    StatementRefused,
    VerificationFailed,
)
from lacuna.flows import sweep
from lacuna.flows.sweep import file_quarantine
from lacuna.flows.sweep.rules import approve_rule, known_rules
from lacuna.flows.sweep.unnamed_files import UNNAMED_FILES, list_path, list_unnamed
from lacuna.model.evidence import Phase
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import STORE_MARK, Quarantined, original_path
from lacuna.model.queue import EffectAction
from lacuna.model.request import RequestKind
from lacuna.model.run import Mode, Role, RunOptions
from tests.flows.call_centre import World, s3, world
from tests.flows.observation import leaves_of
from tests.media_stores import mark

__all__ = ["s3", "world"]

VOICE = "media/voice/**"
NAME = "carla.holm@example.org"
LOST = (f"voice/{NAME}.wav", "voice/lost.wav", "voice/deep/er/lost.wav")
OFFICER = "dpo:0000test"


FOLDER = pytest.mark.parametrize("world", ["folder"], indirect=True)
"""Of tests that say nothing of a store."""


class Killed(BaseException):
    """Stands for the end of the process."""


def options(*, mode: Mode = Mode.ACT, unnamed_days: int = -1, **more: object) -> RunOptions:
    """Return options by which a file is old enough as soon as it is there, and due the same day."""
    return RunOptions(
        run_id=f"test-{uuid.uuid4()}",
        mode=mode,
        unnamed_days=unnamed_days,
        **({"quarantine_days": 0} | more),
    )


@pytest.fixture
def lost(world: World) -> World:
    for path in LOST:
        world.put(path, b"RIFF " + path.encode())
    return world


def propose(world: World, **more: object) -> str:
    return list_unnamed(world.post.stores, options(**more), is_kept=True).digest


def approve(world: World, digest: str, most: int | None = None) -> None:
    approve_rule(world.post.stores, (UNNAMED_FILES, digest, most), OFFICER)


def propose_and_approve(world: World, **more: object) -> str:
    digest = propose(world, **more)
    approve(world, digest)
    return digest


def act(world: World, **more: object) -> dict[str, dict[str, int]]:
    """Do what the sweep does each night; return what its lines count, by outcome."""
    done = options(**more)
    file_quarantine.quarantine_unnamed(world.post.stores, done, str(uuid.uuid4()))
    return counted(world, done.run_id)


def counted(world: World, run_id: str) -> dict[str, dict[str, int]]:
    lines = world.post.stores.run_log.read(run_id)
    return {one.outcome: dict(one.counts) for one in lines if one.step in ("objects", "sweep")}


def entries(world: World, *actions: str) -> list[tuple[str, str, int | None, int | None]]:
    """Return what the ledger has of files that no row names: action, phase, rows, already."""
    return [
        (str(one.entry.action), str(one.entry.phase), one.entry.rows, one.entry.already)
        for one in leaves_of(world.post)
        if one.entry.location == VOICE and one.entry.action in actions
    ]


def of_quarantine(world: World) -> set[str]:
    return {original_path(path) for path in world.paths() if Quarantined.parse(path)}


# --- the list -------------------------------------------------------------------------------------


def test_files_that_no_row_names_are_listed_by_pattern_and_never_by_name(lost, caplog):
    caplog.set_level(logging.DEBUG, "lacuna")
    before = lost.paths()
    lost.put("notes/free.txt", b"no row names notes")
    lost.put("archive/rows.parquet", b"nor archives")
    found = list_unnamed(lost.post.stores, options())
    (group,) = found.groups
    today = datetime.now(UTC).date()
    assert (group.location, group.files, group.named, group.young) == (VOICE, 3, 2, 0)
    assert group.byte_count == sum(len(b"RIFF " + path.encode()) for path in LOST)
    assert today - timedelta(days=1) <= group.oldest <= group.newest <= today
    assert found.waiting == ()
    young = list_unnamed(lost.post.stores, options(unnamed_days=30))
    assert [(one.files, one.young) for one in young.groups] == [(0, 3)]
    assert NAME not in f"{found} {young} {caplog.text}"
    assert lost.paths() == before | {"notes/free.txt", "archive/rows.parquet"}
    assert not list_path(lost.post.stores.home).exists()


@pytest.mark.thorough
def test_the_digest_is_over_the_exact_list(lost):
    first = list_unnamed(lost.post.stores, options()).digest
    assert list_unnamed(lost.post.stores, options(), is_kept=True).digest == first
    kept = list_path(lost.post.stores.home)
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == first
    assert kept.stat().st_mode & 0o077 == 0
    assert NAME.encode() not in kept.read_bytes()
    digests = {first}
    lost.put(LOST[1], b"RIFF voice/LOST.wav")  # as long as before
    digests.add(list_unnamed(lost.post.stores, options()).digest)
    lost.put("voice/another.wav", b"RIFF")
    digests.add(list_unnamed(lost.post.stores, options()).digest)
    lost.objects.delete(LOST[2])
    digests.add(list_unnamed(lost.post.stores, options()).digest)
    digests.add(list_unnamed(lost.post.stores, options(quarantine_days=5)).digest)
    assert len(digests) == 5


@pytest.mark.thorough
def test_hostile_names_are_moved_and_put_back_like_any_other(world):
    names = {f"voice/{name}" for name in ("\u202efdp.wav", "[x]*?.wav", "ø" * 60, "' --.wav")}
    for name in names:
        world.put(name, b"RIFF")
    digest = propose_and_approve(world, quarantine_days=9)
    assert act(world)["unnamed_quarantined"] == {"quarantined": 4}
    assert of_quarantine(world) == names
    restored = file_quarantine.restore_quarantined(
        world.post.stores, options(), str(uuid.uuid4()), (digest, OFFICER)
    )
    assert restored == 4
    assert names <= world.paths()


@FOLDER  # the service has no such keys
@pytest.mark.parametrize("name", [b"a\nb.wav", b"\xff\xfe.wav", b"\x1b[31m.wav"])
def test_names_that_are_no_text_are_moved_and_deleted_like_any_other(world, name, capsys):
    world.put(f"voice/{os.fsdecode(name)}", b"RIFF")
    propose_and_approve(world)
    assert act(world)["unnamed_quarantined"] == {"quarantined": 1}
    assert act(world)["unnamed_deleted"] == {"deleted": 1}
    assert world.paths() == {"voice/10.wav", "voice/20.wav"}
    assert os.fsdecode(name) not in capsys.readouterr().out


@FOLDER
def test_a_list_that_was_altered_is_no_approved_one(lost):
    propose_and_approve(lost)
    kept = list_path(lost.post.stores.home)
    lines = kept.read_bytes().splitlines(keepends=True)
    kept.write_bytes(b"".join([*lines[:1], *lines[2:]]))
    assert set(act(lost)) == {"not_approved"}
    kept.write_bytes(b"no list")
    with pytest.raises(PlanRefused, match="was changed"):
        act(lost)
    assert UNNAMED_FILES not in {one.name for one in known_rules(lost.post.stores)}
    assert set(LOST) <= lost.paths()


# --- the approval ---------------------------------------------------------------------------------


@FOLDER
def test_nothing_moves_before_an_officer_approved_that_very_list(lost):
    before = lost.paths()
    digest = propose(lost)
    (rule,) = [one for one in known_rules(lost.post.stores) if one.name == UNNAMED_FILES]
    assert (rule.digest, rule.is_approved) == (digest, False)
    assert "3 files" in rule.meaning
    assert set(act(lost)) == {"not_approved"}
    # Neither does a row that the ledger knows nothing of.
    lost.post.query(
        "insert into lacuna.rule_approval (rule, digest, approved_by, approved_at) "
        "values (%s, %s, %s, now())",
        UNNAMED_FILES,
        digest,
        OFFICER,
    )
    assert set(act(lost)) == {"not_approved"}
    with pytest.raises(PlanChanged):
        approve(lost, "0" * 64)
    with pytest.raises(StatementRefused):
        approve_rule(lost.post.stores, (UNNAMED_FILES, digest, None), "dpo:ffffffff")
    # Another list takes its place: what was approved is not what lies there.
    lost.post.query("delete from lacuna.rule_approval")
    approve(lost, digest)
    lost.put("voice/one.more.wav", b"RIFF")
    assert propose(lost) != digest
    assert set(act(lost)) == {"not_approved"}
    assert lost.paths() == before | {"voice/one.more.wav"}
    assert entries(lost, "quarantine_objects") == []


@FOLDER
def test_a_list_that_is_longer_than_was_approved_stays(lost):
    digest = propose(lost)
    approve(lost, digest, 2)
    with pytest.raises(BlastRadiusExceeded, match="3 files are listed, but only 2 are approved"):
        act(lost)
    assert set(LOST) <= lost.paths()


@pytest.mark.thorough
def test_an_approved_list_is_put_apart_recorded_and_counted_apart(lost, caplog):
    caplog.set_level(logging.DEBUG, "lacuna")
    digest = propose_and_approve(lost, quarantine_days=9)
    assert act(lost, mode=Mode.OBSERVE)["unnamed_observed"] == {"listed": 3, "in_quarantine": 0}
    assert set(LOST) <= lost.paths()
    assert act(lost)["unnamed_quarantined"] == {"quarantined": 3}
    assert of_quarantine(lost) == set(LOST)
    assert not set(LOST) & lost.paths()
    assert entries(lost, "quarantine_objects") == [
        ("quarantine_objects", "intent", 3, None),
        ("quarantine_objects", "outcome", 3, 0),
    ]
    assert not list_path(lost.post.stores.home).exists()
    found = list_unnamed(lost.post.stores, options())
    assert found.groups == ()
    (waiting,) = found.waiting
    assert (waiting.location, waiting.digest, waiting.files) == (VOICE, digest, 3)
    run = options()
    sweep.run(lost.post.stores, run, str(uuid.uuid4()))
    assert counted(lost, run.run_id)["objects_reconciled"] == {"media/voice/**, in quarantine": 3}
    assert of_quarantine(lost) == set(LOST)
    assert NAME not in caplog.text


@pytest.mark.thorough
def test_what_changed_since_it_was_approved_is_left_alone_and_counted(lost):
    lost.put("voice/pending.wav", b"RIFF")
    lost.put("voice/gone.wav", b"RIFF")
    propose_and_approve(lost)
    lost.post.query("update post.calls set voice = %s where id = 10", LOST[0])
    lost.put(LOST[1], b"written again")
    lost.objects.delete("voice/gone.wav")
    lost.put("voice/new.wav", b"RIFF")
    with lost.post.stores.transaction(Role.EXECUTOR) as transaction:
        transaction.queue.effects.put_rule_effects(
            "x", [(EffectAction.DELETE_OBJECT, "media", "voice/**", "voice/pending.wav")]
        )
    lines = act(lost)
    assert lines["unnamed_quarantined"] == {"quarantined": 1, "named": 1, "pending": 1}
    assert lines["unnamed_left"] == {"changed_or_gone": 2}
    assert of_quarantine(lost) == {LOST[2]}
    assert {*LOST[:2], "voice/new.wav", "voice/pending.wav"} <= lost.paths()


@FOLDER
def test_no_file_is_taken_that_a_row_began_to_name_while_it_was_moved(lost, monkeypatch):
    propose_and_approve(lost, quarantine_days=9)
    moving = type(lost.objects).move

    def naming(self, path, to, state=None):
        if path == LOST[0]:
            lost.post.query("update post.calls set voice = %s where id = 10", path)
        return moving(self, path, to, state)

    monkeypatch.setattr(type(lost.objects), "move", naming)
    assert act(lost)["unnamed_put_back"] == {"put_back": 1}
    assert LOST[0] in lost.paths()
    assert of_quarantine(lost) == set(LOST[1:])


# --- for good -------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_what_is_due_is_deleted_for_good_and_what_is_not_stays(lost):
    propose_and_approve(lost, quarantine_days=1)
    act(lost)
    assert "unnamed_deleted" in act(lost)
    assert of_quarantine(lost) == set(LOST)
    lost.put("voice/later.wav", b"RIFF")
    propose_and_approve(lost)
    act(lost)
    assert of_quarantine(lost) == {*LOST, "voice/later.wav"}
    assert act(lost)["unnamed_deleted"] == {"deleted": 1, "in_quarantine": 3}
    assert of_quarantine(lost) == set(LOST)
    assert entries(lost, "delete_objects") == [
        ("delete_objects", "intent", 1, None),
        ("delete_objects", "outcome", 1, 0),
    ]


@FOLDER
def test_what_nobody_approved_is_not_deleted_whatever_its_folder_says(world):
    """Somebody moved it there; or the database was put back and knows no approval."""
    there = Quarantined(datetime(2026, 1, 1, tzinfo=UTC).date(), "cd" * 32, "voice/x.wav")
    world.put(there.where, b"RIFF")
    assert act(world)["unnamed_deleted"] == {"not_approved": 1}
    assert there.where in world.paths()


@pytest.mark.thorough
@FOLDER
@pytest.mark.parametrize("kind", [RequestKind.RESTRICTION, RequestKind.ACCESS])
def test_a_file_that_names_somebody_who_is_restricted_or_asked_for_something_stays(world, kind):
    post = world.post
    world.put("voice/bo.lind@example.org.wav", b"RIFF")
    world.put("voice/his.wav", b"RIFF for bo.lind@example.org")
    world.put("voice/anna.berg@example.org.wav", b"RIFF")
    propose_and_approve(world)
    act(world)
    request_id = post.submit(IdentifierKind.EMAIL, "bo.lind@example.org", kinds=(kind,))
    if kind is RequestKind.RESTRICTION:
        post.run()
        assert post.request(request_id).state.is_final
    assert act(world)["unnamed_deleted"] == {"deleted": 1, "spared": 2}
    assert of_quarantine(world) == {"voice/bo.lind@example.org.wav", "voice/his.wav"}


@FOLDER
def test_a_file_that_is_too_large_to_be_searched_stays_while_anybody_is_spared(world, monkeypatch):
    monkeypatch.setattr(file_quarantine, "_LARGEST", 10)
    world.put("voice/large.wav", b"RIFF of nobody")
    propose_and_approve(world)
    act(world)
    world.post.submit(IdentifierKind.EMAIL, "bo.lind@example.org")
    assert act(world)["unnamed_deleted"] == {"spared": 1}
    assert of_quarantine(world) == {"voice/large.wav"}


# --- back -----------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_an_officer_has_a_list_put_back_until_it_is_deleted(lost):
    digest = propose_and_approve(lost, quarantine_days=9)
    act(lost)
    stores = lost.post.stores
    before = lost.paths()
    for wrong in ("00" * 32, digest):
        with pytest.raises((RequestError, StatementRefused)):
            file_quarantine.restore_quarantined(
                stores, options(), "x", (wrong, OFFICER if wrong != digest else "dpo:ffffffff")
            )
    assert lost.paths() == before
    assert (
        file_quarantine.restore_quarantined(stores, options(), str(uuid.uuid4()), (digest, OFFICER))
        == 3
    )
    assert set(LOST) <= lost.paths()
    assert of_quarantine(lost) == set()
    found = [one.entry for one in leaves_of(lost.post) if one.entry.action == "restore_objects"]
    assert [(one.phase, one.actor, one.rows) for one in found] == [
        (Phase.INTENT, OFFICER, 3),
        (Phase.OUTCOME, "flow:sweep", 3),
    ]
    # The approval was for the files as they were listed: it is spent.
    assert act(lost) == {}
    assert set(LOST) <= lost.paths()
    assert list_unnamed(stores, options()).digest != digest


@pytest.mark.thorough
def test_what_cannot_be_put_back_is_said_and_stays_where_it_is(lost):
    digest = propose_and_approve(lost, quarantine_days=9)
    act(lost)
    lost.put(LOST[1], b"another one lies there by now")
    with pytest.raises(VerificationFailed, match="1 files of the list are still in quarantine"):
        file_quarantine.restore_quarantined(
            lost.post.stores, options(), str(uuid.uuid4()), (digest, OFFICER)
        )
    assert of_quarantine(lost) == {LOST[1]}
    assert lost.objects.read(LOST[1]) == b"another one lies there by now"


@pytest.mark.thorough
def test_a_file_that_a_row_names_again_is_put_back_by_the_sweep(lost):
    propose_and_approve(lost)
    act(lost)
    lost.post.query("update post.calls set voice = %s where id = 10", LOST[0])
    lost.put(LOST[1], b"another one lies there by now")
    lost.post.query("update post.calls set voice = %s where id = 20", LOST[1])
    lines = act(lost)
    assert lines["unnamed_put_back"] == {"put_back": 1}
    # What the row names is what lies there: the one in quarantine is still named by none.
    assert lines["unnamed_deleted"] == {"deleted": 2}
    assert lost.objects.read(LOST[0]) == b"RIFF " + LOST[0].encode()
    assert lost.objects.read(LOST[1]) == b"another one lies there by now"
    assert of_quarantine(lost) == set()


# --- crashes, others, stores ----------------------------------------------------------------------


@pytest.mark.thorough
@pytest.mark.parametrize(
    "moves",
    [pytest.param(0, marks=pytest.mark.long), 1, pytest.param(2, marks=pytest.mark.long), 3],
)
def test_a_run_that_was_killed_is_carried_on_and_recorded_whole(lost, monkeypatch, moves):
    propose_and_approve(lost, quarantine_days=9)
    moving, left = type(lost.objects).move, Counter(moves=moves)

    def dying(self, path, to, state=None):
        if not left["moves"]:
            raise Killed
        left["moves"] -= 1
        return moving(self, path, to, state)

    with monkeypatch.context() as patch:
        patch.setattr(type(lost.objects), "move", dying)
        if moves == 3:  # between the last move and the ledger
            patch.setattr(
                file_quarantine._QuarantineRun, "_record", lambda *_: (_ for _ in ()).throw(Killed)
            )
        with pytest.raises(Killed):
            act(lost)
    assert len(of_quarantine(lost)) == moves
    assert len({original_path(path) for path in lost.paths()} & set(LOST)) == 3
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    monkeypatch.setattr(file_quarantine._QuarantineRun, "today", tomorrow)
    act(lost)
    assert of_quarantine(lost) == set(LOST)
    assert entries(lost, "quarantine_objects")[-1] == (
        "quarantine_objects",
        "outcome",
        3 - moves,
        moves,
    )
    (waiting,) = list_unnamed(lost.post.stores, options()).waiting
    assert waiting.files == 3


@pytest.mark.thorough
def test_a_deletion_that_was_killed_is_carried_on(lost, monkeypatch):
    propose_and_approve(lost)
    act(lost)
    deleting, left = type(lost.objects).delete, Counter(files=2)

    def dying(self, path):
        if not left["files"]:
            raise Killed
        left["files"] -= 1
        return deleting(self, path)

    with monkeypatch.context() as patch:
        patch.setattr(type(lost.objects), "delete", dying)
        with pytest.raises(Killed):
            act(lost)
    assert len(of_quarantine(lost)) == 1
    assert act(lost)["unnamed_deleted"] == {"deleted": 1}
    assert of_quarantine(lost) == set()


@FOLDER
def test_two_processes_do_everything_once_and_none_beside_a_fulfilment(lost, monkeypatch):
    propose_and_approve(lost, quarantine_days=9)
    stores = lost.post.stores
    with stores.exclusive("fulfilment"), pytest.raises(RequestError, match="fulfilment"):
        act(lost)
    moving, begun, go_on = type(lost.objects).move, threading.Event(), threading.Event()

    def waiting(self, path, to, state=None):
        begun.set()
        go_on.wait(30)
        return moving(self, path, to, state)

    monkeypatch.setattr(type(lost.objects), "move", waiting)
    first = threading.Thread(target=act, args=(lost,))
    first.start()
    assert begun.wait(30)
    try:
        with pytest.raises(RequestError):
            act(lost)
        with pytest.raises(RequestError):
            propose(lost)
    finally:
        go_on.set()
        first.join()
    assert of_quarantine(lost) == set(LOST)
    assert [one[2:] for one in entries(lost, "quarantine_objects")] == [(3, None), (3, 0)]


@FOLDER
def test_a_store_that_refuses_stops_after_three_files_and_keeps_the_list(lost, monkeypatch):
    lost.put("voice/fourth.wav", b"RIFF")
    lost.put("voice/fifth.wav", b"RIFF")
    digest = propose_and_approve(lost)
    tried = []

    def refuse(self, path, to, state=None):
        tried.append(path)
        raise ApplyFailed("media: 1 object could not be moved (Read-only file system)")

    before = lost.paths()
    with monkeypatch.context() as patch:
        patch.setattr(type(lost.objects), "move", refuse)
        with pytest.raises(VerificationFailed, match="Read-only"):
            act(lost)
    assert len(tried) == 3
    assert lost.paths() == before
    assert act(lost)["unnamed_quarantined"] == {"quarantined": 5}
    assert digest


@FOLDER
def test_a_store_that_is_not_there_is_no_empty_one(lost, tmp_path: Path):
    propose_and_approve(lost, quarantine_days=9)
    media, elsewhere = tmp_path / "media", tmp_path / "elsewhere"
    media.rename(elsewhere)
    media.mkdir()
    with pytest.raises(DependencyUnreachable):
        list_unnamed(lost.post.stores, options(), is_kept=True)
    with pytest.raises(VerificationFailed, match="does not contain its mark"):
        act(lost)
    media.rmdir()
    elsewhere.rename(media)
    assert (media / STORE_MARK).exists()
    assert act(lost)["unnamed_quarantined"] == {"quarantined": 3}
    mark(lost.post.stores)


@FOLDER
def test_links_are_neither_listed_nor_followed(lost, tmp_path: Path):
    propose_and_approve(lost, quarantine_days=9)
    outside = tmp_path / "outside.wav"
    outside.write_bytes(b"not ours")
    (tmp_path / "media" / "voice" / "link.wav").symlink_to(outside)
    with pytest.raises(PlanRefused, match="links"):
        list_unnamed(lost.post.stores, options())
    with pytest.raises(PipelineError, match="links"):
        act(lost)
    (tmp_path / "media" / "voice" / "link.wav").unlink()
    assert of_quarantine(lost) == set(LOST)
    assert outside.read_bytes() == b"not ours"


@FOLDER
def test_a_bucket_that_locks_what_is_written_keeps_its_files(lost, monkeypatch):
    propose_and_approve(lost)
    monkeypatch.setattr(type(lost.objects), "locks_new", property(lambda _: True))
    with pytest.raises(VerificationFailed, match="locks everything that is written"):
        act(lost)
    assert set(LOST) <= lost.paths()


@FOLDER
def test_one_file_that_is_held_keeps_no_other_from_being_moved(lost, monkeypatch):
    propose_and_approve(lost, quarantine_days=9)
    moving = type(lost.objects).move

    def refuse(self, path, to, state=None):
        if path == LOST[0]:
            raise PlanRefused("media: 1 object has another name")
        return moving(self, path, to, state)

    monkeypatch.setattr(type(lost.objects), "move", refuse)
    assert act(lost)["unnamed_quarantined"] == {"quarantined": 2, "refused": 1}
    assert of_quarantine(lost) == set(LOST[1:])

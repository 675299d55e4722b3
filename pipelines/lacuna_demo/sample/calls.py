"""Calls and voicemails: the IVR's question about recording, the sound files, the transcripts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lacuna_demo.sample.draft import fingerprint
from lacuna_demo.sample.media import wav
from lacuna_demo.sample.schedule import Plant
from lacuna_demo.sample.tables import CellValue
from lacuna_demo.sample.talk import SampleConversation
from lacuna_demo.sample.text import SampleWords, join

PROMPT_VERSION = "recording-2026-02"
_TRAP_RECORDING_NAME, _TRAP_CONSENT = 3, 18
_CONSENT_PROBLEMS = (Plant.NO_CONSENT, Plant.LATE_CONSENT, Plant.DECLINED, Plant.OVERRIDDEN)
_MS_PER_CHARACTER = 60


@dataclass(frozen=True)
class _Lengths:
    """Seconds of a call's parts."""

    wait: int
    talk: int
    hold: int
    wrapup: int

    @property
    def total(self) -> int:
        return self.wait + self.talk + self.hold


@dataclass(frozen=True)
class _Consent:
    """What the caller did when asked, and what was recorded."""

    action: str | None
    key: str | None
    prompted_at: datetime | None
    answered_at: datetime | None
    recorded_from: datetime | None
    overridden: bool = False


def write_call(talk: SampleConversation) -> None:
    """Write a call: its consent, recording, transcript and transfer."""
    rng, slot = talk.rng, talk.slot
    planted = any(plant in slot.plants for plant in (*_CONSENT_PROBLEMS, Plant.RECORDED))
    outbound = not planted and rng.random() < 0.08
    if not planted and not outbound and rng.random() < 0.06:
        waited = min(talk.timing.total_duration_s or 0, rng.randrange(20, 120))
        _add_call(talk, _Lengths(waited, 0, 0, 0), _NOT_ASKED, {"completion_status": "abandoned"})
        return
    talk.agent = slot.agent
    total = talk.timing.total_duration_s or 0
    wait, hold = total // 12, total // 10 if rng.random() < 0.2 else 0
    lengths = _Lengths(wait, total - wait - hold, hold, rng.randrange(15, 90))
    talk.first_response_at = slot.created_at + timedelta(seconds=wait)
    talk.handling_s = lengths.talk + lengths.hold + lengths.wrapup
    consent = _draw_consent(talk, lengths)
    cells: dict[str, CellValue] = {"direction": "outbound" if outbound else "inbound"}
    if rng.random() < 0.04:
        colleague = rng.choice(talk.contact.org.agents)
        cells |= {
            "transferee_name": colleague.name,
            "transferee_number": colleague.phone,
            "completion_status": "transferred",
        }
    call_id = _add_call(talk, lengths, consent, cells)
    if consent.recorded_from is not None:
        _add_recording(talk, call_id, consent.recorded_from)
        _add_transcript(talk, call_id)


def write_voicemail(talk: SampleConversation) -> None:
    """Write a call that ended on the answering machine, and what was spoken."""
    seconds = talk.rng.randrange(12, 60)
    lengths = _Lengths(talk.rng.randrange(20, 60), 0, 0, 0)
    call_id = _add_call(talk, lengths, _NOT_ASKED, {"completion_status": "voicemail"})
    if talk.timing.is_closed:
        talk.agent = talk.slot.agent
        talk.first_response_at = talk.timing.closed_at
        talk.handling_s = talk.rng.randrange(60, 400)
    seed = talk.rng.getrandbits(32)
    size, digest = fingerprint(wav(seed))
    path = f"voicemails/{talk.slot.created_at:%Y/%m/%d}/vm-{call_id}.wav"
    talk.add(
        "voicemails",
        {
            "call_id": call_id,
            "uri": talk.draft.file(path, lambda: wav(seed), talk.contact),
            "media_type": "audio/wav",
            "bytes": size,
            "sha256": digest,
            "duration_s": seconds,
            "transcript": talk.script.say(talk.script.phrases.voicemail),
            "language": talk.script.language,
            "created_at": talk.slot.created_at,
        },
    )


_NOT_ASKED = _Consent(None, None, None, None, None)


def _draw_consent(talk: SampleConversation, lengths: _Lengths) -> _Consent:
    """Return the caller's answer; in the planted cases the recording does not follow from it."""
    rng, plants, begin = talk.rng, talk.slot.plants, talk.slot.created_at
    talking_from = begin + timedelta(seconds=lengths.wait)
    prompted = begin + timedelta(seconds=2)
    answered = begin + timedelta(seconds=rng.randrange(4, 9))
    talk.draft.traps[_TRAP_CONSENT] += any(plant in plants for plant in _CONSENT_PROBLEMS)
    if Plant.NO_CONSENT in plants:
        return _Consent(None, None, None, None, talking_from)
    if Plant.LATE_CONSENT in plants:
        late = talking_from + timedelta(seconds=30)
        return _Consent("caller_opted_in", "1", prompted, late, talking_from)
    if Plant.DECLINED in plants:
        return _Consent("caller_opted_out", "2", prompted, answered, max(talking_from, answered))
    if Plant.OVERRIDDEN in plants:
        return _Consent(
            "caller_opted_out",
            "2",
            prompted,
            answered,
            max(talking_from, answered),
            overridden=True,
        )
    share = rng.random()
    if Plant.RECORDED in plants or share < 0.62:
        recorded = max(talking_from, answered)
        return _Consent("caller_opted_in", "1", prompted, answered, recorded)
    if share < 0.86:
        return _Consent("caller_opted_out", "2", prompted, answered, None)
    return _Consent("timeout", None, prompted, None, None)


def _add_call(
    talk: SampleConversation, lengths: _Lengths, consent: _Consent, cells: dict[str, CellValue]
) -> int:
    contact, begin = talk.contact, talk.slot.created_at
    outbound = cells.get("direction") == "outbound"
    caller, called = contact.phone(), contact.org.phone
    end = begin + timedelta(seconds=lengths.total)
    recorded = 0
    if consent.recorded_from is not None:
        recorded = max(0, int((end - consent.recorded_from).total_seconds()))
    return talk.add(
        "calls",
        {
            "conversation_id": talk.conversation_id,
            "from_number": called if outbound else caller,
            "to_number": caller if outbound else called,
            "direction": "inbound",
            "started_at": begin,
            "duration_s": lengths.total,
            "wait_s": lengths.wait,
            "hold_s": lengths.hold,
            "talk_s": lengths.talk,
            "wrapup_s": lengths.wrapup,
            "ivr_path": ["main", talk.slot.queue.name.lower()],
            "completion_status": "completed",
            "callback": talk.rng.random() < 0.05,
            "call_recording_consent": "opt_in",
            "call_recording_consent_action": consent.action,
            "call_recording_consent_keypress": consent.key,
            "consent_prompt_version": PROMPT_VERSION if consent.prompted_at else None,
            "consent_prompt_language": talk.script.language if consent.prompted_at else None,
            "consent_prompted_at": consent.prompted_at,
            "consent_answered_at": consent.answered_at,
            "recording_time_s": recorded,
            "not_recording_time_s": lengths.total - recorded,
            "recording_control_interactions": int(consent.overridden),
            "recording_override_by": talk.slot.agent.agent_id if consent.overridden else None,
            **cells,
        },
    )


def _add_recording(talk: SampleConversation, call_id: int, recorded_from: datetime) -> None:
    contact = talk.contact
    folder = f"recordings/{talk.slot.created_at:%Y/%m/%d}"
    path: SampleWords = f"{folder}/call-{call_id}.wav"
    if Plant.NAME_IN_RECORDING in talk.slot.plants:
        path = join("", (f"{folder}/", contact.name, f" {call_id}.wav"))
        talk.draft.traps[_TRAP_RECORDING_NAME] += 1
    elif call_id % 5 == 0:
        path = join("", (f"{folder}/", contact.phone(), f"-{call_id}.wav"))
    seed = talk.rng.getrandbits(32)
    size, digest = fingerprint(wav(seed))
    ends_at = talk.slot.created_at + timedelta(seconds=talk.timing.total_duration_s or 0)
    talk.add(
        "call_recordings",
        {
            "call_id": call_id,
            "uri": talk.draft.file(path, lambda: wav(seed), contact),
            "media_type": "audio/wav",
            "bytes": size,
            "sha256": digest,
            "duration_s": max(0, int((ends_at - recorded_from).total_seconds())),
            "started_at": recorded_from,
            "status": "available",
        },
    )


def _add_transcript(talk: SampleConversation, call_id: int) -> None:
    at = 0
    for seq, turn in enumerate(talk.script.turns):
        end = at + 400 + _MS_PER_CHARACTER * len(turn.words.string)
        talk.weave(turn.words)
        talk.add(
            "transcripts",
            {
                "call_id": call_id,
                "seq": seq,
                "speaker": turn.speaker,
                "text": turn.words,
                "start_ms": at,
                "end_ms": end,
            },
        )
        at = end

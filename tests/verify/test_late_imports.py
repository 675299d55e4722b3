"""A module that is loaded late is the module itself, as soon as somebody looks into it."""

from __future__ import annotations

import subprocess
import sys

BEGINNING = "import sys; from lacuna.verify.late_imports import loading_late\n"


def said(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", BEGINNING + program], check=True, capture_output=True, text=True
    )
    return done.stdout.split()


def test_a_module_is_loaded_when_it_is_used_and_not_before() -> None:
    program = """
with loading_late("wave", "xml.dom"):
    import wave
    from xml import dom
print(object.__getattribute__(wave, "__class__").__name__)
print(wave.WAVE_FORMAT_PCM, type(wave).__name__, dom.Node.ELEMENT_NODE)
"""
    assert said(program) == ["_LazyModule", "1", "module", "1"]


def test_a_module_that_is_there_or_outside_the_block_is_imported_as_ever() -> None:
    program = """
import wave
with loading_late("wave", "mailbox"):
    import wave as again
import mailbox
print(again is wave, type(mailbox).__name__, len(sys.meta_path))
"""
    assert said(program)[:2] == ["True", "module"]


def test_a_module_that_is_missing_is_still_an_error() -> None:
    program = """
with loading_late("no_such_module"):
    try:
        import no_such_module
    except ModuleNotFoundError:
        print("missing")
"""
    assert said(program) == ["missing"]

"""Looking back asks the log alone, says who and why, and goes step by step at a terminal."""

import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Iterator

import click
import pytest

from projections.tables import metadata
from tests.audit.conftest import Tracker

BACK = {
    "replay": ("audit", "replay", "Ms-Miller"),
    "diff": ("audit", "diff", "Ms-Miller", "--from", "2026-03-02T00:00Z"),
    "explain": ("explain", "Ms-Miller", "early-review", "--at", "2026-03-03T09:00Z"),
    "reconcile": ("audit", "reconcile", "Ms-Miller"),
}


@pytest.mark.parametrize("name", BACK)
def test_read_models_that_are_gone_change_nothing(patched: Tracker, name: str) -> None:
    """Every row of them; the name is found in the log."""
    before = patched.ok(*BACK[name])
    patched.execute(*(f"DELETE FROM {table}" for table in metadata.tables))
    assert patched.ok(*BACK[name]) == before


@pytest.mark.parametrize("name", BACK)
def test_read_models_that_lie_change_nothing(patched: Tracker, name: str) -> None:
    """The index has the name of one patient at the episode of another."""
    patched.ok("open", "--patient", "P2", "--reference", "second", "--time-zone", "UTC")
    before = patched.ok(*BACK[name])
    patched.execute(
        "UPDATE episode_index SET reference = 'moved' WHERE reference = 'Ms-Miller'",
        "UPDATE episode_index SET reference = 'Ms-Miller' WHERE reference = 'second'",
        "UPDATE worklist SET stage = 'closed'",
        "UPDATE reminders SET kind = 'imaging'",
    )
    assert patched.ok(*BACK[name]) == before


def test_who_believes_the_index_shows_another_patient(patched: Tracker) -> None:
    """The lie above would be noticed: `show` takes the index's word."""
    patched.ok("open", "--patient", "P2", "--reference", "second", "--time-zone", "UTC")
    patched.execute(
        "UPDATE episode_index SET reference = 'moved' WHERE reference = 'Ms-Miller'",
        "UPDATE episode_index SET reference = 'Ms-Miller' WHERE reference = 'second'",
    )
    assert patched.json("show", "Ms-Miller")["reference"] == "second"


def test_a_name_that_nobody_has_is_not_found(patched: Tracker) -> None:
    """Neither in the index nor in the log."""
    assert patched.refused("audit", "replay", "Mr-Nobody")[0] == 3


def test_a_beginning_is_found_in_the_log(patched: Tracker) -> None:
    """One that fits several lists them."""
    patched.ok("open", "--patient", "P2", "--reference", "Ms-Meyer", "--time-zone", "UTC")
    patched.execute("DELETE FROM episode_index")
    assert "blood-patch-performed" in patched.ok("audit", "replay", "Ms-Mi")
    code, said = patched.refused("audit", "replay", "Ms-M")
    assert (code, "Ms-Miller" in said, "Ms-Meyer" in said) == (3, True, True)


def test_each_step_says_who_for_whom_and_the_stage(patched: Tracker) -> None:
    """And where the guideline says what the stage asks for, and what else a reminder rests on."""
    patched.ok("--on-behalf-of", "Dr Ruiz", "record", "headache-assessed", "Ms-Miller",
               "--id", "head", "--posture", "orthostatic", "--at", "2026-03-03T08:00Z")  # fmt: skip
    said = patched.ok("audit", "replay", "Ms-Miller")
    assert re.search(r"headache-assessed head by \S+ for Dr Ruiz, true at .* \[post-patch\]", said)
    assert "stage at-risk -> post-patch [L53 [5], L121 [1,2]]" in said


def test_what_something_rests_on_beside_the_event_is_named(patched: Tracker) -> None:
    """The patch was too early after the operation."""
    patched.ok("correct", "Ms-Miller", "op", "--set", "at=2026-03-02 09:00", "--reason", "typo")
    said = patched.ok("audit", "replay", "Ms-Miller")
    assert re.search(r"patch-too-early: raised .*; rests on op, patch$", said, re.MULTILINE)


def test_both_times_and_persons_are_columns(patched: Tracker) -> None:
    """In CSV."""
    head = patched.ok("audit", "replay", "Ms-Miller", "--format", "csv").splitlines()[0]
    assert {"occurred_at", "recorded_at", "actor", "on_behalf_of"} <= set(head.split(","))


def test_diff_by_what_is_known_now(patched: Tracker) -> None:
    """How it was at both moments, as it turned out."""
    patched.clock.move_to("2026-03-04T09:00:00Z")
    patched.ok("void", "Ms-Miller", "patch", "--reason", "other patient")
    words = ("audit", "diff", "Ms-Miller", "--from", "2026-03-02T00:00Z",
             "--to", "2026-03-03T10:00Z")  # fmt: skip
    known = patched.json(*words)
    assert (known["from"]["stage"], known["to"]["stage"]) == ("at-risk", "post-patch")
    was = patched.json(*words, "--by", "occurred")
    assert (was["from"]["stage"], was["to"]["stage"]) == ("at-risk", "at-risk")
    assert was["to"]["known_at"] == "2026-03-04T09:00:00Z"


def steps(said: str) -> list[int]:
    """Return the numbers of the steps that were shown."""
    return [int(number) for number in re.findall(r"^ {,3}(\d+)  \d{4}-", said, re.MULTILINE)]


def test_without_a_terminal_step_waits_for_nobody(patched: Tracker) -> None:
    """It says what it says without."""
    assert patched.ok("audit", "replay", "Ms-Miller", "--step") == patched.ok(
        "audit", "replay", "Ms-Miller"
    )


@pytest.mark.parametrize(("keys", "shown"), [(" \rq", 3), ("q", 1), ("\x1b", 1), ("nn\x04", 3)])
def test_any_key_goes_on_and_q_ends(
    patched: Tracker, monkeypatch: pytest.MonkeyPatch, keys: str, shown: int
) -> None:
    """So do Escape and the end of input."""
    pressed: Iterator[str] = iter(keys)
    monkeypatch.setattr("tracker.cli.audit.replay.waits", lambda: True)
    monkeypatch.setattr(click, "getchar", lambda: next(pressed))
    assert steps(patched.ok("audit", "replay", "Ms-Miller", "--step")) == [*range(1, shown + 1)]


PROGRAM = "from tracker.cli import main; main()"


def test_at_a_real_terminal(patched: Tracker) -> None:
    """A key shows the next step, q gives the terminal back."""
    words = ["audit", "replay", "Ms-Miller", "--step"]
    environ = os.environ | {name: value for name, value in patched.environ.items() if value}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words],
        stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True, env=environ,
    ) as running:  # fmt: skip
        os.close(theirs)
        said = _until_asked(ours)
        os.write(ours, b"n")
        said += _until_asked(ours)
        os.write(ours, b"q")
        assert running.wait(timeout=60) == 0
    os.close(ours)
    assert steps(re.sub(r"-- any key.*?\r\x1b\[K", "", said)) == [1, 2]


def _until_asked(terminal: int) -> str:
    """Return what is shown until a key is waited for: what is typed earlier is thrown away."""
    said = b""
    while b"q: end --" not in said:
        said += os.read(terminal, 4096)
    while termios.tcgetattr(terminal)[3] & termios.ICANON:
        os.sched_yield()
    return said.decode()

"""Whatever is typed at whichever command: no traceback, and the log is only added to."""

import os
import random
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults import settings
from tests.faults.agreement import disagreements
from tests.faults.program import crash, invoke, tracker
from tests.faults.vectors import ODD, leaves, vectors
from tracker.store.database import FILE_NAME

CODES = (0, 1, 2, 3, 4, 5, 6, 130)
SHARES = 10


def log_of(home: Path) -> list[tuple[object, ...]]:
    """Return every stored row of the log as it is."""
    with closing(sqlite3.connect(home / FILE_NAME)) as conn:
        query = "SELECT * FROM events JOIN episodes ON key = episode_key ORDER BY position"
        return conn.execute(query).fetchall()


def changed(home: Path, before: list[tuple[object, ...]]) -> str | None:
    """Return what is wrong with a log that was `before`: it may only have grown."""
    if log_of(home)[: len(before)] != before:
        return "stored events were changed"
    return "; ".join(disagreements(home)) or None


@pytest.mark.parametrize("share", range(SHARES))
def test_random_vectors(share: int, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random vectors end with a code of the contract and leave a log that stands up."""
    (home.parent / "elsewhere").mkdir()
    monkeypatch.chdir(home.parent / "elsewhere")
    dice, before, codes = random.Random(settings.SEED + share), log_of(home), Counter[int]()
    for vector in vectors(dice, settings.VECTORS // SHARES):
        answer = invoke(home, *vector)
        codes[answer.code] += 1
        assert crash(answer, CODES) is None, vector
    assert changed(home, before) is None
    assert {0, 2, 3} <= codes.keys()


def test_every_command_is_tried() -> None:
    """Each command gets at least ten vectors in the test suite."""
    commands = [" ".join(path) for path, _ in leaves()]
    assert len(commands) <= settings.VECTORS // SHARES
    assert len(commands) > 70


def test_twin_that_changes_the_log_is_caught(home: Path) -> None:
    """A log in which a stored byte was changed, or from which an event was cut, is noticed."""
    before = log_of(home)
    with closing(sqlite3.connect(home / FILE_NAME)) as conn, conn:
        for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            conn.execute(f"DROP TRIGGER {name}")
        conn.execute("UPDATE events SET state = replace(state, 'o2', 'o3') WHERE position = 7")
    assert changed(home, before) is not None


@pytest.mark.parametrize("bad", [b"\xff\xfe", b"ref \xed\xa0\x80", b"\xc0\x80", b"o1\xf0\x9f"])
def test_arguments_that_are_not_utf8(bad: bytes, home: Path) -> None:
    """Bytes that are no UTF-8 are refused by a real process in words, wherever they stand."""
    for vector in ([b"show", bad], [bad], [b"find", bad], [b"worklist", b"--stage", bad]):
        answer = tracker(home, *vector)
        assert crash(answer, [2]) is None
        assert "not valid UTF-8" in answer.err


def test_odd_arguments_in_a_real_process(home: Path) -> None:
    """Odd words reach a real process and come back harmless: no control character is echoed."""
    dice = random.Random(settings.SEED)
    for word in dice.sample([w for w in ODD if "\x00" not in w], 4):
        answer = tracker(home, "find", os.fsencode(word))
        assert crash(answer, CODES) is None, word
        assert "\x1b" not in answer.out + answer.err

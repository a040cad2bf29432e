"""The console and the file."""

import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.channels.conftest import MESSAGE
from tracker.channels.base import DeliveryError, Message
from tracker.channels.console import ConsoleChannel
from tracker.channels.file import FileChannel


def test_the_console_gets_a_line() -> None:
    """A message is its one line, or its subject if it has none."""
    lines: list[str] = []
    console = ConsoleChannel(lines.append)
    console.send(MESSAGE)
    console.send(Message(id="1", subject="Digest", body="a\nb"))
    assert lines == ["E-7K3QF  early-review open", "Digest"]


def test_the_console_gets_a_bundle_line_by_line() -> None:
    """A terminal is given no character that would end a line within one."""
    lines: list[str] = []
    ConsoleChannel(lines.append).send(Message(id="1", subject="2", body="", line="2:\nE-1\nE-2"))
    assert lines == ["2:", "E-1", "E-2"]


def test_a_console_that_is_gone() -> None:
    """What takes no line fails the delivery."""

    def broken(_: str) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(DeliveryError, match="Broken pipe"):
        ConsoleChannel(broken).send(MESSAGE)


def test_the_file_gets_an_object_a_line(home: Path) -> None:
    """Each message is one object of its data and words, under the message's id."""
    file = FileChannel(home / "out.jsonl")
    file.send(MESSAGE)
    file.send(Message(id="2", subject="s", body="a\nb", data={"id": "event", "kind": "x"}))
    first, second = map(json.loads, (home / "out.jsonl").read_text().splitlines())
    assert first["episode"] == "E-7K3QF"
    assert (first["subject"], first["urgent"]) == (MESSAGE.subject, False)
    assert (second["id"], second["kind"], second["body"]) == ("2", "x", "a\nb")


def test_the_file_is_for_its_owner(home: Path) -> None:
    """Nobody else can read it."""
    FileChannel(home / "out.jsonl").send(MESSAGE)
    assert (home / "out.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written(home: Path) -> None:
    """A file that cannot be opened fails the delivery, and names it."""
    with pytest.raises(DeliveryError, match=r"nowhere/out\.jsonl"):
        FileChannel(home / "nowhere" / "out.jsonl").send(MESSAGE)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file become larger than this."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_message_that_does_not_fit_leaves_nothing(home: Path) -> None:
    """What was written of it is taken back, and the next message is whole."""
    file = FileChannel(home / "out.jsonl")
    file.send(MESSAGE)
    before = file.path.read_bytes()
    with room_for(len(before) + 10), pytest.raises(DeliveryError, match="no room"):
        file.send(MESSAGE)
    assert file.path.read_bytes() == before


def test_what_a_crash_left_of_a_message_spoils_no_other(home: Path) -> None:
    """Half a line stays a line of its own."""
    file = FileChannel(home / "out.jsonl")
    file.path.write_bytes(b'{"id": "half')
    file.send(MESSAGE)
    half, whole = file.path.read_text().splitlines()
    assert (half, json.loads(whole)["id"]) == ('{"id": "half', MESSAGE.id)


def test_twin_half_a_message_glues_to_the_next(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without taking it back, and without looking, two messages are lost in one line."""
    monkeypatch.setattr(os, "ftruncate", lambda *_: None)
    monkeypatch.setattr(os, "pread", lambda *_: b"\n")
    file = FileChannel(home / "out.jsonl")
    with room_for(10), pytest.raises(DeliveryError):
        file.send(MESSAGE)
    file.send(MESSAGE)
    (line,) = file.path.read_text().splitlines()
    with pytest.raises(json.JSONDecodeError):
        json.loads(line)

"""The console and the file."""

import json
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

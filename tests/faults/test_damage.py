"""Database files that are damaged: told of, never worsened, no traceback."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import settings
from tests.faults.program import crash, invoke, refused
from tests.faults.test_places import EVERY, RECORD
from tracker.store.database import FILE_NAME

Damage = Callable[[bytearray, random.Random], bytearray]


def noise(data: bytearray, rng: random.Random) -> bytearray:
    """Overwrite all of it."""
    return bytearray(rng.randbytes(len(data)))


def halved(data: bytearray, rng: random.Random) -> bytearray:
    """Cut off the second half."""
    return data[: len(data) // 2]


def cut_in_a_page(data: bytearray, rng: random.Random) -> bytearray:
    """Cut it off within a page."""
    return data[: rng.randrange(200, len(data)) | 1]


def holes(data: bytearray, rng: random.Random) -> bytearray:
    """Overwrite some stretches, the header of the file left alone."""
    for _ in range(12):
        place = rng.randrange(100, len(data) - 600)
        data[place : place + 600] = rng.randbytes(600)
    return data


def zeros(data: bytearray, rng: random.Random) -> bytearray:
    """Empty every second page, as a disk that lost writes does."""
    for place in range(4096, len(data), 8192):
        data[place : place + 4096] = bytes(4096)
    return data


@pytest.mark.parametrize("damage", [noise, halved, cut_in_a_page, holes, zeros])
def test_damaged_file(damage: Damage, home: Path) -> None:
    """A damaged file is told of by every command that meets the damage; none has a traceback."""
    file, rng = home / FILE_NAME, random.Random(settings.SEED)
    damaged = bytes(damage(bytearray(file.read_bytes()), rng))
    for command in EVERY:
        file.write_bytes(damaged)
        assert crash(invoke(home, *command)) is None, command


def test_file_that_is_no_database(home: Path) -> None:
    """A file of something else is refused and left as it is."""
    (home / FILE_NAME).write_bytes(b"Dear colleague, " * 1000)
    assert refused(invoke(home, *RECORD), "damaged", "backup")
    assert (home / FILE_NAME).read_bytes() == b"Dear colleague, " * 1000


@pytest.mark.parametrize("text", [b"\xff\xfe\0", b"[[[", b"time_zone = 3", b"\0", b"x" * 100_000])
def test_damaged_defaults(text: bytes, home: Path) -> None:
    """A file of defaults that cannot be read is named, whatever is in it."""
    (home / "config.toml").write_bytes(text)
    assert refused(invoke(home, "open", "--patient", "P"), "config.toml", code=2)

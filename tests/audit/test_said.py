"""What the independent verifier says: nothing that is stored or named can speak in its place."""

import ast
import contextlib
import io
import os
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scripts import verify_audit as independent
from tests.audit.attacks import owned
from tests.audit.records import KEY, Record, make_record

STANDS = "Everything that was checked stands up."
LIE = f"\x1b[2J\x1b[H{STANDS}\nchecked: 25 events\n\x1b[8m"
OBEYED = {"Cc", "Cf", "Cs", "Zl", "Zp"}
NAMES = st.text(st.characters(exclude_characters="\0/"), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return a small record."""
    return make_record(tmp_path_factory.mktemp("record"), 15)


def said(*arguments: str) -> str:
    """Return all that it prints."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        contextlib.suppress(SystemExit),
    ):
        independent.main(arguments)
    return out.getvalue() + err.getvalue()


def of_a_protocol(record: Record, folder: Path, name: str) -> str:
    """Return what is said of a protocol of that name, in words and as JSON."""
    hurt = record.copied(folder / "home")
    with owned(hurt.file) as db:
        insert = "INSERT INTO protocols VALUES (?, 'x', 'x', 0, 'x')"
        db.execute(insert, (name.encode("utf-8", "replace").decode(),))
    return said(str(hurt.home)) + said(str(hurt.home), "--json")


def of_a_table(record: Record, folder: Path, name: str) -> str:
    """Return what is said of a trigger of that name."""
    hurt = record.copied(folder / "home")
    quoted = name.encode("utf-8", "replace").decode().replace('"', '""')
    with owned(hurt.file) as db:
        db.execute(f'CREATE TRIGGER "{quoted}" AFTER INSERT ON events BEGIN SELECT 1; END')
    return said(str(hurt.home))


def of_a_checkpoint(record: Record, folder: Path, name: str) -> str:
    """Return what is said of files of that name: one that is no checkpoint, and one that is."""
    told = ""
    for number, file in enumerate([independent.__file__, min(record.outside.iterdir())]):
        place = folder / str(number)
        place.mkdir()
        shutil.copy(file, os.fsencode(place) + b"/" + cut(name) + b".checkpoint")
        options = ("--checkpoint", str(place), "--public-key", str(KEY.public))
        told += said(str(record.home), *options)
    return told


def of_a_path(_: Record, folder: Path, name: str) -> str:
    """Return what is said of a source of that name."""
    return said(f"{folder}/{os.fsdecode(cut(name))}")


def of_an_option(_: Record, folder: Path, name: str) -> str:
    """Return what is said of an option, a position, a key that cannot be."""
    some = ([f"--{name}"], ["--from", name], ["--public-key", name, "--checkpoint", "x"])
    return "".join(said(str(folder), *arguments) for arguments in some)


def cut(name: str) -> bytes:
    """Return a name that a file can have."""
    return name.encode("utf-8", "surrogateescape" if name.isascii() else "replace")[:100]


PLACES = {
    "protocol": of_a_protocol,
    "trigger": of_a_table,
    "checkpoint": of_a_checkpoint,
    "path": of_a_path,
    "option": of_an_option,
}
Place = Callable[[Record, Path, str], str]


def obeyed(told: str) -> bool:
    """Whether a terminal would obey any of it, or a line of it is somebody else's."""
    letters = any(unicodedata.category(letter) in OBEYED for letter in told if letter != "\n")
    return letters or "checked: 25 events" in told.split("\n")


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES)
@example(name=LIE)
@example(name="\x7fa\x9b2J\u202eb\u2028c\x85d")
def test_nothing_that_is_named_is_obeyed(
    record: Record, tmp_path_factory: pytest.TempPathFactory, place: str, name: str
) -> None:
    """Whatever a protocol, a trigger, a file or an option is called, it stands written out."""
    assert not obeyed(PLACES[place](record, tmp_path_factory.mktemp("hurt"), name))


@pytest.mark.parametrize("place", ["protocol", "checkpoint", "path", "option"])
def test_a_verifier_that_prints_what_it_read_is_obeyed(
    record: Record, tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin that writes nothing out says what an attacker wants."""
    monkeypatch.setattr(independent, "written_out", str)
    assert obeyed(PLACES[place](record, tmp_path, LIE))


def test_all_that_is_said_goes_through_one_place() -> None:
    """Nothing else prints, but what prints JSON, which has escapes of its own."""
    tree = ast.parse(Path(independent.__file__).read_text(encoding="utf-8"))
    printing = [
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "print"
    ]
    assert sorted(printing) == ["report", "say"]

"""A version of the tables that was changed: it is named, and so is what to do."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from scripts import verify_audit as independent
from tests.audit.conftest import Tracker
from tests.store.test_released import DUMPS
from tracker.config import Location
from tracker.store import schema
from tracker.store.database import FILE_NAME, open_database

VERIFY = ("audit", "verify")
SET = "UPDATE alembic_version SET version_num = "
CHANGED = {
    f"{SET}'zzz'": "a version that never was",
    f"{SET}''": "a version that never was",
    f"{SET}'1.5'": "a version that never was",
    f"{SET}'0000'": "a version that never was",
    f"{SET}'0005'": "holds 0005, a version that had no copies",
    f"{SET}'0001'": "holds 0001, a version that had no accesses",
    "DELETE FROM alembic_version": "holds no version",
    "DROP TABLE alembic_version": "is missing",
    "INSERT INTO alembic_version VALUES ('0012')": "holds more than one version",
}
"""What was done, and what the independent verifier says that alembic_version holds."""
AS_BYTES = (
    f"{SET}CAST('0013' AS BLOB)",
    f"{SET}CAST(x'ff' AS TEXT)",
)
OTHERS = [("worklist",), ("init",), ("db", "upgrade"), ("scheduler", "tick"), ("doctor",)]
"""Commands that do not verify."""


def config() -> Config:
    """Return where the migrations are."""
    made = Config()
    made.set_main_option("script_location", "projections:migrations")
    made.set_main_option("path_separator", "os")
    return made


@pytest.mark.parametrize("change", CHANGED)
def test_every_command_names_it(patched: Tracker, change: str) -> None:
    """It is no fault of the program, and none of its commands is said to mend it."""
    patched.execute(change)
    for words in OTHERS:
        result = patched.run(*words)
        told = " ".join((result.stdout + result.stderr).split())
        assert result.exit_code == 1, words
        assert "it was changed (in the table alembic_version)" in told, (words, told)
        assert "take a copy of it all" in told, (words, told)
        for useless in ("tracker init", "db upgrade"):
            assert useless not in told, (words, told)


@pytest.mark.parametrize("change", CHANGED)
def test_verifying_finds_it(patched: Tracker, change: str) -> None:
    """As a fault of the record, in words and as JSON."""
    patched.execute(change)
    result = patched.run(*VERIFY)
    assert result.exit_code == 6
    assert "the record does not stand up: schema, " in result.stderr
    result = patched.run(*VERIFY, "--format", "json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["ok"]) == (6, False)
    assert [(f["part"], f["code"]) for f in told["faults"]] == [("schema", "schema")]


def theirs(patched: Tracker, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Return how the independent verifier ends, and what it finds."""
    capsys.readouterr()
    code = independent.main([str(patched.home), "--json"])
    found = json.loads(capsys.readouterr().out)["faults"]
    assert {fault["part"] for fault in found} <= {"schema"}
    return code, [fault["text"] for fault in found]


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("change", CHANGED)
def test_the_independent_verifier_names_it(
    patched: Tracker, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It does not say that all is well with what the program refuses."""
    assert theirs(patched, capsys) == (0, [])
    patched.execute(change)
    code, (told,) = theirs(patched, capsys)
    assert (code, CHANGED[change] in told) == (6, True), told


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("change", AS_BYTES)
def test_a_version_is_text(
    patched: Tracker, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both find what is kept in another storage class."""
    patched.execute(change)
    assert patched.run(*VERIFY).exit_code == 6
    assert theirs(patched, capsys) == (6, ["alembic_version holds a version that never was"])


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("version", ["0001", "0002", "0003", "0013", "0014"])
def test_an_access_log_is_not_gone_by_an_older_version(
    patched: Tracker, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tables that came after it are there."""
    patched.execute("DROP TABLE accesses")
    patched.execute(f"{SET}'{version}'")
    assert theirs(patched, capsys)[0] == 6
    assert patched.run(*VERIFY).exit_code == (1 if version == "0014" else 6)


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("version", ["0014", "0099", "9999"])
def test_a_later_version_is_one_that_is_not_known(
    patched: Tracker, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A newer program may have made it: the program says so, and the verifier knows no such."""
    patched.execute(f"{SET}'{version}'")
    code, told = patched.refused(*VERIFY)
    assert (code, "newer version" in told) == (1, True)
    code, (told,) = theirs(patched, capsys)
    assert (code, "a version after 0013, the last that is known here" in told) == (6, True)


def test_the_versions_are_those_of_the_migrations() -> None:
    """The verifier, which imports nothing, has a list of its own."""
    scripts = ScriptDirectory.from_config(config()).walk_revisions()
    assert tuple(sorted(script.revision for script in scripts)) == independent.VERSIONS


def test_the_tables_of_each_version_are_those_that_it_made(tmp_path: Path) -> None:
    """Both lists of what came later say what the migrations do, and each version is sound."""
    assert schema.FIRST == independent.LATER
    first: dict[str, int] = {}
    with open_database(Location(tmp_path, None), create=True) as database:
        for version in independent.VERSIONS:
            with database.writing() as conn:
                made = config()
                made.attributes["connection"] = conn
                command.upgrade(made, version)
                names = inspect(conn).get_table_names()
            for name in names:
                first.setdefault(name, int(version))
            assert schema.stored_version(database) == int(version)
            opened = independent.Database(str(tmp_path))
            assert opened.version() == (int(version), None)
            opened.close()
    assert {name: at for name, at in first.items() if at > 1} == schema.FIRST


@pytest.mark.parametrize("dump", [d for d in DUMPS if "post" not in d.stem], ids=lambda d: d.stem)
def test_what_was_released_stands(dump: Path, tmp_path: Path) -> None:
    """A file of an older program is verified as it is."""
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        db.executescript(dump.read_text(encoding="utf-8"))
    assert independent.main([str(tmp_path)]) == 0


def test_an_empty_file_is_one_to_begin_with(tmp_path: Path) -> None:
    """Nothing is there whose version could be missing."""
    with open_database(Location(tmp_path, None), create=True) as database:
        assert schema.stored_version(database) is None
        assert schema.upgrade(database)

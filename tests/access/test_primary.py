"""Looks at a copy are recorded where the original is, and refused while that is away."""

import shutil
from pathlib import Path

import pytest
from click.testing import Result

from tests.access import planted
from tests.access.planted import FIRST, records, run
from tracker.access.recording import UnrecordedError
from tracker.cli.session import Session


@pytest.fixture
def primary(tmp_path: Path) -> Path:
    """The home that keeps the access log."""
    home = tmp_path / "primary"
    planted.plant(home)
    return home


@pytest.fixture
def replica(primary: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(primary, tmp_path / "replica"))


def look(replica: Path, primary: Path, *command: str) -> Result:
    """Look at the copy, with the looks going to the original."""
    return run(replica, "--access-database", str(primary), *(command or ("show", FIRST)))


def test_the_primary_keeps_the_look(primary: Path, replica: Path) -> None:
    """What is read at the copy is on record at the original, and there alone."""
    before, here = records(primary), records(replica)
    assert look(replica, primary).exit_code == 0
    assert records(primary).accesses == before.accesses + 1
    assert records(replica) == here


@pytest.mark.parametrize("how", ["environment", "config"])
def test_where_it_is_named(
    primary: Path, replica: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment or the config file beside the copy name it as well."""
    if how == "config":
        (replica / "config.toml").write_text(f'[access]\nprimary = "{primary}"\n')
    else:
        monkeypatch.setenv("TRACKER_ACCESS_DATABASE_URL", str(primary))
    before = records(primary)
    assert run(replica, "show", FIRST).exit_code == 0
    assert records(primary).accesses == before.accesses + 1


def test_refused_while_the_primary_is_away(primary: Path, replica: Path) -> None:
    """Nothing of the copy is shown when its look cannot be recorded."""
    primary.rename(primary.parent / "away")
    done = look(replica, primary)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "could not be recorded" in done.stderr
    assert "MRN-PLANTED" not in done.output


def test_refused_by_a_primary_that_knows_nobody(replica: Path, tmp_path: Path) -> None:
    """A look is not recorded where its episode is unknown: that is no original of the copy."""
    assert run(tmp_path / "stranger", "init").exit_code == 0
    done = look(replica, tmp_path / "stranger")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "does not hold the log" in done.stderr


def test_who_was_refused_is_refused_again(replica: Path, tmp_path: Path) -> None:
    """A place that keeps no looks at the copy is not kept in mind for the next look."""
    assert run(tmp_path / "stranger", "init").exit_code == 0
    session = Session(str(replica), access=str(tmp_path / "stranger"))
    try:
        for _ in range(2):
            with pytest.raises(UnrecordedError, match="does not hold the log"):
                session.access_log()
    finally:
        session.close()


def test_who_looked_is_asked_of_the_primary(primary: Path, replica: Path) -> None:
    """`audit access` at the copy shows what the original has on record."""
    run(primary, "--purpose", "ward round", "timeline", FIRST)
    assert "ward round" in look(replica, primary, "audit", "access", FIRST).stdout


def test_a_wrong_setting_is_named(replica: Path) -> None:
    """A key that means nothing is not passed over: the looks would go to the wrong place."""
    (replica / "config.toml").write_text('[access]\nprimery = "x"\n')
    done = run(replica, "show", FIRST)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "primery" in done.stderr

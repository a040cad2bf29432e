"""A directory and a URL that are both typed: whoever types is told which of them has the data."""

from click.testing import CliRunner

from tests.access.planted import NOW, Clock
from tests.postgres.roles import Place
from tracker.cli import main

SAID = "The data is in "


def told(place: Place, *options: str, home: str | None = None, url: str | None = None) -> str:
    """Return what is said beside a worklist."""
    env = {"TRACKER_HOME": home, "TRACKER_DATABASE_URL": url}
    result = CliRunner().invoke(main, [*options, "worklist"], obj=Clock(NOW), env=env)
    assert result.exit_code == 0, result.output
    return result.stderr


def test_who_names_both_is_told_which_has_the_data(planted: Place) -> None:
    """One line, without a password; the directory has this machine's configuration."""
    home, url = str(planted.home), planted.url("coordinator")
    said = told(planted, "--home", home, "--database", url)
    (line,) = [line for line in said.splitlines() if SAID in line]
    assert (planted.name in line, line.endswith("is for this machine's configuration.")) == (
        True, True,
    )  # fmt: skip


def test_who_names_one_is_told_nothing(planted: Place) -> None:
    """What stands in the environment was meant to stand there."""
    home, url = str(planted.home), planted.url("coordinator")
    assert SAID not in told(planted, "--database", url, home=home)
    assert SAID not in told(planted, home=home, url=url)

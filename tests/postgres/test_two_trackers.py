"""Two trackers on one server whose groups are the same: what one gives holds in the other."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres.roles import LOGINS, PREFIX, Place
from tests.postgres.server import Databases

LOGIN = LOGINS["limited"]
WORDS = ("db", "roles", "--login", LOGIN, "--role")


@pytest.fixture
def second(server: Databases, place: Place, template: str, tmp_path: Path) -> Iterator[Place]:
    """Another tracker on the server of the one where the login is limited to North."""
    with server.database(template) as name:
        other = Place(server, name, tmp_path)
        other.ok("anna", "db", "roles", "--create", "--prefix", PREFIX)
        yield other
        place.ok("anna", *WORDS, "coordinator", "--site", "North")  # for who comes after


def listed(place: Place) -> object:
    """Return role and sites of the login, None if it has none."""
    rows = json.loads(place.ok("anna", "db", "roles", "--format", "json"))
    return next(((row["role"], row["sites"]) for row in rows if row["login"] == LOGIN), None)


@pytest.mark.parametrize("role", ["coordinator", "auditor", "scheduler", "owner"])
def test_no_role_lifts_a_limit_of_another_tracker(place: Place, second: Place, role: str) -> None:
    """It is refused, with what to do, and in both she is what she was."""
    told = second.run("anna", *WORDS, role)
    assert told.exit_code == 4
    assert "limited in another tracker on this server" in told.stderr
    assert "--prefix" in told.stderr
    assert (listed(place), listed(second)) == (("coordinator", ["North"]), ("coordinator", []))
    assert place.attempt("limited", "SELECT DISTINCT site FROM worklist") == [("North",)]


def test_sites_are_of_each_tracker(place: Place, second: Place) -> None:
    """Each keeps those that it was given."""
    second.ok("anna", *WORDS, "coordinator", "--site", "Harbour")
    assert (listed(place), listed(second)) == (
        ("coordinator", ["North"]), ("coordinator", ["Harbour"]),
    )  # fmt: skip


def test_where_the_limit_was_given_it_is_taken_away(place: Place, second: Place) -> None:
    """There it is meant; and then the other tracker may give what it likes."""
    place.ok("anna", *WORDS, "coordinator")
    assert listed(place) == ("coordinator", None)
    second.ok("anna", *WORDS, "auditor")
    assert listed(second) == ("auditor", None)


def test_who_insists_takes_everything_away_first(place: Place, second: Place) -> None:
    """For a tracker that is gone, with a limit that nobody can take away any more."""
    second.ok("anna", *WORDS, "none")
    assert (listed(place), listed(second)) == (None, None)
    second.ok("anna", *WORDS, "auditor")
    assert listed(second) == ("auditor", None)

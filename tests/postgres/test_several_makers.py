"""Several who make roles and give them: one after the other, or at once."""

from collections.abc import Callable, Iterator

import pytest

from tests.postgres.roles import PREFIX, Place
from tests.postgres.test_giving_roles import listed
from tests.postgres.waiting import begun
from tracker.config import Location
from tracker.outbox.attempt import Attempt
from tracker.roles import logins, setup
from tracker.roles.privileges import AUDITOR, GROUPS
from tracker.store import locks
from tracker.store.database import Database, open_database

MAKERS = ("roles_maker_one", "roles_maker_two")
GIVEN = "roles_given"
TO_GIVEN = ("db", "roles", "--login", GIVEN, "--role")


@pytest.fixture
def makers(place: Place) -> Iterator[Place]:
    """Two who may give roles, of whom the first has made somebody a coordinator."""
    for maker in MAKERS:
        place.server.make_login(maker, "CREATEROLE")
        for role in GROUPS:
            place.attempt(None, f"GRANT {PREFIX}_{role} TO {maker} WITH ADMIN OPTION")
    place.server.make_login(GIVEN)
    place.ok(MAKERS[0], *TO_GIVEN, "coordinator")
    yield place
    for role in (GIVEN, *MAKERS):
        place.attempt(None, f"DROP OWNED BY {role} CASCADE")
        place.attempt(None, f"DROP ROLE {role}")


KEEPS_GRANTORS = 160_000
"""From this version on a server lets nobody take away what another gave, but for superusers."""


@pytest.mark.parametrize("words", [("none",), ("coordinator", "--site", "North")], ids=len)
def test_what_somebody_else_gave_is_not_said_to_be_taken_away(
    makers: Place, words: tuple[str, ...]
) -> None:
    """Who may not take it away is refused, and the login is what it was; else it is gone."""
    result = makers.run(MAKERS[1], *TO_GIVEN, *words)
    has = listed(makers, "anna").get(GIVEN)
    ((version,),) = makers.attempt(None, "SELECT current_setting('server_version_num')::int")
    if version < KEEPS_GRANTORS:
        limited = ("coordinator", ["North"]) if "North" in words else None
        assert (result.exit_code, has) == (0, limited)
        return
    assert (result.exit_code, has) == (4, ("coordinator", None))
    assert f"{PREFIX}_coordinator from {MAKERS[0]}" in result.stderr


@pytest.mark.parametrize("who", [MAKERS[0], "anna"])
def test_who_gave_a_role_takes_it_away_and_so_does_a_superuser(makers: Place, who: str) -> None:
    """Each limits her, and then takes everything."""
    makers.ok(who, *TO_GIVEN, "coordinator", "--site", "North")
    assert listed(makers, "anna")[GIVEN] == ("coordinator", ["North"])
    makers.ok(who, *TO_GIVEN, "none")
    assert GIVEN not in listed(makers, "anna")


ACTS: dict[str, Callable[[Database], object]] = {
    "make": setup.make,
    "give": lambda database: logins.give(database, "roles_auditor", AUDITOR, ()),
}


def begun_beside(place: Place, act: Callable[[Database], object]) -> tuple[bool, Attempt]:
    """Return whether somebody waits for who changes roles or tables now, and what he does."""
    location = Location(place.home, place.server.url(place.name))

    def other() -> None:
        with open_database(location) as database:
            act(database)

    with open_database(location) as database, database.writing() as conn:
        locks.schema(conn)
        attempt = begun(location, other)
        return not attempt.ended, attempt


@pytest.mark.parametrize("what", ACTS)
def test_who_changes_roles_waits_for_others(place: Place, what: str) -> None:
    """Else the server refuses the second change of the same row of its catalogue."""
    waited, attempt = begun_beside(place, ACTS[what])
    assert waited
    assert attempt.wait(30, lambda: False, 0)


@pytest.mark.parametrize("what", ACTS)
def test_twin_without_the_lock_does_not_wait(
    place: Place, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What makes it wait is that lock."""
    monkeypatch.setattr(locks, "schema", lambda _conn: None)
    waited, attempt = begun_beside(place, ACTS[what])
    assert not waited
    assert attempt.wait(30, lambda: False, 0)

"""What is put into the table of episodes past the program: nothing that the record falls by."""

import json
import uuid
from collections.abc import Sequence

import psycopg
import pytest

from scripts import verify_audit as independent
from tests.postgres.roles import LOGINS, NORTH, SOUTH, Place

FRESH = uuid.UUID(int=7).hex
_SAID = json.dumps({"at": "1970-01-01T00:00:00Z", "actor": LOGINS["coordinator"]})
EPISODE = "INSERT INTO episodes (uuid) VALUES ('{}')"
EVENT = f"""
    INSERT INTO events (position, episode_key, version, topic, state, hash)
    SELECT end_.last + 1, e.key, 1, 'note', s.said,
        event_hash(end_.hash, end_.last + 1, e.uuid, 1, 'note', s.said)
    FROM events_end() AS end_, (SELECT '\\x{_SAID.encode().hex()}'::bytea AS said) AS s,
        (SELECT key, uuid FROM episodes ORDER BY key DESC LIMIT 1) AS e
"""
OLDER = "DROP FUNCTION check_episode() CASCADE; DROP FUNCTION check_admitted() CASCADE"
"""What makes roles those of a program that did not know these guards."""


def together(place: Place, *statements: str) -> None:
    """Run statements as a coordinator past the program, in one transaction."""
    with place.connection("coordinator") as conn, conn.transaction():
        for statement in statements:
            conn.execute(statement.encode())


def verified(place: Place) -> tuple[int, int]:
    """Return what both verifiers exit with."""
    code = independent.main([place.server.url(place.name)])
    return place.run("auditor", "audit", "verify").exit_code, code


def test_both_verifiers_know_the_guards(place: Place) -> None:
    """With roles, with those of before, and not with others in their place."""
    assert verified(place) == (0, 0)
    place.attempt(None, "DROP TRIGGER check_admitted ON events")
    assert verified(place) == (0, 0)
    place.attempt(
        None,
        "CREATE OR REPLACE FUNCTION check_episode() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NULL; END'",
    )
    assert verified(place) == (6, 6)
    place.attempt(None, "DROP FUNCTION check_episode() CASCADE; DROP FUNCTION check_admitted()")
    assert verified(place) == (0, 0)
    place.attempt(
        None,
        "CREATE FUNCTION check_episode() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RETURN NULL; END'; CREATE TRIGGER check_episode BEFORE INSERT ON episodes"
        " FOR EACH ROW EXECUTE FUNCTION check_episode()",
    )
    assert verified(place) == (6, 6)


def test_an_episode_with_an_event_is_taken(place: Place) -> None:
    """So it is the want of one that is refused, whatever the order."""
    together(place, EPISODE.format(FRESH), EVENT)
    assert "without an event" not in place.run("auditor", "audit", "verify").output
    assert place.attempt(None, "SELECT count(*) FROM episodes") == [(3,)]


TRICKS = {
    "an event that is taken back": (
        EPISODE.format(FRESH), "SAVEPOINT a", EVENT, "SET CONSTRAINTS ALL IMMEDIATE",
        "SET CONSTRAINTS ALL DEFERRED", "ROLLBACK TO a",
    ),
    "asked at once": ("SET CONSTRAINTS ALL IMMEDIATE", EPISODE.format(FRESH), EVENT),
    "digits too few": (EPISODE.format("ab" * 15), EVENT),
    "capitals": (EPISODE.format("AB" * 16), EVENT),
    "hyphens": (EPISODE.format(uuid.UUID(int=7)),),
    "a line more": (EPISODE.format(FRESH + "\n"),),
    "one among others": (EPISODE.format(uuid.UUID(int=8).hex), EPISODE.format(FRESH), EVENT),
}  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS)
def test_no_order_of_statements_leaves_an_episode_bare(place: Place, trick: str) -> None:
    """Nothing is kept of it, and the record stands."""
    before = place.contents()
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.DataException)):
        together(place, *TRICKS[trick])
    assert place.contents() == before
    assert verified(place) == (0, 0)


def test_who_copies_and_restores_may_put_episodes_first(place: Place) -> None:
    """The owner's members write tables one after the other."""
    place.attempt("owner", EPISODE.format(FRESH))


@pytest.mark.parametrize("words", [("db", "upgrade"), ("db", "roles", "--create")])
def test_older_roles_get_the_guards(place: Place, words: Sequence[str]) -> None:
    """Doctor says that they are missing; then they hold, while people record."""
    place.attempt(None, OLDER)
    said = place.run("auditor", "doctor").stdout
    assert "the function check_episode is not as it was made" in said
    assert "the trigger check_admitted of events is not as it was made" in said
    place.ok("anna", *words)
    assert "is not as it was made" not in place.run("auditor", "doctor").stdout
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        together(place, EPISODE.format(FRESH))
    for who, site in (("coordinator", "South"), ("limited", "North")):
        place.ok(who, "open", "--patient", f"MRN-{site}", "--site", site)


TRIGGERS = {
    "DROP TRIGGER check_episode ON episodes": "the trigger check_episode of episodes",
    "ALTER TABLE events DISABLE TRIGGER check_admitted": "the trigger check_admitted of events",
    "DROP TRIGGER advance_only ON projection_state": "the trigger advance_only of",
}


@pytest.mark.parametrize("change", TRIGGERS)
def test_doctor_names_a_guard_that_is_gone(place: Place, change: str) -> None:
    """And making roles again brings it back."""
    place.attempt(None, change)
    assert TRIGGERS[change] in place.run("auditor", "doctor").stdout
    place.ok("anna", "db", "roles", "--create")
    assert "is not as it was made" not in place.run("auditor", "doctor").stdout


GUESS = (
    "INSERT INTO events SELECT (jsonb_populate_record(r,"
    """ '{{"episode_key": {}, "version": {}}}')).* FROM events AS r LIMIT 1"""
)


def guessed(place: Place, who: str, key: int, version: int) -> str:
    """Return what a login is told that tries to append a version to an episode."""
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UniqueViolation)) as e:
        place.attempt(who, GUESS.format(key, version))
    return f"{e.value.sqlstate} {e.value.diag.message_primary}"


def test_how_far_an_episode_elsewhere_is_cannot_be_guessed(place: Place) -> None:
    """Every version is answered like that of an episode that there is not; of her own she sees."""
    keys = dict(place.attempt(None, "SELECT reference, episode_key FROM episode_index"))
    ask = "SELECT max(version) FROM events WHERE episode_key = %s"
    ((last,),) = place.attempt(None, ask, [keys[SOUTH]])
    tried = range(last + 3)
    ((hers,),) = {tuple({guessed(place, "limited", keys[SOUTH], n)}) for n in tried}
    assert hers == '42501 new row violates row-level security policy for table "events"'
    assert guessed(place, "limited", 1000, 1) == hers
    assert "version 1 is not the next one" in guessed(place, "limited", keys[NORTH], 1)
    assert "version 1 is not the next one" in guessed(place, "coordinator", keys[SOUTH], 1)


def test_twin_without_the_guard_tells_how_far_it_is(place: Place) -> None:
    """What checks the row comes before row-level security."""
    place.attempt(None, "DROP TRIGGER check_admitted ON events")
    keys = dict(place.attempt(None, "SELECT reference, episode_key FROM episode_index"))
    assert "version 1 is not the next one" in guessed(place, "limited", keys[SOUTH], 1)


def test_who_broke_the_glass_is_answered_like_everybody(place: Place) -> None:
    """She sees every site then, and may record there."""
    with place.connection("limited") as conn:
        conn.execute(
            "SELECT break_glass('on call', '', NULL, backend_start) FROM pg_stat_activity"
            " WHERE pid = pg_backend_pid()"
        )
        ((key,),) = conn.execute(
            f"SELECT episode_key FROM episode_index WHERE reference = '{SOUTH}'".encode()
        ).fetchall()
        with pytest.raises(psycopg.errors.UniqueViolation, match="version 1 is not the next one"):
            conn.execute(GUESS.format(key, 1).encode())

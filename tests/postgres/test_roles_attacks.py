"""What a login could try with bare SQL, past the program: the server refuses it.

Each attack has a twin: with the protection taken out it succeeds.
"""

import json
from typing import Any, NamedTuple

import psycopg
import pytest

from tests.postgres.roles import LOGINS, NORTH, PREFIX, SOUTH, Place
from tracker.moving.contents import EVERYTHING
from tracker.roles.policies import LIMITS
from tracker.roles.privileges import grants

_NEXT = "(SELECT last + 1 FROM events_end())"
_EPISODE = {
    "key": "(SELECT min(key) FROM episodes)",
    "uuid": "(SELECT uuid FROM episodes ORDER BY key LIMIT 1)",
    "version": "(SELECT max(version) + 1 FROM events WHERE episode_key ="
    " (SELECT min(key) FROM episodes))::int",
}


def _said(who: str) -> str:
    return json.dumps({"at": "1970-01-01T00:00:00Z", "actor": LOGINS[who]}).encode().hex()


def _event(who: str, topic: str, **but: str) -> str:
    """Return a statement that appends an event, said by the login of a role."""
    of = {**_EPISODE, "position": _NEXT, "said": f"'\\x{_said(who)}'::bytea"} | but
    head = "event_hash((SELECT hash FROM events_end()), {position}, {uuid}, {version}, "
    fits = head + "'{topic}', {said})"
    of = {"hash": fits.format(topic=topic, **of)} | of
    return (
        "INSERT INTO events (position, episode_key, version, topic, state, hash) SELECT"
        " {position}, {key}, {version}, '{topic}', {said}, {hash}"
    ).format(topic=topic, **of)


def _access(who: str, actor: str = "coordinator", **but: str) -> str:
    of = {"at": "0", "key": "NULL", "said": f"'\\x{_said(who)}'::bytea"} | but
    of = {"hash": "access_hash(hash, coalesce(last, 0) + 1, {said})".format(**of)} | of
    return (
        "INSERT INTO accesses (position, at, actor, episode_key, state, hash) SELECT"
        " coalesce(last, 0) + 1, {at}, '{actor}', {key}, {said}, {hash} FROM accesses_end()"
    ).format(actor=LOGINS[actor], **of)


class Attack(NamedTuple):
    """What a role tries, and what has to be taken out for it to succeed."""

    who: str
    statement: str
    protection: str


def _granted(table: str, *roles: str, what: str = "ALL") -> str:
    groups = ", ".join(f"{PREFIX}_{role}" for role in roles)
    return f"GRANT {what} ON {table} TO {groups}"


_ROW = (
    "INSERT INTO worklist SELECT {key}, stage, leak, urgent, listed, overdue, due_at, due_kind,"
    " next_step, owner, reminders, alerts, coordinator, site, protocol, time_zone, changes_at,"
    " next_action_at FROM worklist WHERE site = 'North'"
)
_ANY_EPISODE = (
    "CREATE OR REPLACE FUNCTION may_add_to_episode(wanted bigint) RETURNS boolean LANGUAGE sql"
    " SECURITY DEFINER AS $$ SELECT true $$"
)
_NO_TRIGGER = "DROP TRIGGER {0}_check_appended ON {0}"
_ANY_ROW = "DROP TRIGGER check_episode ON episodes"
_NO_EVENT = "INSERT INTO episodes (uuid) VALUES (replace(gen_random_uuid()::text, '-', ''))"
ATTACKS = {
    "another's name": Attack(
        "coordinator", _event("auditor", "note"), _NO_TRIGGER.format("events")
    ),
    "a look in another's name": Attack(
        "coordinator", _access("auditor"), _NO_TRIGGER.format("accesses")
    ),
    "a look under another's name": Attack(
        "coordinator", _access("coordinator", "auditor"), _NO_TRIGGER.format("accesses")
    ),
    "a gap": Attack(
        "coordinator",
        _event("coordinator", "note", position="(SELECT last + 2 FROM events_end())"),
        _NO_TRIGGER.format("events"),
    ),
    "a gap in an episode": Attack(
        "coordinator", _event("coordinator", "note", version="1000"), _NO_TRIGGER.format("events")
    ),
    "a hash of one's own": Attack(
        "coordinator", _event("coordinator", "note", hash="'\\x00'"), _NO_TRIGGER.format("events")
    ),
    "a hash of a look": Attack(
        "coordinator", _access("coordinator", hash="'\\x00'"), _NO_TRIGGER.format("accesses")
    ),
    "a look at another time": Attack(
        "coordinator", _access("coordinator", at="1"), _NO_TRIGGER.format("accesses")
    ),
    "a look at another episode": Attack(
        "coordinator", _access("coordinator", key=_EPISODE["key"]), _NO_TRIGGER.format("accesses")
    ),
    "a protocol in another's name": Attack(
        "coordinator",
        f"INSERT INTO protocols VALUES ('x@1', 'x', 'x', 1, '{LOGINS['auditor']}')",
        "DROP TRIGGER protocols_check_actor ON protocols",
    ),
    "a fact by a scheduler": Attack(
        "scheduler",
        _event("scheduler", "leak-suspected"),
        f"CREATE POLICY p ON events FOR INSERT TO {PREFIX}_scheduler WITH CHECK (true)",
    ),
    "a reminder by a coordinator": Attack(
        "coordinator",
        _event("coordinator", "reminder-issued"),
        f"CREATE POLICY p ON events FOR INSERT TO {PREFIX}_coordinator WITH CHECK (true)",
    ),
    "an event by an auditor": Attack(
        "auditor",
        _event("auditor", "note"),
        f"{_granted('events', 'auditor')}; CREATE POLICY p ON events FOR INSERT"
        f" TO {PREFIX}_auditor WITH CHECK (true)",
    ),
    "rows by an auditor": Attack(
        "auditor", "DELETE FROM worklist", _granted("worklist", "auditor")
    ),
    "a position written back": Attack(
        "coordinator",
        "UPDATE projection_state SET position = 1",
        "DROP TRIGGER advance_only ON projection_state",
    ),
    "sites given to oneself": Attack(
        "limited",
        f"INSERT INTO login_sites VALUES ('{LOGINS['limited']}', 'South')",
        _granted("login_sites", "site_coordinator"),
    ),
    "a limit lifted by hand": Attack(
        "limited",
        "INSERT INTO site_lifts SELECT pg_backend_pid(), now(), session_user, 1, 1",
        _granted("site_lifts", "site_coordinator"),
    ),
    "an episode that is yet to come": Attack("limited", _ROW.format(key=1000), _ANY_EPISODE),
    "a key of one's own choice": Attack(
        "limited",
        "INSERT INTO episodes (key, uuid) VALUES (1000, 'x')",
        f"{_granted('episodes', 'site_coordinator', what='INSERT')}; {_ANY_ROW}",
    ),
    "a key before all others": Attack(
        "coordinator",
        "INSERT INTO episodes (key, uuid) VALUES (-1, 'x')",
        f"{_granted('episodes', 'coordinator', what='INSERT')}; {_ANY_ROW}",
    ),
    "an episode without an event": Attack("coordinator", _NO_EVENT, _ANY_ROW),
    "an episode without an event by who is limited": Attack("limited", _NO_EVENT, _ANY_ROW),
    "an episode of no uuid": Attack(
        "coordinator", "INSERT INTO episodes (uuid) VALUES ('not a uuid at all')", _ANY_ROW
    ),
    "the looks of others": Attack(
        "coordinator",
        "SELECT * FROM accesses",
        f"{_granted('accesses', 'coordinator')}; CREATE POLICY p ON accesses FOR SELECT"
        f" TO {PREFIX}_coordinator USING (true)",
    ),
    "a guard on a table of one's own": Attack(
        "limited",
        "CREATE TEMP TABLE mine (position bigint); CREATE TRIGGER t BEFORE INSERT ON mine"
        " FOR EACH ROW EXECUTE FUNCTION check_appended()",
        f"GRANT EXECUTE ON FUNCTION check_appended() TO {PREFIX}_site_coordinator",
    ),
    "a table of one's own": Attack(
        "coordinator",
        "CREATE TABLE mine (x int)",
        f"GRANT CREATE ON SCHEMA public TO {PREFIX}_coordinator",
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused(place: Place, name: str) -> None:
    """The server refuses it, and nothing has changed."""
    attack, before = ATTACKS[name], place.contents()
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UniqueViolation)):
        place.attempt(attack.who, attack.statement)
    assert place.contents() == before


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_succeeds_without_the_protection(place: Place, name: str) -> None:
    """The twin: what refuses it is what we think."""
    attack = ATTACKS[name]
    place.attempt(None, attack.protection)
    place.ok("auditor", "worklist")  # a look to be seen
    assert place.attempt(attack.who, attack.statement) != []


@pytest.mark.parametrize("statement", [_event("coordinator", "note"), _access("coordinator")])
def test_what_is_not_forged_is_taken(place: Place, statement: str) -> None:
    """So it is what is wrong about each of them that is refused."""
    place.attempt("coordinator", statement)


def test_every_table_is_somebodys_to_read() -> None:
    """A table that nobody has thought about fails here: no role could use it."""
    told = {grant.table for grant in grants()}
    assert {table for metadata in EVERYTHING for table in metadata.tables} <= told


def test_every_table_of_episodes_is_limited() -> None:
    """A table with the key of an episode shows every site until it has a policy."""
    tables = [table for metadata in EVERYTHING for table in metadata.tables.values()]
    telling = {table.name for table in tables if "episode_key" in table.c}
    assert telling - LIMITS.keys() == {"accesses"}  # which she may only add to


CHANGES = {
    "update": "UPDATE {} SET position = position + 1",
    "delete": "DELETE FROM {}",
    "truncate": "TRUNCATE {}",
    "disable": "ALTER TABLE {} DISABLE TRIGGER ALL",
    "drop": "DROP TABLE {} CASCADE",
    "unprotect": "ALTER TABLE {} DISABLE ROW LEVEL SECURITY",
}


@pytest.mark.parametrize("table", ["events", "accesses"])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("who", ["coordinator", "limited", "scheduler", "auditor"])
def test_nobody_changes_a_log(planted: Place, who: str, change: str, table: str) -> None:
    """No role but the owner's may, and the owner's rows are refused by the triggers."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        planted.attempt(who, CHANGES[change].format(table))


@pytest.mark.parametrize("change", ["update", "delete", "truncate"])
def test_the_owner_changes_no_log_either(planted: Place, change: str) -> None:
    """The triggers refuse it as long as they are there."""
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        planted.attempt("owner", CHANGES[change].format("events"))


BECOMING = {
    "the owner": f"SET ROLE {PREFIX}_owner",
    "another login": f"SET SESSION AUTHORIZATION {LOGINS['owner']}",
    "one without triggers": "SET session_replication_role = replica",
    "one without policies": f"ALTER ROLE {LOGINS['limited']} BYPASSRLS",
    "a member": f"GRANT {PREFIX}_owner TO {LOGINS['limited']}",
}


@pytest.mark.parametrize("what", BECOMING)
def test_nobody_becomes(planted: Place, what: str) -> None:
    """A login stays what it is."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        planted.attempt("limited", BECOMING[what])


TELLING = (
    "episodes", "events", "episode_index", "worklist", "reminders", "alerts", "tallies", "outbox",
)  # fmt: skip


@pytest.mark.parametrize("table", TELLING)
def test_a_limited_login_sees_its_sites_alone(planted: Place, table: str) -> None:
    """Past the program too: no row of the other site, and all of its own."""
    column = "key" if table == "episodes" else "episode_key"
    ask = f"SELECT {column} FROM {table} ORDER BY {column}"
    everything = [row[0] for row in planted.attempt(None, ask)]
    keys = dict(planted.attempt(None, "SELECT reference, episode_key FROM episode_index"))
    seen = [row[0] for row in planted.attempt("limited", ask)]
    assert keys[SOUTH] in everything
    assert seen == [key for key in everything if key == keys[NORTH]]


@pytest.mark.parametrize("table", TELLING)
def test_without_security_it_would_see_all(place: Place, table: str) -> None:
    """The twin: it is row-level security that hides them."""
    place.attempt(None, f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    everything = place.attempt(None, f"SELECT * FROM {table} ORDER BY 1")
    assert place.attempt("limited", f"SELECT * FROM {table} ORDER BY 1") == everything


def test_totals_are_those_of_its_sites(planted: Place) -> None:
    """Kept totals are hidden, or are those of its own sites."""
    assert planted.attempt("limited", "SELECT * FROM counters") == []
    assert planted.attempt("limited", "SELECT DISTINCT site FROM worklist_counts") == [("North",)]
    ask = "SELECT value FROM my_tallies() WHERE name = 'episodes'"
    assert planted.attempt("limited", ask) == [(1,)]
    assert planted.attempt("coordinator", ask) == []  # who is limited to nothing has counters


ODD = ("-1", "NULL", "9223372036854775807")


@pytest.mark.parametrize("function", ["sees_episode", "may_add_to_episode", "is_new_episode"])
@pytest.mark.parametrize("argument", ODD)
def test_functions_tell_nothing_for_odd_arguments(
    planted: Place, function: str, argument: str
) -> None:
    """What a policy asks answers yes or no for any key, and never shows one."""
    ((answer,),) = planted.attempt("limited", f"SELECT {function}({argument})")
    assert answer is (function == "is_new_episode")


_LAGS = (
    "SELECT e.key, e.uuid, max(v.version) + 1 FROM episode_index AS i"
    " JOIN episodes AS e ON e.key = i.episode_key JOIN events AS v USING (episode_key)"
    f" WHERE i.reference = '{SOUTH}' GROUP BY e.key"
)
INTO_LAGGING = {
    "an event": _event("limited", "note", key="{key}", uuid="'{uuid}'", version="{version}"),
    "a row": _ROW,
    "a name": "INSERT INTO episode_index (episode_key, uuid) VALUES ({key}, 'x')",
}


def lagging(place: Place) -> dict[str, Any]:
    """Take away the rows of the episode at the other site, as if they could not be written."""
    (of,) = place.attempt(None, _LAGS)
    for table in ("worklist", "episode_index"):
        place.attempt(None, f"DELETE FROM {table} WHERE episode_key = {of[0]}")
    return dict(zip(("key", "uuid", "version"), of, strict=True))


@pytest.mark.parametrize("what", INTO_LAGGING)
def test_an_episode_whose_rows_lag_cannot_be_claimed(place: Place, what: str) -> None:
    """It has no site until its rows are written, and nobody who is limited may give it one."""
    of = lagging(place)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        place.attempt("limited", INTO_LAGGING[what].format(**of))


@pytest.mark.parametrize("what", INTO_LAGGING)
def test_twin_that_takes_it_for_a_new_one_lets_it_be_claimed(place: Place, what: str) -> None:
    """Were no row enough for a new episode, it could be claimed."""
    of = lagging(place)
    place.attempt(None, _ANY_EPISODE)
    place.attempt("limited", INTO_LAGGING[what].format(**of))

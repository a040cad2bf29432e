"""Breaking the glass: every site at once for a limited login, and never without a record."""

import json
import sys
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from tests.access.planted import NOW, Clock
from tests.access.planted import run as run_on
from tests.postgres.roles import LOGINS, NORTH, SOUTH, Place
from tracker.cli import main
from tracker.cli.looks import Looks
from tracker.config import Location
from tracker.roles.glass import WHITE
from tracker.roles.lifting import break_glass
from tracker.store.database import open_database

BREAK = (
    "SELECT break_glass(%s, 'by hand', NULL, backend_start) FROM pg_stat_activity"
    " WHERE pid = pg_backend_pid()"
)
SEEN = "SELECT reference FROM episode_index ORDER BY reference"
EVERY, OWN = [(NORTH,), (SOUTH,)], [(NORTH,)]
WHY = "on call for South"


def looks(place: Place) -> list[dict[str, Any]]:
    """Return what stands in the access log, in order."""
    rows = place.attempt(None, "SELECT state FROM accesses ORDER BY position")
    return [json.loads(state) for (state,) in rows]


def broken(place: Place) -> list[dict[str, Any]]:
    """Return what an auditor is told of broken glass, in order."""
    words = ("audit", "access", "--break-glass", "--format", "json")
    return list(reversed(json.loads(place.ok("auditor", *words))))


def test_it_is_on_record_before_anything_is_shown(place: Place) -> None:
    """First that the limit is lifted and why, then each look, both with the reason."""
    place.ok("limited", "--on-behalf-of", "Dr B", "--break-glass", WHY, "show", SOUTH)
    lifted, look = looks(place)[-2:]
    assert {k: v for k, v in lifted.items() if k != "at"} == {
        "actor": LOGINS["limited"], "command": "show", "on_behalf_of": "Dr B", "break_glass": WHY,
    }  # fmt: skip
    assert (look["command"], look["break_glass"], "episode" in look) == ("show", WHY, True)


def test_an_auditor_has_it_listed(place: Place) -> None:
    """All of it and nothing else, not even who asks for the words that mark it."""
    place.ok("limited", "--break-glass", WHY, "worklist")
    place.ok("limited", "--purpose", '"break_glass":', "find", '"break_glass":')
    *lifted, look = [(row["command"], row["count"], row["break_glass"]) for row in broken(place)]
    assert set(lifted) == {("worklist", None, WHY)}
    assert look == ("worklist", 2, WHY)
    assert f"glass broken: {WHY}" in place.ok("auditor", "audit", "access", "--break-glass")


def test_the_next_command_sees_its_sites_alone_again(place: Place) -> None:
    """It holds for one command."""
    assert SOUTH in place.ok("limited", "--break-glass", WHY, "worklist")
    assert SOUTH not in place.ok("limited", "worklist")
    assert place.run("limited", "show", SOUTH).exit_code == 3


def test_it_records_too(place: Place) -> None:
    """What has to be done in an emergency can be done at the other site, in one's own name."""
    fact = ("record", "headache-assessed", SOUTH, "--posture", "orthostatic")
    assert place.run("limited", *fact).exit_code == 3
    place.ok("limited", "--break-glass", WHY, *fact)
    ask = "SELECT state FROM events ORDER BY position DESC LIMIT 1"
    ((state,),) = place.attempt(None, ask)
    assert json.loads(state)["actor"] == LOGINS["limited"]


def named(place: Place) -> set[tuple[str, str]]:
    """Return for which episodes the log says that the glass was broken, and by which command."""
    ask = "SELECT uuid::uuid::text, reference FROM episode_index"
    references = dict(place.attempt(None, ask))
    rows = [row for row in looks(place) if row.get("break_glass") and "episode" in row]
    return {(row["command"], references[row["episode"]]) for row in rows}


WRITTEN = {
    "record headache-assessed": (SOUTH, "--posture", "orthostatic"),
    "correct": (SOUTH, "surgery-performed", "--set", "level=L3-L4", "--reason", "typing error"),
    "void": (SOUTH, "last", "--reason", "other patient"),
    "ack": (SOUTH, "early-review"),
    "snooze": (SOUTH, "early-review", "--until", "+24h", "--reason", "called"),
    "waive": (SOUTH, "early-review", "--reason", "moved away"),
    "assign": (SOUTH, "ben"),
    "open": ("--patient", "MRN-NEW", "--reference", "third", "--site", "South"),
    "import": ("{file}",),
}
IMPORTED = f"""\
{{"episode": "{SOUTH}", "id": "i1", "event": "leak-suspected", "data": {{}},\
 "occurred_at": "2026-03-05T08:00:00Z"}}
"""


@pytest.mark.parametrize("command", WRITTEN)
def test_what_is_recorded_by_it_names_the_episode(place: Place, command: str) -> None:
    """The event alone does not say that the glass was broken: the log of looks says for whom."""
    (place.home / "file").write_text(IMPORTED)
    words = [word.format(file=place.home / "file") for word in WRITTEN[command]]
    place.ok("limited", "--break-glass", WHY, *command.split(), *words)
    assert named(place) == {(command, "third" if command == "open" else SOUTH)}


def test_what_is_refused_by_it_names_the_episode(place: Place) -> None:
    """Whatever comes of it, for whom the glass was broken is known."""
    words = ("waive", SOUTH, "nonsense", "--reason", "moved away")
    assert place.run("limited", "--break-glass", WHY, *words).exit_code != 0
    assert named(place) == {("waive", SOUTH)}


def test_twin_that_forgets_names_nobody(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were what was noted forgotten once an event says who did it, no episode would be named."""
    monkeypatch.setattr(Looks, "discharge", lambda looks, _: looks._noted.clear())
    monkeypatch.setattr(Looks, "record", lambda _: None)
    fact = ("record", "headache-assessed", SOUTH, "--posture", "orthostatic")
    place.ok("limited", "--break-glass", WHY, *fact)
    assert named(place) == set()


def test_the_log_of_looks_stands_up(place: Place) -> None:
    """The server hashes as the program does, whatever the reason is made of."""
    why = 'a "reason" \\ with\ttabs, ümläuts, \U0001f489 and \x7f'
    place.ok("limited", "--break-glass", why, "worklist")
    place.ok("auditor", "audit", "verify")
    assert broken(place)[0]["break_glass"] == why


def test_twin_that_hashes_otherwise_is_found(place: Place) -> None:
    """Were one byte of it hashed otherwise, the server would refuse it, and verifying find it."""
    place.attempt(
        None,
        "DO $$ BEGIN EXECUTE replace(pg_get_functiondef('break_glass'::regproc),"
        " 'previous, place, said', 'previous, place + 1, said'); END $$",
    )
    assert place.run("limited", "--break-glass", WHY, "worklist").exit_code == 4
    place.attempt(None, "DROP TRIGGER accesses_check_appended ON accesses")
    place.ok("limited", "--break-glass", WHY, "worklist")
    assert place.run("auditor", "audit", "verify").exit_code == 6


NO_MORE = """
CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no more accesses'; END $$;
CREATE TRIGGER no_more BEFORE INSERT ON accesses FOR EACH ROW EXECUTE FUNCTION no_more()
"""


def test_without_a_record_there_is_nothing(place: Place) -> None:
    """When it cannot be recorded, nothing of the other site is shown."""
    place.attempt(None, NO_MORE)
    result = place.run("limited", "--break-glass", WHY, "worklist")
    assert (result.exit_code, result.stdout) == (1, "")
    assert SOUTH not in result.stderr


def lift(conn: "psycopg.Connection[Any]", why: str | None = WHY) -> None:
    """Break the glass past the program."""
    conn.execute(BREAK, [why])


def seen(conn: "psycopg.Connection[Any]") -> list[Any]:
    """Return which episodes a connection sees."""
    return conn.execute(SEEN).fetchall()


def test_past_the_program_it_is_on_record_as_well(place: Place) -> None:
    """The record is written by what lifts the limit."""
    with place.connection("limited") as conn:
        assert seen(conn) == OWN
        lift(conn)
        assert seen(conn) == EVERY
    assert [(row["command"], row["break_glass"]) for row in broken(place)] == [("by hand", WHY)]


def test_nothing_is_lifted_before_the_record_is_safe(place: Place) -> None:
    """A rollback cannot take back what was seen, so until the commit nothing is."""
    with place.connection("limited") as conn:
        for savepoint in (False, True):
            conn.execute("BEGIN")
            if savepoint:
                conn.execute("SAVEPOINT s")
            lift(conn)
            assert seen(conn) == OWN
            conn.execute("ROLLBACK")
            assert seen(conn) == OWN
    assert broken(place) == []


def test_twin_that_lifts_at_once_leaves_no_record(place: Place) -> None:
    """Without waiting for the commit, somebody could look and take the record back."""
    place.attempt(
        None,
        "CREATE OR REPLACE FUNCTION is_lifted(started timestamptz) RETURNS boolean LANGUAGE sql"
        " SECURITY DEFINER AS $$ SELECT EXISTS (SELECT FROM site_lifts) $$",
    )
    with place.connection("limited") as conn:
        conn.execute("BEGIN")
        lift(conn)
        assert seen(conn) == EVERY
        conn.execute("ROLLBACK")
    assert broken(place) == []


@pytest.mark.parametrize("attempt", ["SET tracker.break_glass = '1'", "SET row_security = off"])
def test_a_setting_lifts_nothing(place: Place, attempt: str) -> None:
    """Whatever somebody sets, the other site is not shown."""
    with place.connection("limited") as conn:
        conn.execute(attempt.encode())
        # The server may refuse to answer instead.
        with suppress(psycopg.errors.InsufficientPrivilege):
            assert seen(conn) == OWN


def test_it_is_for_one_connection(place: Place) -> None:
    """Another one of the same login is limited still, and so is one that was given back."""
    with place.connection("limited") as conn, place.connection("limited") as other:
        lift(conn)
        assert seen(other) == OWN
        other.execute("SET tracker.break_glass = '1'")
        assert seen(other) == OWN
        conn.execute("DISCARD ALL")
        assert seen(conn) == OWN


def test_a_later_connection_of_the_same_number_is_limited(place: Place) -> None:
    """What tells connections apart is when they began, too."""
    with place.connection("limited") as conn:
        lift(conn)
        place.attempt(None, "UPDATE site_lifts SET started_at = started_at - interval '1 ms'")
        assert seen(conn) == OWN


def test_where_nothing_can_be_written_nothing_is_lifted(place: Place) -> None:
    """As at a copy that only answers questions."""
    with place.connection("limited") as conn:
        conn.execute("SET default_transaction_read_only = on")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            lift(conn)
        assert seen(conn) == OWN


def test_at_a_replica_it_says_where_to_work(place: Place) -> None:
    """No other place for looks helps: what lifts the limit is recorded where it is lifted."""
    read_only = place.url("limited") + "&options=-c%20default_transaction_read_only%3Don"
    line = ("--home", str(place.home), "--database", read_only, "--break-glass", WHY)
    result = CliRunner().invoke(main, [*line, "show", SOUTH], obj=Clock(NOW))
    assert (result.exit_code, result.stdout) == (4, "")
    assert "at a read-only replica no glass can be broken" in result.stderr
    assert ("work on the primary" in result.stderr, "access-database" in result.stderr) == (
        True, False,
    )  # fmt: skip


def test_white_space_is_what_the_program_takes_for_it() -> None:
    """Whatever language a server speaks, the two agree."""
    assert list(WHITE) == [n for n in range(sys.maxunicode + 1) if chr(n).isspace()]


@pytest.mark.parametrize(
    "why", [None, "", "  ", "\n\t", "\r\v\f", "".join(map(chr, WHITE)), "x" * 201]
)
def test_a_reason_is_needed(place: Place, why: str | None) -> None:
    """Without one nothing is lifted, nor recorded."""
    with place.connection("limited") as conn:
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            lift(conn, why)
        assert seen(conn) == OWN
    assert broken(place) == []


def test_what_is_around_a_reason_is_no_part_of_it(place: Place) -> None:
    """Past the program as by it."""
    with place.connection("limited") as conn:
        lift(conn, f"\n\t\u3000{WHY}\u2003\n")
    assert broken(place)[0]["break_glass"] == WHY


@pytest.mark.parametrize("started", ["NULL", "now()", "'infinity'"])
def test_a_made_up_beginning_lifts_nothing(place: Place, started: str) -> None:
    """The limit is lifted for the connection that it was lifted on."""
    with place.connection("limited") as conn:
        with suppress(psycopg.errors.InvalidParameterValue):
            conn.execute(f"SELECT break_glass('why', 'x', NULL, {started})".encode())
        assert seen(conn) == OWN


@pytest.mark.parametrize("who", ["owner", "coordinator", "auditor", "scheduler"])
def test_who_sees_everything_breaks_nothing(planted: Place, who: str) -> None:
    """There is no glass, and no record of any that was broken."""
    result = planted.run(who, "--break-glass", WHY, "worklist")
    assert (result.exit_code, result.stdout) == (4, "")
    assert "not limited to any sites" in result.stderr


def test_a_file_has_no_glass(location: Location) -> None:
    """Where nothing is limited, the option is refused."""
    run_on(location, "init")
    result = run_on(location, "--break-glass", WHY, "worklist")
    assert (result.exit_code, "no glass to break" in result.output) == (4, True)


@pytest.mark.parametrize("function", ["is_lifted"])
@pytest.mark.parametrize("argument", ["NULL", "now()", "'-infinity'"])
def test_asking_tells_nothing(planted: Place, function: str, argument: str) -> None:
    """Whether some connection is lifted is told of the own one alone."""
    assert planted.attempt("limited", f"SELECT {function}({argument})") == [(False,)]


@pytest.mark.parametrize("argument", ["NULL", "''", "'; DROP TABLE events; --'"])
def test_keys_of_nobody_are_no_secret(planted: Place, argument: str) -> None:
    """Of an episode that is not there, the policy of the keys hides nothing."""
    assert planted.attempt("limited", f"SELECT sees_key_of({argument})") == [(True,)]


def test_each_connection_is_on_record(place: Place) -> None:
    """A program that needs another connection records it again."""
    url = place.server.url(place.name, LOGINS["limited"])
    with open_database(Location(place.home, url)) as database:
        break_glass(database, WHY, "twice", None)
        with database.reading(), database.reading() as conn:
            assert len(conn.exec_driver_sql(SEEN).all()) == 2
    assert [row["command"] for row in broken(place)] == ["twice", "twice"]
    place.ok("auditor", "audit", "verify")

"""Both verifiers on both kinds of database: the same questions, the same answers."""

import random
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from scripts import verify_audit as independent
from tests.audit.both import Verdict, found_in, own
from tests.audit.records import KEY, SITE_PROTOCOL, look, silent
from tests.conftest import Places
from tests.faults import ward
from tests.moving.conftest import first_release
from tests.store.catalogue import unguarded
from tracker.audit.checkpoint import Signed
from tracker.audit.signing import make
from tracker.audit.structure import check as structure
from tracker.audit.verify import part_of, verify
from tracker.config import Location
from tracker.errors import StoreError
from tracker.service import Service
from tracker.store import schema
from tracker.store.database import open_database


@pytest.fixture
def service(location: Location) -> Iterator[Service]:
    """A tracker with three patients, looks at them, and a protocol of its own."""
    rng = random.Random(1)
    with Service.open(location, ward.clock, create=True) as made:
        uuids = ward.add(made, range(3))
        made.protocols.add(SITE_PROTOCOL, "ward", ward.NOW)
        for number in range(6):
            made.append(rng.choice(uuids), ward.some_fact(made, f"f{number}", rng))
            look(made, rng.choice([*uuids, None]), rng)
        yield made


def agreed(service: Service, checkpoints: list[Signed]) -> Verdict:
    """Return what both verifiers find."""
    location = service.database.location
    report = verify(service.database, part_of(service.database), checkpoints, silent)
    one = Verdict(found_in(report.faults), found_in(report.remarks))
    source = location.database_url or str(location.home)
    found = independent.verify_database(source, own(checkpoints), 1, None)
    assert Verdict(*map(found_in, found[:2])) == one
    return one


def checkpoint(service: Service) -> Signed:
    """Sign what is there."""
    part = part_of(service.database)
    return make(service.database, part, KEY, [], ward.NOW, silent).named("held.checkpoint")


def change(service: Service, *statements: str) -> None:
    """Change the database as its owner does, with nothing that hinders, and put that back."""
    with service.database.writing() as conn, unguarded(conn):
        for statement in statements:
            conn.execute(text(statement))


def test_an_untouched_record_stands(service: Service) -> None:
    """Also against a checkpoint of it."""
    assert agreed(service, [checkpoint(service)]) == ([], [])


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE events SET topic = 'patient-died' WHERE position = 4", ("events", 4, "hash")),
        ("UPDATE events SET version = 9 WHERE position = 5", ("events", 5, "version")),
        ("DELETE FROM events WHERE position = 6", ("events", 6, "missing")),
        ("UPDATE events SET hash = state WHERE position = 7", ("events", 7, "hash")),
        ("UPDATE accesses SET actor = 'eve' WHERE position = 2", ("access", 2, "access")),
        ("UPDATE accesses SET at = at + 1 WHERE position = 3", ("access", 3, "access")),
        ("UPDATE protocols SET text = text || '#' WHERE name = 'ward@1'",
         ("protocols", None, "protocol")),
        ("UPDATE protocols SET actor = 'eve' WHERE name = 'ward@1'",
         ("protocols", None, "forked")),
        ("DELETE FROM accesses WHERE position = 6", ("access", 6, "truncated")),
    ],
)  # fmt: skip
def test_what_was_changed_is_found(
    service: Service, statement: str, expected: tuple[str, int | None, str]
) -> None:
    """Whichever database holds it."""
    held = checkpoint(service)
    change(service, statement)
    assert expected in agreed(service, [held]).faults


def test_the_end_cut_off_shows_against_a_checkpoint(service: Service) -> None:
    """A server keeps no counter that would tell."""
    held = checkpoint(service)
    change(service, "DELETE FROM events WHERE position = 15")
    assert ("events", 15, "truncated") in agreed(service, [held]).faults
    assert agreed(service, []).stands == (service.database.engine.dialect.name == "postgresql")


MAKING = {
    "sqlite": (
        "CREATE TRIGGER x BEFORE INSERT ON accesses BEGIN SELECT RAISE(IGNORE); END",
        "DROP TRIGGER events_refuse_delete",
        "DROP INDEX ix_accesses_episode_key",
        "CREATE VIEW x AS SELECT * FROM worklist",
    ),
    "postgresql": (
        "CREATE FUNCTION x() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        " CREATE TRIGGER x BEFORE INSERT ON accesses FOR EACH ROW EXECUTE FUNCTION x()",
        "CREATE RULE x AS ON INSERT TO events DO INSTEAD NOTHING",
        "ALTER TABLE protocols DISABLE TRIGGER USER",
        "DROP TRIGGER events_refuse_change ON events",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RETURN NEW; END'",
        "DROP INDEX ix_accesses_episode_key",
        "DROP INDEX ix_accesses_at; CREATE INDEX ix_accesses_at ON accesses (at) WHERE at > 0",
        "ALTER TABLE events ALTER COLUMN topic TYPE varchar(100)",
    ),
}


def test_what_is_made_otherwise_is_found(service: Service, backend: str) -> None:
    """Triggers, rules, indexes, views and columns, one by one, and put back."""
    for statement in MAKING[backend]:
        with service.database.writing() as conn, conn.begin_nested() as attempt:
            conn.exec_driver_sql(statement)
            found = structure.faults(conn)
            attempt.rollback()
        assert {(fault.part, fault.code) for fault in found} == {("schema", "schema")}, statement
    assert agreed(service, []).stands


VIEW = "ALTER TABLE accesses RENAME TO kept; CREATE VIEW accesses AS SELECT * FROM kept"
ALONE = "DROP TRIGGER episodes_refuse_change ON episodes"


@pytest.mark.backends("postgresql")
@pytest.mark.parametrize("statements", [MAKING["postgresql"][:3], [VIEW], [ALONE]])
def test_both_find_it_on_a_server(service: Service, statements: list[str]) -> None:
    """Each by its own question; behind a view nothing more is asked."""
    with service.database.writing() as conn:
        for statement in statements:
            conn.exec_driver_sql(statement)
    found = agreed(service, [])
    assert {part for part, _, _ in found.faults} == {"schema"}


SWALLOWING = {
    "sqlite": ("CREATE TRIGGER x BEFORE INSERT ON {} BEGIN SELECT RAISE(IGNORE); END",),
    "postgresql": (
        "CREATE FUNCTION x() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER x BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION x()",
    ),
}


@pytest.mark.parametrize("table", ["events", "episodes", "accesses"])
def test_nothing_is_said_to_be_recorded_that_is_not(
    service: Service, backend: str, table: str
) -> None:
    """A trigger that passes over a row keeps whoever records or looks from going on."""
    with service.database.writing() as conn:
        for statement in SWALLOWING[backend]:
            conn.exec_driver_sql(statement.format(table))
    looks = table == "accesses"
    with pytest.raises(StoreError, match="does not keep what is recorded"):
        look(service, None, random.Random(1)) if looks else ward.add(service, [9])


@pytest.mark.backends("sqlite")
def test_tables_of_every_age_are_as_they_are_to_be(places: Places) -> None:
    """Those of the first release have no access log; brought up to date they are like new ones."""
    with places() as place:
        first_release(place)
        found = independent.verify_database(str(place.home), [], 1, None)
        assert found[:2] == ([], [])
        with open_database(place) as database:
            schema.upgrade(database)
            with database.reading() as conn:
                assert structure.faults(conn) == []
        assert independent.verify_database(str(place.home), [], 1, None)[:2] == ([], [])

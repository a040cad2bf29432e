"""Lists ask the database a number of times that does not grow with what they list."""

import datetime

from sqlalchemy import event

from projections import index
from tests.projections.conftest import Clock
from tests.store.recording import START, new, opening, saying
from tracker.service import Service

MANY = 7


def admit(service: Service, clock: Clock) -> None:
    """Open episodes whose rows time overtakes."""
    clock.instant = START + datetime.timedelta(hours=1)
    for number in range(MANY):
        patch = new("blood-patch-performed", 0, event_id=f"p{number}", volume_ml=18)
        service.append(None, saying(opening(str(number)), patch))
    clock.pass_(days=3)


def queries(service: Service) -> list[str]:
    """Return the list that every statement is added to from now on."""
    said: list[str] = []
    event.listen(
        service.database.engine, "before_cursor_execute", lambda *heard: said.append(heard[2])
    )
    return said


def test_rows_that_time_overtook_are_read_at_once(service: Service, clock: Clock) -> None:
    """The worklist reads the histories of all of them in one query."""
    admit(service, clock)
    said = queries(service)
    assert len(service.worklist().rows) == MANY
    assert sum("state" in statement for statement in said) == 1


def test_what_is_due_is_counted_and_not_listed(service: Service, clock: Clock) -> None:
    """A number of episodes is one row of an answer."""
    admit(service, clock)
    assert service.count_due(service.now()) == len(service.due(service.now(), 100)) == MANY
    assert service.count_due(START) == 0


def test_names_are_looked_up_together(service: Service, clock: Clock) -> None:
    """Episodes by key, and nothing for a key that no episode has."""
    admit(service, clock)
    said = queries(service)
    with service.database.reading() as conn:
        found = index.of_keys(conn, [1, MANY, 99])
    assert {key: ref.reference for key, ref in found.items()} == {1: "case-0", MANY: "case-6"}
    assert len(said) == 1

"""The worklist: who is in it, in which order, how many, and at what cost."""

import datetime
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from projections.worklist import Filters, Page, Place, WorklistRow
from projections.worklist_rows import IN_CARE
from tests.conftest import Places
from tests.pathway.strategies import histories
from tests.projections.conftest import Clock
from tests.projections.test_rebuild import incremental
from tests.store.recording import START, new, opening, saying
from tracker.events import NewEvent, Recorded
from tracker.pathway import Status
from tracker.service import Service
from tracker.store.instants import micros

HEADACHE = new("headache-assessed", 10, posture="orthostatic")
DEFICIT = new("symptoms-recorded", 20, present=["neurological-deficit"])
CLOSED = new("episode-closed", 30, outcome="excluded", reason="no leak")


def admit(service: Service, name: str, *facts: NewEvent, **fields: object) -> None:
    """Open an episode and record what is known of it."""
    service.append(None, saying(opening(name, **fields), *facts))


def listed(service: Service, filters: Filters = IN_CARE) -> list[str | None]:
    """Return the references of the episodes that are listed, in order."""
    return [row.reference for row in service.worklist(filters).rows]


def test_urgent_ones_come_first_then_the_earliest_due(service: Service) -> None:
    """Who reads from the top does first what cannot wait."""
    admit(service, "later", new("blood-patch-performed", 180))
    admit(service, "nothing")
    admit(service, "sooner", HEADACHE)
    admit(service, "urgent", DEFICIT)
    assert listed(service) == ["case-urgent", "case-sooner", "case-later", "case-nothing"]


def test_a_closed_episode_drops_out_unless_its_stage_is_asked_for(service: Service) -> None:
    """The list is of patients in care; the others can still be looked up."""
    admit(service, "open", HEADACHE)
    admit(service, "closed", CLOSED)
    assert listed(service) == ["case-open"]
    assert listed(service, Filters(stage="closed")) == ["case-closed"]
    assert service.worklist().totals.episodes == 1


def test_a_closed_episode_that_still_owes_stays(service: Service) -> None:
    """Closing does not make an owed review disappear."""
    closed = new("episode-closed", 100, outcome="other", reason="moved away")
    admit(service, "1", new("blood-patch-performed", 90), closed)
    [row] = service.worklist().rows
    assert row.stage == "closed"
    assert row.reminders > 0


def test_filters_narrow_the_list_and_the_totals(service: Service) -> None:
    """A coordinator sees and counts her own."""
    admit(service, "1", DEFICIT, coordinator="anna", site="north")
    admit(service, "2", HEADACHE, coordinator="anna", site="south")
    admit(service, "3", coordinator="ben", site="north")
    page = service.worklist(Filters(coordinator="anna"))
    assert [row.reference for row in page.rows] == ["case-1", "case-2"]
    assert (page.totals.episodes, page.totals.urgent) == (2, 1)
    assert listed(service, Filters(site="north")) == ["case-1", "case-3"]
    assert listed(service, Filters(urgent=True)) == ["case-1"]
    assert listed(service, Filters(coordinator="ben", site="south")) == []


def test_overdue_is_decided_by_the_clock_of_the_reader(service: Service, clock: Clock) -> None:
    """Nothing is written when time passes, and yet the list is right."""
    clock.instant = START + datetime.timedelta(hours=20)
    admit(service, "1", new("blood-patch-performed", 0), new("patient-discharged", 5))
    assert listed(service, Filters(overdue=True)) == []
    clock.instant = START + datetime.timedelta(hours=48)
    assert listed(service, Filters(overdue=True)) == []
    clock.pass_(microseconds=1)
    page = service.worklist(Filters(overdue=True))
    assert [row.due_kind for row in page.rows] == ["early-review"]
    assert page.totals == service.worklist().totals == (1, 0, 1)


def test_reading_writes_nothing(service: Service, clock: Clock) -> None:
    """A list with rows that time has overtaken is made in memory."""
    admit(service, "1", new("blood-patch-performed", 90))
    clock.pass_(days=30)
    before = service.projections()
    assert before.stale == 1
    service.worklist()
    assert service.projections() == before


def test_due_within_counts_what_is_due_by_then(service: Service, clock: Clock) -> None:
    """The bound belongs to the window, as everywhere."""
    clock.instant = START + datetime.timedelta(hours=6)
    admit(service, "1", new("blood-patch-performed", 0), new("patient-discharged", 5))
    due_at = START + datetime.timedelta(hours=48)
    before = micros(due_at) - 1
    assert listed(service, Filters(due_before=before)) == []
    page = service.worklist(Filters(due_before=before + 1))
    assert (len(page.rows), page.totals.episodes) == (1, 1)


def brute_force(statuses: Sequence[tuple[int, Status]], filters: Filters) -> list[int]:
    """Return the keys of the episodes that fit, from their statuses alone."""
    found = []
    for key, status in statuses:
        live = [r for r in status.reminders if r.live]
        due_at = min((micros(r.due_at) for r in live), default=2**60)
        fits = (
            (status.stage == filters.stage if filters.stage else status.stage != "closed" or live)
            and (not filters.overdue or any(r.status == "overdue" for r in live))
            and (not filters.urgent or status.urgent)
            and (filters.due_before is None or due_at <= filters.due_before)
        )
        if fits:
            found.append((not status.urgent, due_at, key))
    return [key for *_, key in sorted(found)]


def whole(service: Service, filters: Filters, limit: int) -> list[WorklistRow]:
    """Read the list page by page."""
    rows: list[WorklistRow] = []
    after: Place | None = None
    while True:
        page: Page = service.worklist(filters, limit=limit, after=after)
        rows += page.rows
        if not page.more:
            return rows
        after = page.rows[-1].place


@st.composite
def asked(draw: st.DrawFn) -> Filters:
    """Return filters; `due_before` in days from now."""
    stage = draw(st.sampled_from([None, None, "follow-up", "closed", "assessment"]))
    return Filters(
        overdue=draw(st.booleans()),
        urgent=draw(st.booleans()),
        stage=stage,
        due_before=draw(st.none() | st.integers(-20, 800)),
    )


def from_now(days: int | None, now: datetime.datetime) -> int | None:
    """Return the microseconds of an instant so many days from now."""
    return None if days is None else micros(now + datetime.timedelta(days=days))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(histories(), min_size=2, max_size=4), st.lists(asked(), min_size=3, max_size=3))
def test_pages_and_totals_are_what_the_statuses_say(
    places: Places, drawn: list[list[Recorded]], filters: list[Filters]
) -> None:
    """List, order, pages and totals equal those of a list made from all statuses."""
    with (
        places() as location,
        incremental(location, drawn, refreshed=False) as service,
    ):
        statuses = [(ref.key, service.status(ref.uuid)) for ref in service.all_episodes()]
        now = service.now()
        for days in filters:
            wanted = days._replace(due_before=from_now(days.due_before, now))
            expected = brute_force(statuses, wanted)
            assert [row.key for row in whole(service, wanted, limit=1)] == expected
            page = service.worklist(wanted, limit=None)
            assert [row.key for row in page.rows] == expected
            assert page.totals == (
                len(expected),
                sum(row.urgent for row in page.rows),
                sum(row.overdue for row in page.rows),
            )


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (IN_CARE, "ix_worklist_order (listed=? AND urgent=?"),
        (Filters(overdue=True), "ix_worklist_order (listed=? AND urgent=? AND due_at<?"),
        (Filters(stage="follow-up"), "ix_worklist_stage (stage=? AND urgent=?"),
        (Filters(coordinator="anna"), "ix_worklist_coordinator (coordinator=? AND listed=?"),
        (Filters(site="north"), "ix_worklist_site (site=? AND listed=?"),
    ],
)
def test_a_page_is_read_in_order_from_an_index(
    service: Service, filters: Filters, index: str
) -> None:
    """A page costs the same however many episodes there are: nothing is scanned or sorted."""
    plans = []

    def explain(conn, cursor, statement, parameters, context, many):  # type: ignore[no-untyped-def]
        if "FROM worklist" in statement and "LIMIT" in statement:
            plan = conn.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.append([row[3] for row in plan])

    event.listen(service.database.engine, "before_cursor_execute", explain)
    service.worklist(filters)
    assert plans
    for plan in plans:
        assert index in plan[0]
        assert not any("TEMP B-TREE" in line or line.startswith("SCAN") for line in plan)

"""Rebuild and verify: rows made anew from the log are those written event by event."""

import datetime
import itertools
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from projections import catch_up, swapping, writer
from projections.building import build_all
from projections.rebuild import Builder
from projections.views import Judge
from tests.conftest import Places
from tests.pathway.strategies import histories
from tests.projections.conftest import Clock
from tests.store.catalogue import objects
from tests.store.recording import new, opening, saying
from tests.store.test_schema import declared
from tracker.config import Location
from tracker.errors import StoreError
from tracker.events import NewEvent, Recorded
from tracker.judging import judge_for
from tracker.service import Service
from tracker.store.database import Database

PATCHED = [
    new("surgery-performed", 0, level="L4-L5", dural_tear="yes"),
    new("headache-assessed", 10, posture="orthostatic"),
    new("conservative-management-started", 10, measures=["bed-rest"]),
    new("blood-patch-performed", 90, volume_ml=18, level="L4-L5"),
    new("headache-assessed", 100, posture="none"),
]


def fill(service: Service, episodes: int) -> None:
    """Record some episodes, each as far as its number."""
    for number in range(episodes):
        facts = PATCHED[: number % 6]
        service.append(None, saying(opening(str(number)), *facts))


def plain(event: Recorded) -> NewEvent:
    """Return an event as it was before it had a place."""
    names = NewEvent.__struct_fields__
    return NewEvent(**{name: getattr(event, name) for name in names})


def only_settle(self: Builder, conn: Connection, now: datetime.datetime) -> None:
    """Finish a rebuild without looking at what came in meanwhile."""
    writer.settle(conn, self._changes, self._writers)


@pytest.fixture
def filled(service: Service) -> Service:
    """A service with episodes in several stages."""
    fill(service, 12)
    return service


def test_rebuilding_changes_nothing_that_is_right(filled: Service) -> None:
    """The page, the counters and the state are the same before and after."""
    before = filled.worklist(limit=None), filled.statistics(), filled.projections()
    assert filled.rebuild() == 12
    assert (filled.worklist(limit=None), filled.statistics(), filled.projections()) == before


def test_rebuilt_tables_are_like_migrated_ones(filled: Service) -> None:
    """A swap loses no index, no key and no type."""
    before = set(objects(filled.database))
    filled.rebuild()
    assert {name.removesuffix(swapping.OTHER) for name in objects(filled.database)} == before
    filled.rebuild()
    assert set(objects(filled.database)) == before
    assert declared(filled.database) == []


@pytest.mark.parametrize(
    ("harm", "table"),
    [
        ("UPDATE worklist SET stage = 'rebound' WHERE episode_key = 3", "worklist"),
        ("DELETE FROM reminders WHERE episode_key = 6", "reminders"),
        ("INSERT INTO alerts VALUES (1, 'x', 'patch-volume', 'advisory', 1, NULL)", "alerts"),
        ("UPDATE episode_index SET patient = 'other' WHERE episode_key = 1", "episode_index"),
        ("UPDATE counters SET value = value + 1 WHERE name = 'episodes'", "counters"),
        ("DELETE FROM worklist_counts", "worklist_counts"),
    ],
)
def test_a_row_that_is_wrong_is_found_and_mended(filled: Service, harm: str, table: str) -> None:
    """Verifying compares every column of every row; rebuilding puts it right."""
    with filled.database.writing() as conn:
        conn.execute(text(harm))
    assert {difference.table for difference in filled.verify()} == {table}
    filled.rebuild()
    assert filled.verify() == []


def test_two_processes_build_the_same_rows(filled: Service) -> None:
    """Splitting the work changes nothing in the result."""
    before = filled.worklist(limit=None), filled.statistics()
    steps: list[int] = []
    filled.rebuild(steps.append, processes=2)
    assert sum(steps) == 12
    assert (filled.worklist(limit=None), filled.statistics()) == before
    assert filled.verify() == []


def test_what_is_recorded_during_a_rebuild_is_in_it(
    filled: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Building beside stops nobody from recording, and the swap misses nothing."""
    episode = filled.resolve("case-1").uuid

    def record(step: int) -> None:
        filled.append(episode, saying(new("headache-assessed", 20, posture="orthostatic")))
        filled.append(None, saying(opening("late")))

    filled.rebuild(record)
    assert filled.projections().position == filled.projections().head
    assert filled.resolve("case-late")
    assert filled.verify() == []


def test_without_the_last_look_a_rebuild_would_miss_it(
    filled: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin that swaps what it built, and looks no further, has other rows."""
    episode = filled.resolve("case-1").uuid
    monkeypatch.setattr(Builder, "_follow", lambda self: False)
    monkeypatch.setattr(
        Builder,
        "_finish",
        lambda self, conn, now: writer.settle(conn, self._changes, self._writers),
    )
    filled.rebuild(
        lambda _: filled.append(
            episode, saying(new("headache-assessed", 20, posture="orthostatic"))
        )
    )
    monkeypatch.undo()
    assert filled.verify() != []


def test_a_rebuild_that_fails_leaves_the_live_rows(filled: Service) -> None:
    """What was built beside is removed, and nothing else changes."""
    before, tables = filled.worklist(limit=None), objects(filled.database)

    def fail(step: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filled.rebuild(fail)
    assert (filled.worklist(limit=None), objects(filled.database)) == (before, tables)


def test_what_an_interrupted_rebuild_left_is_no_hindrance(filled: Service) -> None:
    """A process that was killed leaves tables beside; the next one begins anew."""
    with filled.database.writing() as conn:
        swapping.create(conn, writer.MODELS)
    filled.rebuild()
    assert filled.verify() == []


def test_an_episode_that_cannot_be_evaluated_is_parked(filled: Service, clock: Clock) -> None:
    """The others are built all the same."""
    judge = filled.judge

    class Failing(Judge[object]):
        def view(self, key, episode, history, now):  # type: ignore[no-untyped-def]
            """Fail for one episode."""
            if key == 3:
                raise ValueError("a broken rule")
            return judge.view(key, episode, history, now)

    failing = Failing(*[lambda *_: None] * 4)  # type: ignore[arg-type]
    Builder(filled.database, lambda _: failing, clock).rebuild(lambda _: None)
    [mark] = filled.parked()
    assert mark.episode_key == 3
    assert "ValueError at test_rebuild.py" in mark.reason
    assert filled.worklist(limit=None).totals.episodes == 12
    assert filled.catch_up() == 1
    assert filled.verify() == []


def test_rows_that_time_has_overtaken_are_no_difference(filled: Service, clock: Clock) -> None:
    """A row holds until its time to change; verifying writes it anew before it compares."""
    clock.pass_(days=40)
    assert filled.projections().stale > 0
    assert filled.verify() == []
    assert filled.projections().stale == 0


def test_refreshing_writes_what_time_has_changed(filled: Service, clock: Clock) -> None:
    """After a refresh the stored rows say what the page says."""
    clock.pass_(days=40)
    shown = filled.worklist(limit=None)
    while filled.refresh(limit=5):
        pass
    assert filled.worklist(limit=None) == shown
    with filled.database.reading() as conn:
        assert conn.execute(text("SELECT count(*) FROM worklist WHERE overdue")).scalar() == (
            shown.totals.overdue
        )


def test_ranges_cover_every_episode_once(filled: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Splitting at any size neither drops nor repeats an episode."""
    for size in (1, 5, 12, 50):
        monkeypatch.setattr("projections.ranging.CHUNK", size)
        built = build_all(filled.database, judge_for, 12, filled.now(), 1)
        assert sum(part.episodes for part in built) == 12


def incremental(
    location: Location, drawn: Sequence[Sequence[Recorded]], refreshed: bool
) -> Service:
    """Record histories event by event, each at the instant at which it was recorded."""
    clock = Clock()
    service = Service.open(location, clock, create=True, durability="OFF")
    ids = {}
    events = sorted(
        ((event, n) for n, history in enumerate(drawn) for event in history),
        key=lambda pair: pair[0].recorded_at,
    )
    for event, number in events:
        clock.instant = event.recorded_at
        if refreshed:
            service.refresh()
        done = service.append(ids.get(number), saying(plain(event)))
        assert not done.parked
        ids[number] = done.episode.uuid
    clock.instant += datetime.timedelta(days=30)
    return service


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(histories(), min_size=1, max_size=3), st.booleans())
def test_rebuild_equals_incremental_row_for_row(
    places: Places, drawn: list[list[Recorded]], refreshed: bool
) -> None:
    """Whatever is recorded in whatever order, the rows are those that the log alone gives."""
    with (
        places() as location,
        incremental(location, drawn, refreshed) as service,
    ):
        assert service.verify() == []
        shown = service.worklist(limit=None)
        service.rebuild()
        assert service.worklist(limit=None) == shown


def test_catching_up_goes_batch_by_batch(filled: Service, database_position: None) -> None:
    """Rows that were lost are made again from the log, however small the batches."""
    assert catch_up.catch_up(filled.database, filled.judge, filled.now, batch=3) > 0
    assert filled.projections().position == filled.projections().head
    assert filled.verify() == []


@pytest.fixture
def database_position(filled: Service) -> None:
    """Rows as if none had ever been written."""
    tables = itertools.chain.from_iterable(model.tables for model in writer.MODELS)
    with filled.database.writing() as conn:
        for table in tables:
            conn.execute(text(f"DELETE FROM {table.name}"))
        conn.execute(text("UPDATE projection_state SET position = 0"))


def test_an_empty_database_is_rebuilt_to_nothing(service: Service) -> None:
    """There is nothing to build, and nothing fails."""
    assert service.rebuild() == 0
    assert service.verify() == []
    assert isinstance(service.database, Database)


def test_rows_of_another_version_ask_for_a_rebuild(filled: Service) -> None:
    """What another version of the rules made is not shown as if it were right."""
    with filled.database.writing() as conn:
        conn.execute(text("UPDATE projection_state SET version = 0"))
    for read in (filled.worklist, filled.statistics, lambda: filled.due(filled.now(), 1)):
        with pytest.raises(StoreError, match="version 0") as caught:
            read()
        assert "rebuild" in str(caught.value.hint)
    filled.rebuild()
    assert filled.worklist().totals.episodes == 12


def test_a_long_refresh_ends_at_its_limit(filled: Service, clock: Clock) -> None:
    """However much time has overtaken, others get their turn to write."""
    clock.pass_(days=40)
    stale = filled.projections().stale
    assert filled.refresh(limit=2) == 2
    assert filled.projections().stale == stale - 2
    assert filled.refresh() == stale - 2

"""A read model that fails never loses the clinical fact: the episode is parked and mended."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent
from sqlalchemy import Connection, text

from projections import parking, writer
from projections.views import Judge, View
from tests.store.recording import new, opening, saying
from tracker.appending import Appender
from tracker.errors import StoreError
from tracker.judging import judge_for
from tracker.service import Service
from tracker.step import Step
from tracker.store.errors import RowsError
from tracker.store.recorder import LogRecorder
from tracker.store.statements import Session, Statement

FACT = new("headache-assessed", 10, event_id="fact", posture="orthostatic")


def refuse(conn: Session, view: View, changes: writer.Changes, asked: object = None) -> None:
    """Fail as a read model may."""
    raise ValueError("a broken read model")


REFUSED = {
    "sqlite": "INSERT INTO counters SELECT hex(zeroblob(5000000)), 1",  # the disk is full then
    "postgresql": "INSERT INTO counters SELECT 'x', 1/0",
}


def fail_in_database(
    conn: Session, view: View, changes: writer.Changes, asked: object = None
) -> None:
    """Write rows that the database refuses."""
    Statement(text(REFUSED[conn.dialect.name]))(conn)


def limit_disk(service: Service, spare_pages: int) -> None:
    """Leave room for so many more pages in the database file, if it is one."""
    if service.database.path is None:
        return
    with service.database.reading() as conn:
        pages = conn.execute(text("PRAGMA page_count")).scalar_one()
        conn.execute(text(f"PRAGMA max_page_count = {pages + spare_pages}"))


def without_parking(self: Appender, steps: Sequence[Step], beside: None) -> None:
    """Save as one would who never thought of a read model that fails."""
    if steps:
        self._write(steps, beside)


@pytest.fixture
def episode(service: Service) -> UUID:
    """An episode whose rows are right."""
    return service.append(None, saying(opening())).episode.uuid


@pytest.mark.parametrize("failure", [refuse, fail_in_database])
def test_the_fact_is_kept_and_the_episode_marked(
    service: Service, episode: UUID, failure: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever happens while rows are written, what was acknowledged is in the log."""
    limit_disk(service, 10)
    monkeypatch.setattr(writer, "repair", failure)
    done = service.append(episode, saying(FACT))
    assert done.parked
    assert [e.id for e in done.events] == ["fact"]
    assert service.history(episode)[-1].id == "fact"
    [mark] = service.parked()
    assert (mark.episode_key, mark.position) == (done.episode.key, 2)


@pytest.mark.parametrize("failure", [refuse, fail_in_database])
def test_without_parking_the_fact_is_lost(
    service: Service, episode: UUID, failure: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin without the protection fails, so the tests above show something."""
    limit_disk(service, 10)
    monkeypatch.setattr(writer, "repair", failure)
    monkeypatch.setattr(Appender, "_save", without_parking)
    with pytest.raises((RowsError, StoreError)):
        service.append(episode, saying(FACT))
    assert [e.id for e in service.history(episode)] != ["fact"]
    assert len(service.history(episode)) == 1


@pytest.mark.backends("sqlite")
def test_a_fact_that_cannot_be_kept_either_is_reported(
    service: Service, episode: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is acknowledged that is not in the log."""
    monkeypatch.setattr(writer, "repair", fail_in_database)
    limit_disk(service, 0)
    note = "x" * 2000
    facts = [new("wound-drain-removed", n, event_id=f"e{n}", note=note) for n in range(20)]
    with pytest.raises(StoreError, match="full"):
        service.append(episode, saying(*facts))
    assert len(service.history(episode)) == 1
    assert service.parked() == []


def test_a_rule_that_fails_does_not_lose_the_fact(service: Service, episode: UUID) -> None:
    """An evaluation that raises parks the episode, and the answer has no status."""

    def fail(*_: object) -> object:
        raise ZeroDivisionError("a broken rule")

    judge = Judge(fail, lambda _: None, lambda _: "x@1", lambda _: None)  # type: ignore[arg-type]
    appender = Appender(service.database, judge, service.now, service.protocols.keep)
    done = appender.append(episode, saying(FACT))
    assert done.parked
    assert done.after is None
    assert "ZeroDivisionError at test_parking.py" in service.parked()[0].reason


@pytest.mark.parametrize("where", ["evaluation", "rows", "rebuild"])
def test_the_mark_quotes_nothing_of_a_patient(
    service: Service, episode: UUID, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words of an error may hold what was recorded; the mark says only what failed, and where."""

    def fail(*_: object) -> None:
        raise ValueError("no such patient: Ada Lovelace")

    monkeypatch.setattr(*(writer, "repair") if where == "rows" else (Judge, "view"), fail)
    if where == "rebuild":
        service.rebuild()
    else:
        service.append(episode, saying(FACT))
    [mark] = service.parked()
    assert "ValueError at test_parking.py" in mark.reason
    assert "Lovelace" not in mark.reason


def test_a_parked_episode_is_shown_as_incomplete(
    service: Service, episode: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is evaluated from the log when it is shown, and the row says that it lagged."""
    service.append(None, saying(opening("2")))
    with monkeypatch.context() as patch:
        patch.setattr(writer, "repair", refuse)
        service.append(episode, saying(FACT))
    page = service.worklist()
    assert {row.reference: row.incomplete for row in page.rows} == {"case-1": True, "case-2": False}
    assert {row.stage for row in page.rows} == {"assessment", "at-risk"}
    assert page.totals.episodes == 2


def test_an_episode_parked_at_its_opening_is_found(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the index does not have is looked up in the log."""
    with monkeypatch.context() as patch:
        patch.setattr(writer, "add", refuse)
        ref = service.append(None, saying(opening())).episode
    assert service.resolve("case-1") == ref
    assert service.resolve("e-00001") == ref
    assert service.episode(ref.uuid) == ref
    assert service.name_of(ref.key) == "E-00001"
    [row] = service.worklist().rows
    assert (row.reference, row.incomplete) == ("case-1", True)


def test_an_episode_that_cannot_be_read_is_shown_by_its_uuid(service: Service) -> None:
    """Of an episode that a newer program wrote, the list still says that it is there."""
    done = service.append(None, saying(opening()))
    unknown = StoredEvent(done.episode.uuid, 2, "made-up", b"{}")
    LogRecorder(service.database).insert_events([unknown])
    service.catch_up()
    service.rebuild()
    [row] = service.worklist().rows
    assert (row.uuid, row.stage, row.incomplete) == (done.episode.uuid.hex, "unknown", True)
    assert service.name_of(row.key) == str(done.episode.uuid)
    assert "UnknownTopicError at envelope.py" in service.parked()[0].reason


def test_the_next_append_mends_the_rows(
    service: Service, episode: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows come from the whole history, so nothing of the time before is missing."""
    with monkeypatch.context() as patch:
        patch.setattr(writer, "repair", refuse)
        service.append(episode, saying(FACT))
    service.append(episode, saying(new("wound-examined", 12)))
    assert service.parked() == []
    assert service.verify() == []


def test_catching_up_mends_the_rows(
    service: Service, episode: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A parked episode is tried again without anybody recording something."""
    with monkeypatch.context() as patch:
        patch.setattr(writer, "repair", refuse)
        service.append(episode, saying(FACT))
        assert service.catch_up() == 0
        assert len(service.parked()) == 1
    assert service.catch_up() == 1
    assert service.parked() == []
    assert service.verify() == []


def test_of_a_batch_only_the_failing_episode_stays_parked(
    service: Service, episode: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One episode's read model does not hold up an import."""
    bad = service.append(None, saying(opening("2"))).episode
    repair = writer.repair

    def fail_for_one(
        conn: Session, view: View, changes: writer.Changes, asked: object = None
    ) -> None:
        if view.key == bad.key:
            raise ValueError("a broken read model")
        repair(conn, view, changes)

    monkeypatch.setattr(writer, "repair", fail_for_one)
    batch = [(episode, saying(FACT)), (bad.uuid, saying(FACT))]
    assert [done.parked for done in service.append_many(batch)] == [False, True]
    assert [mark.episode_key for mark in service.parked()] == [bad.key]


def test_an_append_without_rows_is_caught_up_with(service: Service, episode: UUID) -> None:
    """Events that came in by another way get their rows, each episode evaluated once."""
    log = Appender(service.database, service.judge, service.now, service.protocols.keep)._log
    [event] = service.append(episode, saying(FACT)).events
    log.save(event.__class__(**{**_fields(event), "version": 3, "id": "later"}))
    service.append(episode, saying(new("wound-examined", 12)))
    assert service.projections().position == 2
    assert service.catch_up() == 2
    assert service.projections().position == 4
    assert service.verify() == []


def _fields(event: object) -> dict[str, object]:
    return {name: getattr(event, name) for name in event.__struct_fields__}  # type: ignore[attr-defined]


def test_parking_again_keeps_the_first_position(service: Service, episode: UUID) -> None:
    """The mark says since when the rows lag, and why they last failed."""

    def mark(conn: Connection, position: int, reason: str) -> None:
        parking.park(conn, 1, position, reason, service.now())

    with service.database.writing() as conn:
        mark(conn, 1, "first")
        mark(conn, 5, "again")
    [found] = service.parked()
    assert (found.position, found.reason) == (1, "again")


def test_what_judges_a_database_is_made_in_any_process(service: Service, episode: UUID) -> None:
    """A worker of a rebuild judges as the service does."""
    status = judge_for(service.database).status(service.history(episode), service.now())
    assert status == service.status(episode)

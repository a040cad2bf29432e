"""The eventsourcing application over our recorder."""

import datetime
from uuid import UUID, uuid4

import pytest

from tracker.events import Recorded, UnknownTopicError, data_from
from tracker.store.application import EpisodeLog
from tracker.store.database import Database

AT = datetime.datetime(2026, 2, 2, 8, tzinfo=datetime.UTC)


def event(episode: UUID, version: int, event_id: str = "e1") -> Recorded:
    """Return an event to save."""
    return Recorded(
        episode=episode,
        version=version,
        id=event_id,
        occurred_at=AT,
        recorded_at=AT,
        actor="anna",
        source="cli",
        data=data_from("leak-suspected", {"basis": "headache when upright"}),
    )


def test_what_is_saved_comes_back_equal(database: Database) -> None:
    """Storing an event loses nothing of it."""
    app, episode = EpisodeLog(database), uuid4()
    app.save(event(episode, 1))
    assert list(app.events.get(episode)) == [event(episode, 1)]


def test_the_notification_log_reads_in_order(database: Database) -> None:
    """The library's own reader finds every event by position."""
    app, episode = EpisodeLog(database), uuid4()
    app.save(event(episode, 1), event(episode, 2, "e2"))
    found = app.notification_log.select(start=1, limit=10)
    assert [(n.id, n.originator_version) for n in found] == [(1, 1), (2, 2)]


def test_the_process_environment_changes_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables that other programs set do not send clinical facts elsewhere."""
    for name, value in {
        "PERSISTENCE_MODULE": "eventsourcing.popo",
        "TRACKER_PERSISTENCE_MODULE": "eventsourcing.popo",
        "COMPRESSOR_TOPIC": "zlib",
        "IS_SNAPSHOTTING_ENABLED": "y",
    }.items():
        monkeypatch.setenv(name, value)
    episode = uuid4()
    EpisodeLog(database).save(event(episode, 1))
    assert list(EpisodeLog(database).events.get(episode)) == [event(episode, 1)]


def test_a_stored_topic_never_names_a_class(database: Database) -> None:
    """Only declared topics are read, whatever the database says."""
    app, episode = EpisodeLog(database), uuid4()
    stored = app.mapper.to_stored_event(event(episode, 1))
    with pytest.raises(UnknownTopicError):
        app.mapper.to_domain_event(
            type(stored)(episode, 1, "tracker.events.findings:LeakSuspected", stored.state)
        )


@pytest.mark.parametrize("asked", ["tracking_recorder", "process_recorder"])
def test_other_recorders_are_refused(database: Database, asked: str) -> None:
    """Read models keep their own position, so nothing else may pretend to."""
    with pytest.raises(NotImplementedError):
        getattr(EpisodeLog(database).factory, asked)()

"""The other side: the same work as rows that are created, read, updated and deleted by an ORM."""

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, DateTime, ForeignKey, create_engine, event, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    relationship,
    selectinload,
)

from tracker.events import NewEvent, Recorded, data_fields, data_from
from tracker.history import timeline
from tracker.pathway import Status, builtin_protocol, evaluate
from tracker.store.database import Durability


class Base(DeclarativeBase):
    """Declares the tables."""


class Episode(Base):
    """An episode as it now stands."""

    __tablename__ = "episode"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(unique=True)
    reference: Mapped[str | None] = mapped_column(index=True)
    stage: Mapped[str]
    leak: Mapped[str]
    urgent: Mapped[bool]
    changes_at: Mapped[datetime.datetime | None] = mapped_column(DateTime, index=True)
    next_step: Mapped[str | None]
    facts: Mapped[list["Fact"]] = relationship(order_by="Fact.version")
    reminders: Mapped[list["Reminder"]] = relationship(cascade="all, delete-orphan")
    alerts: Mapped[list["Alert"]] = relationship(cascade="all, delete-orphan")


class Fact(Base):
    """What happened."""

    __tablename__ = "fact"

    episode_id: Mapped[int] = mapped_column(ForeignKey("episode.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str]
    topic: Mapped[str]
    occurred_at: Mapped[datetime.datetime] = mapped_column(DateTime)
    recorded_at: Mapped[datetime.datetime] = mapped_column(DateTime)
    actor: Mapped[str]
    source: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class Reminder(Base):
    """What is owed."""

    __tablename__ = "reminder"

    episode_id: Mapped[int] = mapped_column(ForeignKey("episode.id"), primary_key=True)
    reminder_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    opens_at: Mapped[datetime.datetime] = mapped_column(DateTime)
    due_at: Mapped[datetime.datetime] = mapped_column(DateTime, index=True)
    acknowledged_by: Mapped[str | None]


class Alert(Base):
    """What departs from the protocol."""

    __tablename__ = "alert"

    episode_id: Mapped[int] = mapped_column(ForeignKey("episode.id"), primary_key=True)
    alert_id: Mapped[str] = mapped_column(primary_key=True)
    rule: Mapped[str]
    severity: Mapped[str]
    since: Mapped[datetime.datetime] = mapped_column(DateTime)
    acknowledged_by: Mapped[str | None]


class Audit(Base):
    """Who did what to which row, and when."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime.datetime] = mapped_column(DateTime)
    actor: Mapped[str]
    action: Mapped[str]
    episode_id: Mapped[int] = mapped_column(ForeignKey("episode.id"), index=True)
    version: Mapped[int]
    after: Mapped[dict[str, Any]] = mapped_column(JSON)


class Crud:
    """One engine; one session for each operation."""

    def __init__(self, path: Path, durability: Durability = "FULL") -> None:
        self.engine = create_engine(f"sqlite:///{path}")

        @event.listens_for(self.engine, "connect")
        def configure(connection: Any, _: object) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA synchronous={durability}")
            connection.execute("PRAGMA foreign_keys=ON")

        Base.metadata.create_all(self.engine)

    def add(self, history: Sequence[Recorded], now: datetime.datetime) -> None:
        """Make an episode of a whole history."""
        with Session(self.engine) as session:
            first = history[0]
            episode = Episode(uuid=first.episode.hex, stage="", leak="", urgent=False)
            session.add(episode)
            for one in history:
                episode.facts.append(_fact(one, one.version))
            _show(episode, first.episode, now)
            session.commit()

    def record(self, uuid: UUID, new: NewEvent, now: datetime.datetime) -> None:
        """Record an event: load, evaluate, bring every row up to date, note it for the audit."""
        query = (
            select(Episode)
            .where(Episode.uuid == uuid.hex)
            .options(
                selectinload(Episode.facts),
                selectinload(Episode.reminders),
                selectinload(Episode.alerts),
            )
        )
        with Session(self.engine) as session:
            episode = session.scalars(query).one()
            fact = _fact(new, len(episode.facts) + 1)
            episode.facts.append(fact)
            _show(episode, uuid, now)
            session.add(
                Audit(
                    at=now,
                    actor=new.actor,
                    action=f"record {new.topic}",
                    episode_id=episode.id,
                    version=fact.version,
                    after=fact.data,
                )
            )
            session.commit()


def _fact(new: NewEvent, version: int) -> Fact:
    return Fact(
        version=version,
        event_id=new.id,
        topic=new.topic,
        occurred_at=new.occurred_at,
        recorded_at=new.recorded_at,
        actor=new.actor,
        source=new.source,
        data=data_fields(new.data),
    )


def _aware(instant: datetime.datetime) -> datetime.datetime:
    return instant.replace(tzinfo=datetime.UTC)


def _recorded(fact: Fact, episode: UUID) -> Recorded:
    return Recorded(
        id=fact.event_id,
        occurred_at=_aware(fact.occurred_at),
        recorded_at=_aware(fact.recorded_at),
        actor=fact.actor,
        source=fact.source,
        data=data_from(fact.topic, fact.data),
        episode=episode,
        version=fact.version,
    )


def _show(episode: Episode, uuid: UUID, now: datetime.datetime) -> None:
    history = [_recorded(fact, uuid) for fact in episode.facts]
    status = evaluate(timeline(history), builtin_protocol(), now)
    step = status.next_steps[0].text if status.next_steps else None
    _set(episode, reference=status.reference, stage=status.stage, leak=status.leak)
    _set(episode, urgent=status.urgent, changes_at=status.changes_at, next_step=step)
    _show_reminders(episode, status)
    _show_alerts(episode, status)


def _show_reminders(episode: Episode, status: Status) -> None:
    there = {row.reminder_id: row for row in episode.reminders}
    for item in status.reminders:
        if not item.live:
            continue
        row = there.pop(item.id, None)
        if row is None:
            row = Reminder(reminder_id=item.id, kind=item.kind)
            episode.reminders.append(row)
        _set(row, opens_at=item.opens_at, due_at=item.due_at, acknowledged_by=item.acknowledged_by)
    _remove(episode.reminders, there.values())


def _show_alerts(episode: Episode, status: Status) -> None:
    there = {row.alert_id: row for row in episode.alerts}
    for item in status.alerts:
        if not item.active:
            continue
        row = there.pop(item.id, None)
        if row is None:
            row = Alert(alert_id=item.id, rule=item.rule, severity=item.severity, since=item.since)
            episode.alerts.append(row)
        _set(row, severity=item.severity, acknowledged_by=item.acknowledged_by)
    _remove(episode.alerts, there.values())


def _set(row: Base, **values: Any) -> None:
    """Set what differs: an aware instant never equals the naive one that SQLite gives back."""
    for name, value in values.items():
        plain = value.replace(tzinfo=None) if isinstance(value, datetime.datetime) else value
        if getattr(row, name, None) != plain:
            setattr(row, name, plain)


def _remove(rows: list[Any], gone: Iterable[Any]) -> None:
    for row in gone:
        rows.remove(row)

"""One message of the outbox: as data, and in words for whoever looks after it."""

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tracker.decoding import decode
from tracker.outbox.entries import READDRESSED
from tracker.times import local

if TYPE_CHECKING:
    from tracker.outbox.items import Item
    from tracker.outbox.listing import Listed, Other, Retried

_NOT_SHOWN = ("content", "episode_key")


def document(row: "Listed") -> dict[str, Any]:
    """Return a row of the outbox as data."""
    item = row.item
    content = decode(item.content)
    shown = {k: v for k, v in item._asdict().items() if k not in _NOT_SHOWN}
    if item.state != "pending":
        shown["next_attempt_at"] = None
    return {
        "standing": row.standing,
        "episode": content.get("episode"),
        "kind": content.get("kind") or item.form,
        "phase": content.get("phase"),
        **shown,
    }


def why(row: "Listed", now: datetime.datetime, zone: str, whom: str) -> str:
    """Return in words why a message stands as it does; `whom` it is for."""
    if row.standing == "held":
        return _held(row.item, now, zone, whom)
    waits = {"due": _due, "failing": _failing}
    told = waits.get(row.standing)
    return _ended(row.item, zone) if told is None else told(row.item, now, zone)


def _ended(item: "Item", zone: str) -> str:
    if item.state == "dead":
        return f"given up after {_tries(item)}{_at(item.ended_at, zone)}"
    reason = f": {item.reason}" if item.reason else ""
    return f"by {_person(item)}{_at(item.ended_at, zone)}{reason}"


def _due(item: "Item", now: datetime.datetime, zone: str) -> str:
    if item.claimed_until is not None and item.claimed_until > now:
        return f"{_claimant(item)} is sending it"
    return f"to be sent since {local(item.next_attempt_at, zone)}"


def _held(item: "Item", now: datetime.datetime, zone: str, whom: str) -> str:
    until = local(item.next_attempt_at, zone)
    if item.not_before > now:
        before = f"; {_tries(item)} failed before" if item.attempts and item.last_error else ""
        return f"until {until}: quiet hours of {whom}{before}"
    return f"until {until} at the latest, for others that go out with it"


def _failing(item: "Item", now: datetime.datetime, zone: str) -> str:
    if item.last_error is None:
        return "others to the same recipient failed; it waits until one of them gets through"
    soon = item.next_attempt_at <= now
    again = "now" if soon else f"at {local(item.next_attempt_at, zone)}"
    if not item.attempts:
        return f"{item.channel} rests because others failed; next try {again}"
    return f"{_tries(item)} failed; next try {again}"


def _tries(item: "Item") -> str:
    return f"{item.attempts} {'try' if item.attempts == 1 else 'tries'}"


def _at(instant: datetime.datetime | None, zone: str) -> str:
    return "" if instant is None else f" at {local(instant, zone)}"


def _claimant(item: "Item") -> str:
    """Return the name of the process that claimed a row, without what tells it from others."""
    return (item.claimed_by or "").rpartition("/")[0] or "somebody"


def _person(item: "Item") -> str:
    name = item.ended_by or "nobody"
    return name.rpartition("/")[0] or name


def advice(row: "Listed") -> str | None:
    """Return what to do about a message, None if it needs nobody."""
    item = row.item
    if row.standing in ("failing", "dead"):
        return f"tracker channels test {item.channel}; then tracker outbox retry {item.id[:8]}"
    if row.standing == "dropped" and not (item.reason or "").startswith(READDRESSED):
        return f"tracker outbox retry {item.id[:8]} sends it after all"
    return None


def lines(
    row: "Listed",
    earlier: "Sequence[Retried]",
    others: int,
    ways: "Sequence[Other]",
    now: datetime.datetime,
    zone: str,
    whom: str,
) -> list[str]:
    """Return all that is known of a message in words.

    `others` go out with it, `ways` by which the same is told beside it, `whom` it is for.
    """
    item, content = row.item, decode(row.item.content)
    named = [
        ("Message", item.id),
        ("State", f"{row.standing}: {why(row, now, zone, whom)}"),
        ("Error", item.last_error),
        ("Try", advice(row)),
        ("Urgent", "yes: it passes quiet hours" if item.urgent else None),
        ("Says", _says(content)),
        ("Episode", content.get("episode")),
        ("By", f"{item.channel}{f' to {item.recipient}' if item.recipient else ''}"),
        ("Also by", ", ".join(f"{way.words} ({way.standing})" for way in ways)),
        ("Told as", _told_as(item)),
        ("Due", local(item.due_at, zone)),
        ("Issued", local(item.created_at, zone)),
        ("Tries", str(item.attempts) if item.attempts else None),
        ("Bundle", f"one message with {others} more: {item.message}" if others else None),
        *(("Before", _before(one, zone)) for one in earlier),
    ]
    return [f"{name + ':':9}{text}" for name, text in named if text]


def _says(content: dict[str, Any]) -> str:
    if "made_for" in content:
        parts = ("overdue", "due_today", "new_alerts")
        counts = [f"{len(content[p])} {p.replace('_', ' ')}" for p in parts if content.get(p)]
        return f"daily digest: {', '.join(counts)}"
    return f"{content.get('kind')} {content.get('phase')}: {content.get('text')}"


def _told_as(item: "Item") -> str | None:
    parts = [
        f"escalation level {item.level}" if item.level else "",
        f"coordinator {item.coordinator}" if item.coordinator else "",
        f"site {item.site}" if item.site else "",
    ]
    return ", ".join(part for part in parts if part) or None


def _before(one: "Retried", zone: str) -> str:
    tries = "1 try" if one.attempts == 1 else f"{one.attempts} tries"
    how = f"{one.state} after {tries}"
    by = f" by {one.ended_by}" if one.ended_by else ""
    reason = one.reason or one.last_error
    return (
        f"{how}{by}{_at(one.ended_at, zone)}{f': {reason}' if reason else ''};"
        f" taken up again by {one.by} at {local(one.at, zone)}"
    )

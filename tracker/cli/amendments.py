"""What a correction or a voiding did, in words and as JSON shows it."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracker.audit.amendments import Amendment, amendment
from tracker.cli.summary import changed, summary
from tracker.events import Recorded, data_fields
from tracker.times import local


def told(
    history: Sequence[Recorded], event: Recorded, names: Mapping[str, str], zone: str
) -> str | None:
    """Return in words what an event corrected or voided, and why; None when it did neither.

    `corrects blood-patch-performed 6d434106: volume 12 -> 18 mL, reason: typo`. `names`: ids as
    people are shown them.
    """
    done = amendment(history, event)
    if done is None:
        return None
    target = done.target
    if done.how == "corrects":
        what = changed(type(target.data), done.changes, zone) or "nothing"
    else:
        undone = told(history, target, names, zone) or summary(target.data, zone)
        what = ", ".join(part for part in (local(target.occurred_at, zone), undone) if part)
    name = names.get(target.id, target.id)
    return f"{done.how} {target.topic} {name}: {what}, reason: {done.reason}"


def document(history: Sequence[Recorded], event: Recorded) -> dict[str, Any]:
    """Return what an event corrected or voided under the key `amends`; nothing if it did not."""
    done = amendment(history, event)
    return {} if done is None else {"amends": _plain(done)}


def _plain(done: Amendment) -> dict[str, Any]:
    target = done.target
    return {
        "how": done.how,
        "target": {
            "id": target.id,
            "event": target.topic,
            "occurred_at": target.occurred_at,
            "data": data_fields(target.data),
        },
        "changes": [{"field": c.field, "before": c.before, "after": c.after} for c in done.changes],
        "reason": done.reason,
    }

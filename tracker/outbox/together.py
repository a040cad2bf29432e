"""What a message says that tells of many reminders at once, because they piled up."""

import datetime
from collections.abc import Sequence
from typing import Any

from tracker.channels.base import Message
from tracker.reminders.message import Notice, repeated


def bundle_message(
    id_: str,
    to: str | None,
    notices: Sequence[Notice],
    now: datetime.datetime,
    *,
    outage: bool,
) -> Message:
    """Return many notices as one message; `outage`: they fell due while no scheduler ran.

    It says which of them may be second ones, because of a restore.
    """
    ordered = sorted(notices, key=lambda notice: (notice.due_at, notice.episode, notice.kind))
    again = [told for notice in ordered if (told := notice.restored_from) is not None]
    late = sum(notice.due_at < now for notice in ordered)
    why = " that fell due while no scheduler ran" if outage else " at once"
    if late and not outage:
        why += f", {late} of them overdue"
    plural = "" if len(ordered) == 1 else "s"
    if again:
        which = f"{len(again)} of them" if len(again) < len(ordered) else "They" if plural else "It"
        why = f". {which} {repeated(max(again))}"
    subject = f"{len(ordered)} reminder{plural}{why}"
    body = [notice.line(now, remarked=len(again) < len(ordered)) for notice in ordered]
    data: dict[str, Any] = {
        "kind": "outage-digest" if outage else "bundle",
        "reminders": [notice.document() for notice in ordered],
    }
    return Message(
        id=id_,
        subject=subject,
        body="\n".join([*body, "", "Run: tracker worklist"]) + "\n",
        line="\n".join([f"{subject}:", *body]),
        to=to,
        data=data,
    )

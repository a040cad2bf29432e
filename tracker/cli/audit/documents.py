"""What an auditor is shown of events and changes, for programs and by the line."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tracker.cli import amendments, documents
from tracker.cli.render import Column, plain

if TYPE_CHECKING:
    from tracker.audit.changes import Change
    from tracker.events import Recorded

CHANGE_COLUMNS = [
    Column(key, key) for key in ("subject", "how", "name", "text", "source", "because")
]


def event_document(event: "Recorded", history: "Sequence[Recorded]") -> dict[str, Any]:
    """Return an event with what it amends."""
    return documents.event_document(event) | amendments.document(history, event)


def change_documents(changes: "Iterable[Change]") -> list[dict[str, Any]]:
    """Return changes without what they do not have."""
    return [{k: v for k, v in plain(c).items() if v is not None} for c in changes]

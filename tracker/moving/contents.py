"""Every table of a database: those that last, and those that are made from them."""

from sqlalchemy import Table

from projections import tables as read_models
from tracker.access import tables as access
from tracker.outbox import tables as outbox
from tracker.store import copies
from tracker.store import tables as log

LASTING = (log.metadata, access.metadata, outbox.metadata)
"""What nothing else could bring back."""
EVERYTHING = (*LASTING, copies.metadata, read_models.metadata)
APPEND_ONLY = frozenset({*log.APPEND_ONLY, *access.APPEND_ONLY})
"""Names of the tables whose rows never change."""


def lasting() -> list[Table]:
    """Return the tables that last, each after those that it refers to."""
    return [table for metadata in LASTING for table in metadata.sorted_tables]

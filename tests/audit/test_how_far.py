"""How far the verifiers look: what only `--deep` reads, and what changes nothing."""

import pytest

from tests.audit.attacks import owned, rechain
from tests.audit.both import agreed
from tests.audit.conftest import Tracker

pytestmark = pytest.mark.backends("sqlite")


@pytest.mark.parametrize("rest", [b"cut", b'"anna","data":\xff\xfe}', b""])
def test_only_deep_reads_an_event_to_its_end(patched: Tracker, rest: bytes) -> None:
    """Bytes that begin as an event, well chained, are an event to both until one reads it."""
    with owned(patched.home / "tracker.sqlite") as db:
        query = "SELECT state FROM events WHERE position = 2"
        (state,) = db.execute(query).fetchone()
        begun = state[: state.index(b'"actor":"') + len(b'"actor":"')]
        db.execute("UPDATE events SET state = ? WHERE position = 2", (begun + rest,))
        rechain(db)
    assert agreed(patched.home).stands
    assert patched.run("show", "Ms-Miller").exit_code != 0
    done = patched.run("audit", "verify", "--deep")
    assert (done.exit_code, "position 2" in done.stderr) == (6, True)


def test_a_table_of_a_stranger_changes_nothing(patched: Tracker) -> None:
    """It is none of the record's; on one of those a trigger or an index more is found."""
    with owned(patched.home / "tracker.sqlite") as db:
        db.execute("CREATE TABLE events2 (x)")
    assert agreed(patched.home).stands
    with owned(patched.home / "tracker.sqlite") as db:
        db.execute("CREATE INDEX more ON events (topic)")
    assert agreed(patched.home).faults == [("schema", None, "schema")]

"""How far the verifiers look: what only `--deep` reads, and what changes nothing."""

import pytest

from tests.audit.attacks import owned, rechain
from tests.audit.both import agreed
from tests.audit.conftest import Tracker

pytestmark = pytest.mark.backends("sqlite")


def put(tracker: Tracker, rest: bytes) -> None:
    """Let the second event go on otherwise where its data begin, well chained."""
    with owned(tracker.home / "tracker.sqlite") as db:
        query = "SELECT state FROM events WHERE position = 2"
        (state,) = db.execute(query).fetchone()
        begun = state[: state.index(b'"data":{') + len(b'"data":{')]
        db.execute("UPDATE events SET state = ? WHERE position = 2", (begun + rest,))
        rechain(db)


@pytest.mark.parametrize("rest", [b"cut}}", b'"x":\xff\xfe}}', b"{{}}", b'"x}}'])
def test_only_deep_reads_an_event_to_its_end(patched: Tracker, rest: bytes) -> None:
    """Data that are no JSON, well chained, are those of an event to both until one reads them."""
    put(patched, rest)
    assert agreed(patched.home).stands
    assert patched.run("show", "Ms-Miller").exit_code != 0
    done = patched.run("audit", "verify", "--deep")
    assert (done.exit_code, "position 2" in done.stderr) == (6, True)


@pytest.mark.parametrize("rest", [b"cut", b"", b"}", b"}} ", b"}}}", b'},"more":{}}'])
def test_what_does_not_end_as_an_event_is_found_by_both(patched: Tracker, rest: bytes) -> None:
    """Whatever is between."""
    put(patched, rest)
    assert agreed(patched.home).faults == [("events", 2, "state")]


def test_a_table_of_a_stranger_changes_nothing(patched: Tracker) -> None:
    """It is none of the record's; on one of those a trigger or an index more is found."""
    with owned(patched.home / "tracker.sqlite") as db:
        db.execute("CREATE TABLE events2 (x)")
    assert agreed(patched.home).stands
    with owned(patched.home / "tracker.sqlite") as db:
        db.execute("CREATE INDEX more ON events (topic)")
    assert agreed(patched.home).faults == [("schema", None, "schema")]

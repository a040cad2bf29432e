"""What is stored for a look: both verifiers read the same in it, or neither reads anything."""

import datetime
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import verify_audit as independent
from tracker.access import entry
from tracker.access.entry import Access
from tracker.store.instants import micros

WHO = "12345678-1234-1234-1234-123456789abc"
LOOK = '{"at":"2026-01-01T00:00:00Z","actor":"a","command":"show"%s}'
AT = (
    "20260101T000000Z", "2026-01-01 00:00:00Z", "2026-01-01t00:00:00z", "2026-W01-1T00:00:00Z",
    "2026-01-01T00:00Z", "2026-01-01T00Z", "2026-01-01T00:00:00.1234567Z", "2026-01-01T24:00:00Z",
    "2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00+01:00:30", "2026-01-01T00:00:00,5Z",
    "2026-01-01T00:00:60Z", "2026-01-01T00:00:00", "2026-02-30T00:00:00Z",
    "2026-01-01T00:00:00.12Z", "0000-01-01T00:00:00Z",
)  # fmt: skip
MORE = (
    '"count":1.0', '"count":1e2', '"count":true', '"count":null', '"count":-0', '"count":"x"',
    '"count":18446744073709551616', '"count":1,"count":2', '"actor":"b"', '"x":1', '"count":01',
    f'"episode":"{WHO.replace("-", "")}"', f'"episode":"{WHO.upper()}"', f'"episode":"{{{WHO}}}"',
    f'"episode":"urn:uuid:{WHO}"', '"query":[]', '"query":{"a":1,"a":2}', '"query":{"a":1e999}',
    '"query":{"a":NaN}', '"query":{"a":-0.0}', '"query":{"a":1.5}', '"purpose":"\\ud800"',
    '"purpose":"\\u0041"', '"purpose":"a\tb"', '"purpose":"\\ud83d\\ude00"', '"purpose":"p", "x":1',
    '"purpose":"p","count":1', '"query":{"a":%s}' % ("9" * 5000),
    '"query":{"a":%s}' % ("[" * 20 + "]" * 20), '"query":{"a":%s}' % ("[" * 2000 + "]" * 2000),
)  # fmt: skip


def ours(state: bytes) -> tuple[Any, ...] | None:
    """Return what the program reads in the bytes of a look."""
    try:
        look = entry.read(state)
    except msgspec.DecodeError:
        return None
    uuid = None if look.episode is None else look.episode.hex
    return micros(look.at), look.actor, look.episode is not None, uuid


@pytest.mark.parametrize("at", AT)
def test_an_instant_is_written_in_one_way(at: str) -> None:
    """As whoever recorded it writes it."""
    state = (LOOK % "").replace("2026-01-01T00:00:00Z", at).encode()
    assert ours(state) is None
    assert independent.said_by(state) is None


@pytest.mark.parametrize("more", MORE)
def test_everything_is_written_in_one_way(more: str) -> None:
    """Nothing twice, nothing that some read as another number, nothing that is not known."""
    state = (LOOK % f",{more}").encode("utf-8", "surrogatepass")
    assert ours(state) is None
    assert independent.said_by(state) is None


PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text()
QUERIES = st.dictionaries(st.text(), PLAIN | st.lists(st.text()), max_size=4)


@st.composite
def looks(draw: st.DrawFn) -> Access:
    """Draw a look such as a command records it."""
    texts = st.none() | st.text()
    return Access(
        at=draw(st.datetimes(timezones=st.just(datetime.UTC))),
        actor=draw(st.text()),
        command=draw(st.text()),
        episode=draw(st.none() | st.uuids()),
        query=draw(st.none() | QUERIES),
        count=draw(st.none() | st.integers(0, 2**63 - 1)),
        on_behalf_of=draw(texts),
        purpose=draw(texts),
        break_glass=draw(texts),
    )


@given(looks())
def test_what_is_recorded_is_read_by_both(look: Access) -> None:
    """Whatever was asked for, and by whomever."""
    state = entry.encode(look)
    assert entry.read(state) == look
    assert independent.said_by(state) == ours(state)


@given(looks(), st.data())
def test_what_was_changed_is_read_alike(look: Access, data: st.DataObject) -> None:
    """By both, or by neither."""
    state = bytearray(entry.encode(look))
    at = data.draw(st.integers(0, len(state) - 1))
    state[at : at + data.draw(st.integers(0, 3))] = data.draw(
        st.binary(max_size=3) | st.sampled_from([b"e0", b".0", b" ", b'","x":"', b"\\u0041"])
    )
    assert independent.said_by(bytes(state)) == ours(bytes(state))


def test_a_server_writes_all_digits_of_a_second() -> None:
    """Also where they are zeros."""
    state = (LOOK % "").replace("00Z", "00.000000Z").encode()
    assert independent.said_by(state) == ours(state) == (1767225600000000, "a", False, None)


def test_a_reader_that_takes_any_json_disagrees() -> None:
    """The twin that only decodes reads a name that another reader does not see."""
    state = (LOOK % ',"purpose":"a","purpose":"b"').encode()
    assert entry.decode(state).purpose == json.loads(state)["purpose"]
    assert ours(state) is None

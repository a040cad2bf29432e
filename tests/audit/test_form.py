"""An event is in the form in which the program writes it, so that all read the same in it."""

import json
import re
import uuid
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import verify_audit as independent
from tests.audit.attacks import owned, rechain
from tests.audit.both import agreed, agreed_on_bundle
from tests.audit.records import Record, bundle_of, episodes_of
from tests.faults import ward
from tracker.audit import form
from tracker.events import NewEvent, data_from
from tracker.events.envelope import decode, encode

TOPIC = "headache-assessed"
EPISODE = uuid.UUID(int=1)
KEYS = ("id", "occurred_at", "recorded_at", "actor", "source", "schema", "data", "on_behalf_of")
VALUES: dict[str, Any] = {
    "id": "another",
    "occurred_at": "2026-02-03T10:05:00Z",
    "recorded_at": "2026-02-03T10:05:00Z",
    "actor": "eve",
    "source": "cli",
    "schema": 1,
    "data": {},
    "on_behalf_of": "eve",
}
"""Of each field another value that it may have."""


def event(**fields: Any) -> NewEvent:
    """Return an event."""
    given = {
        "id": "f1",
        "occurred_at": ward.NOW,
        "recorded_at": ward.NOW,
        "actor": "root",
        "source": "cli",
        "data": data_from(TOPIC, {"posture": "none"}),
        "on_behalf_of": "anna",
    }
    return NewEvent(**given | fields)


STATE = encode(event())
PLAIN = encode(event(on_behalf_of=None))
NO_EVENT = b"x"


def escape(key: str) -> str:
    r"""Write a key with its last letter as `\u`."""
    return f"{key[:-1]}\\u{ord(key[-1]):04x}"


WRITTEN = {
    "plainly": '"{0}":{2}'.format,
    "escaped": '"{1}":{2}'.format,
    "with space": ' "{0}" :{2} '.format,
    "twice": '"{0}":{2},"{0}":{2}'.format,
}


def with_field(state: bytes, key: str, how: str = "plainly", before: str | None = None) -> bytes:
    """Return an event with one field more, at its end or before another one."""
    field = WRITTEN[how](key, escape(key), json.dumps(VALUES[key])).encode()
    if before is None:
        return state[:-1] + b"," + field + b"}"
    return state.replace(b'"%b":' % before.encode(), b'%b,"%b":' % (field, before.encode()), 1)


def is_event(state: bytes) -> bool:
    """Whether it is one by both verifiers, and by each way in which the first asks."""
    found = form.is_event(state)
    shown = form.begun_by(state)
    assert independent.is_plain_event(state) is found is (shown is not None)
    begun = form.envelope(state)
    assert shown is None or (begun is not None and shown == (begun[1], begun[2]))
    for some in ([state], [state, STATE], [PLAIN, state, NO_EVENT]):
        assert form.all_begun_by(some) == list(map(form.begun_by, some))
    return found


def fields_of(state: bytes) -> list[str]:
    """Return the keys of an object as they are there."""
    keys: list[str] = [key for key, _ in json.loads(state, object_pairs_hook=list)]
    return keys


@pytest.mark.parametrize("how", WRITTEN)
@pytest.mark.parametrize("before", [None, *KEYS])
@pytest.mark.parametrize("key", KEYS)
def test_a_field_that_is_there_twice_makes_no_event(key: str, before: str | None, how: str) -> None:
    """Wherever it is and however it is written; who decodes it would take the last."""
    forged = with_field(STATE, key, how, before)
    assert is_event(STATE)
    assert len(fields_of(forged)) > len(KEYS)
    assert not is_event(forged)
    assert not is_event(with_field(PLAIN, key, how)) or (key == "on_behalf_of" and how == "plainly")


def test_twin_the_last_of_two_fields_is_read() -> None:
    """By the program, so that a verifier that takes the first believes another event."""
    for how in ("plainly", "escaped"):
        forged = with_field(STATE, "recorded_at", how)
        read = decode(EPISODE, 1, TOPIC, forged)
        assert read.recorded_at.isoformat() == "2026-02-03T10:05:00+00:00"
        assert independent.instant(json.loads(forged)["recorded_at"]) == read.recorded_at


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        (b'"id":"f1"', b'"id":"f\\u0031"'),
        (b'"id":"f1"', b'"id":"f\\/1"'),
        (b'"id":"f1"', b'"id":"f\\u000A1"'),
        (b'"id":"f1"', b'"id":"f\\u000a1"'),
        (b'"id":"f1"', b'"id":"f\\u001F1"'),
        (b'{"id"', b'{ "id"'),
        (b'Z","recorded_at"', b'+00:00","recorded_at"'),
        (b'Z","actor"', b'+00:00","actor"'),
        (b'Z","actor"', b'+23:00","actor"'),
        (b'Z","actor"', b'z","actor"'),
        (b'Z","actor"', b'\\u005a","actor"'),
        (b'T09:00:00Z","actor"', b' 09:00:00Z","actor"'),
        (b'T09:00:00Z","actor"', b't09:00:00Z","actor"'),
        (b'"recorded_at":"2', b'"recorded_at":"\\u0032'),
        (b'"anna"}', b'"anna"} '),
        (b'"anna"}', b'"anna"}}'),
        (b'"anna"}', b"null}"),
        (b',"schema":1', b""),
        (b'"data":{', b'"more":1,"data":{'),
    ],
)
def test_what_the_program_writes_otherwise_is_no_event(there: bytes, instead: bytes) -> None:
    """Needless escapes in an id, an instant that is not written in UTC, space, other fields."""
    assert there in STATE
    assert not is_event(STATE.replace(there, instead, 1))
    if there in PLAIN:
        assert not is_event(PLAIN.replace(there, instead, 1))


TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.text(
    st.sampled_from('"\\{}[],:\x00\x07\b\n\x0b\x1f\x7f/uéZ\u2028\U0001f600')
)


@given(TEXTS, TEXTS, TEXTS, st.none() | TEXTS, TEXTS)
def test_what_the_program_writes_is_an_event(
    id_: str, actor: str, source: str, behalf: str | None, reason: str
) -> None:
    """Whatever the texts hold; and the id is read as it is."""
    data = data_from("event-voided", {"target": id_[:200] or "x", "reason": reason or "x"})
    state = encode(event(id=id_, actor=actor, source=source, on_behalf_of=behalf, data=data))
    assert is_event(state)
    shown = form.begun_by(state)
    assert shown is not None
    assert json.loads(b'"%b"' % shown[0]) == id_


PIECES = st.sampled_from(
    [
        b'{', b'}', b'"', b'\\', b',', b':', b'\\"', b' ', b'}}', b'{}', b'"a":', b'"x"', b'}"',
        b'"},"', b',"on_behalf_of":"x"', b',"recorded_at":"2026-02-03T10:05:00Z"', b'"data":{',
        b'","source":"', b'","schema":1,"data":{', b'","occurred_at":"', b'","recorded_at":"',
        b'","actor":"', b'\\u0031', b'\xff', b'[', b']', b'\\\n', b'\n',
        b'Z',
    ]
)  # fmt: skip


@given(st.data())
def test_all_ways_to_ask_agree_and_no_field_is_hidden(data: st.DataObject) -> None:
    """Of whatever bytes; and of those that can be read each field is there once, in order."""
    state = data.draw(st.sampled_from([STATE, PLAIN]))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(state)))
        end = data.draw(st.integers(at, min(at + 3, len(state))))
        state = state[:at] + b"".join(data.draw(st.lists(PIECES, max_size=4))) + state[end:]
    if not is_event(state):
        return
    try:
        msgspec.json.decode(state)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    assert fields_of(state) in (list(KEYS), list(KEYS[:-1]))


def last_state(record: Record) -> bytes:
    """Return what is stored of the last event."""
    with owned(record.file) as db:
        ((state,),) = db.execute("SELECT state FROM events ORDER BY position DESC LIMIT 1")
    return bytes(state)


def put_last(record: Record, state: bytes) -> int:
    """Put bytes in the place of the last event, well chained; return its position."""
    with owned(record.file) as db:
        ((last,),) = db.execute("SELECT max(position) FROM events")
        db.execute("UPDATE events SET state = ? WHERE position = ?", (state, last))
        rechain(db)
    return int(last)


@pytest.mark.parametrize("how", ["plainly", "escaped"])
@pytest.mark.parametrize("key", KEYS)
def test_both_find_a_field_that_is_there_twice(
    record: Record, key: str, how: str, tmp_path: Path
) -> None:
    """In a database, and in bundles of everything and of one episode."""
    state = last_state(record)
    if key == "on_behalf_of":
        state = with_field(state, key)
    at = put_last(record, with_field(state, key, how))
    assert agreed(record.home).faults == [("events", at, "state")]
    found = []
    for number, episode in enumerate([None, *episodes_of(record)]):
        out = bundle_of(record, tmp_path / str(number), episode, None)
        found += agreed_on_bundle(out).faults
    assert found == [("events", at, "state")] * 2


def earlier_id(record: Record) -> bytes:
    """Return the id of an earlier event of the episode of the last one."""
    with owned(record.file) as db:
        ((state,),) = db.execute(
            "SELECT state FROM events WHERE version = 1 AND episode_key ="
            " (SELECT episode_key FROM events ORDER BY position DESC LIMIT 1)"
        )
    shown = form.begun_by(bytes(state))
    assert shown is not None
    return shown[0]


def test_both_find_an_id_that_is_there_again_in_other_words(record: Record) -> None:
    """Written as it was, with an escape, and by a second field."""
    id_, state = earlier_id(record), last_state(record)

    def called(written: bytes) -> bytes:
        return re.sub(rb'^\{"id":"[^"]*"', lambda _: b'{"id":"%b"' % written, state)

    at = put_last(record, called(id_))
    assert agreed(record.home).faults == [("events", at, "event-id")]
    put_last(record, called(id_[:-1] + b"\\u%04x" % id_[-1]))
    assert agreed(record.home).faults == [("events", at, "state")]
    put_last(record, state[:-1] + b',"id":"%b"}' % id_)
    assert agreed(record.home).faults == [("events", at, "state")]


@pytest.mark.parametrize("zone", [b"+23:00", b"+00:00", b"z"])
def test_both_find_an_instant_that_is_not_in_utc(record: Record, zone: bytes) -> None:
    """As text it is later than the one before it, and is long before it."""
    state = last_state(record)
    at = put_last(record, state.replace(b'Z","actor"', zone + b'","actor"', 1))
    assert agreed(record.home).faults == [("events", at, "state")]


def test_an_id_with_escapes_that_json_needs_is_compared(record: Record) -> None:
    """It stands up once, and is found where it is there twice."""
    state = last_state(record)
    odd = json.dumps('a"b\\c\n\x07é{}', ensure_ascii=False).encode()
    put_last(record, re.sub(rb'^\{"id":"[^"]*"', lambda _: b'{"id":' + odd, state))
    assert agreed(record.home).stands
    with owned(record.file) as db:
        db.execute(
            "UPDATE events SET state = (SELECT state FROM events ORDER BY position DESC LIMIT 1)"
            " WHERE version = 2 AND episode_key ="
            " (SELECT episode_key FROM events ORDER BY position DESC LIMIT 1)"
        )
        rechain(db)
    ((part, _, code),) = agreed(record.home).faults
    assert (part, code) == ("events", "event-id")

"""The stored form of an event: canonical, complete, and the same under a frozen clock."""

import datetime
import subprocess
import sys

import msgspec
import pytest
from freezegun import freeze_time

from tests.unit.samples import EPISODE, WHEN, new, recorded, sample
from tracker.events import (
    EVENT_TYPES,
    NewerSchemaError,
    UnknownTopicError,
    data_fields,
    data_from,
    decode,
    encode,
    real_instant,
)

TOPICS = sorted(EVENT_TYPES)
HOUR = datetime.timedelta(hours=1)


@pytest.mark.parametrize("topic", TOPICS)
def test_sample_is_full(topic):
    """The sample sets every field but one, so that the tests below test them all."""
    fields = set(EVENT_TYPES[topic].__struct_fields__) - {"absent"}
    assert set(data_fields(sample(topic))) == fields


@pytest.mark.parametrize("topic", TOPICS)
def test_round_trip(topic):
    """What was stored comes back as it was, with episode and version from beside it."""
    assert decode(EPISODE, 7, topic, encode(new(topic))) == recorded(topic)


@pytest.mark.parametrize("topic", TOPICS)
def test_canonical(topic):
    """Reading and storing again gives the same bytes."""
    state = encode(new(topic))
    assert encode(decode(EPISODE, 7, topic, state)) == state


@pytest.mark.parametrize("topic", TOPICS)
def test_same_bytes_under_a_frozen_clock(topic):
    """Under a frozen clock an event has the bytes that it has without."""
    state = encode(new(topic))
    with freeze_time("2026-02-02 08:00:00.123456"):
        now = datetime.datetime.now(datetime.UTC)
        assert type(now) is not type(WHEN)
        assert encode(new(topic, now)) == state


@pytest.mark.parametrize("topic", TOPICS)
def test_data_as_json(topic):
    """The data as plain JSON values reads back as the same data."""
    data = sample(topic)
    assert data_from(topic, data_fields(data)) == data


def test_bytes():
    """The form to the letter: no blanks, fields as declared, UTC with Z, defaults left out."""
    event = msgspec.structs.replace(
        new("headache-assessed"),
        data=data_from("headache-assessed", {"severity_nrs": 7, "posture": "orthostatic"}),
    )
    assert encode(event) == (
        b'{"id":"an id","occurred_at":"2026-02-02T08:00:00.123456Z",'
        b'"recorded_at":"2026-02-02T08:00:00.123456Z","actor":"anna","source":"cli","schema":1,'
        b'"data":{"posture":"orthostatic","severity_nrs":7.0},"on_behalf_of":"ben"}'
    )


def test_order_of_fields_does_not_matter():
    """The order in which fields were given leaves no trace, also in the changes of a correction."""
    one, other = {"level": "L4-L5", "procedure": "x"}, {"procedure": "x", "level": "L4-L5"}
    for topic, wrap in (("surgery-performed", dict), ("event-corrected", _correction)):
        data = [data_from(topic, wrap(fields)) for fields in (one, other)]
        assert len({encode(msgspec.structs.replace(new(topic), data=d)) for d in data}) == 1


def _correction(changes):
    return {"target": "e", "changes": changes, "reason": "r"}


def test_unknown_topic():
    """A stored topic that is not declared is never resolved to anything."""
    with pytest.raises(UnknownTopicError):
        decode(EPISODE, 1, "os:system", b"{}")


def test_newer_schema():
    """An event of a schema version newer than the program is refused."""
    state = encode(new("leak-suspected")).replace(b'"schema":1', b'"schema":2')
    with pytest.raises(NewerSchemaError, match="leak-suspected"):
        decode(EPISODE, 1, "leak-suspected", state)


@pytest.mark.parametrize(
    ("old", "new_"),
    [
        (b'"posture":"unknown"', b'"posture":"sideways"'),
        (b'"severity_nrs":10.0', b'"severity_nrs":11.0'),
        (b'"severity_nrs":10.0', b'"severity_nrs":"10"'),
        (b'"note":', b'"colour":'),
        (b"Z", b""),
        (b'"id":"an id",', b""),
        (b"{", b""),
    ],
)
def test_bytes_that_are_no_event(old, new_):
    """Bytes that are no event of the topic are refused, not repaired."""
    state = encode(new("headache-assessed"))
    assert old in state
    with pytest.raises(msgspec.MsgspecError):
        decode(EPISODE, 1, "headache-assessed", state.replace(old, new_))


@pytest.mark.parametrize(
    "value",
    [
        datetime.datetime(2026, 2, 2, 8, 0, tzinfo=datetime.UTC),
        datetime.datetime(2026, 2, 2, 9, 0, tzinfo=datetime.timezone(HOUR)),
        datetime.datetime(2026, 2, 2, 1, 0, 0, 5, tzinfo=datetime.timezone(-7 * HOUR)),
        datetime.datetime(999, 2, 2, 8, 0, tzinfo=datetime.UTC),
    ],
)
def test_real_instant(value):
    """An instant becomes a plain datetime in UTC, to the microsecond."""
    instant = real_instant(value)
    assert (instant, instant.tzinfo, type(instant)) == (value, datetime.UTC, type(WHEN))


def test_real_instant_of_a_frozen_clock():
    """A test clock's instant becomes a plain one."""
    with freeze_time("2026-02-02 08:00"):
        instant = real_instant(datetime.datetime.now(datetime.UTC))
    assert type(instant) is type(WHEN)


def test_real_instant_without_a_zone():
    """A time without a zone is no instant."""
    with pytest.raises(ValueError, match="no time zone"):
        real_instant(datetime.datetime(2026, 2, 2, 8, 0))  # noqa: DTZ001


IMPORT_ALL = """
import importlib, pkgutil, sys
from freezegun import freeze_time

with freeze_time("2026-02-02 08:00:00.123456"):
    import projections, tracker
    for package in (tracker, projections):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if "migrations.env" not in module.name and "__main__" not in module.name:
                importlib.import_module(module.name)
    import datetime
    from tests.unit.samples import EPISODE, new
    from tracker.events import EVENT_TYPES, decode, encode

    now = datetime.datetime.now(datetime.UTC)
    for topic in EVENT_TYPES:
        state = encode(new(topic, now))
        event = decode(EPISODE, 7, topic, state)
        assert encode(event) == state, topic
        assert event.occurred_at == now and type(event.occurred_at) is not type(now), topic
        sys.stdout.buffer.write(state + b"\\n")
"""


def test_first_import_under_a_frozen_clock():
    """A program whose every module is first imported under a frozen clock stores the same bytes."""
    # A database driver notices the frozen classes, and warns of their size.
    command = [sys.executable, "-W", "ignore:datetime.:RuntimeWarning", "-c", IMPORT_ALL]
    run = subprocess.run(command, capture_output=True, check=False)
    assert run.stderr == b""
    assert run.stdout.splitlines() == [encode(new(topic)) for topic in EVENT_TYPES]

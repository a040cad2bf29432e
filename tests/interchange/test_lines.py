"""Reading one line: what it tells, or what is wrong with it."""

import json

import pytest

from tests.interchange.conftest import line
from tracker.interchange.lines import BadLine, LeftOut, Line, read_line, read_lines

GOOD = line("leak-suspected", "e1", basis="clear drainage")


def read(**fields: object) -> Line | BadLine | LeftOut:
    """Read the good line with some fields other; a field of None is left out."""
    told = {k: v for k, v in (GOOD | fields).items() if v is not None}
    return read_line(7, json.dumps(told).encode())


def test_a_line_is_one_event() -> None:
    """Episode, id, event, time and data are what they say."""
    told = read(actor="Dr B")
    assert isinstance(told, Line)
    assert (told.episode, told.id, told.actor, told.data.topic) == (
        "case-1", "e1", "Dr B", "leak-suspected",
    )  # fmt: skip


def test_an_offset_becomes_utc() -> None:
    """A time with another offset is the same instant."""
    told = read(occurred_at="2026-03-01T09:00:00+01:00")
    assert isinstance(told, Line)
    assert told.occurred_at.isoformat() == "2026-03-01T08:00:00+00:00"


def test_null_is_absent() -> None:
    """A field that is null is not known."""
    told = read(data={"basis": None})
    assert isinstance(told, Line)
    assert told.data.basis is None


def test_what_the_system_knows_is_not_taken() -> None:
    """An export's recorded_at, recorded_by and source are accepted and not adopted."""
    told = read(recorded_at="2020-01-01T00:00:00Z", recorded_by="x", source="fhir")
    assert isinstance(told, Line)


@pytest.mark.parametrize("event", ["reminder-issued", "reminder-skipped"])
def test_what_the_scheduler_writes_is_left_out(event: str) -> None:
    """Those lines are counted, not taken."""
    assert read(event=event, data={"reminder": "x"}) == LeftOut(7, event)


@pytest.mark.parametrize(
    ("fields", "message", "hint"),
    [
        ({"id": None}, "id is required", "schema"),
        ({"id": ""}, "id is required", "schema"),
        ({"episode": None}, "episode is required", "schema"),
        ({"occurred_at": "2026-03-01T08:00:00"}, "UTC offset", "2026-02-04T10:00:00Z"),
        ({"occurred_at": "2026-02-30T08:00:00Z"}, "UTC offset", "2026-02-04T10:00:00Z"),
        ({"occurred_at": "9999-12-31T23:59:59-10:00"}, "out of range", None),
        ({"occured_at": "x"}, "no field 'occured_at'", "did you mean occurred_at?"),
        ({"event": "leak-suspcted"}, "unknown event", "did you mean leak-suspected?"),
        ({"data": {"bases": "x"}}, "no field 'bases'", "did you mean basis?"),
        ({"data": [1]}, "Expected `object", None),
        ({"id": "x" * 201}, "length <= 200", None),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, object], message: str, hint: str | None) -> None:
    """The message says what is wrong, the hint what would be right; the number is kept."""
    bad = read(**fields)
    assert isinstance(bad, BadLine)
    assert (bad.line, message in bad.message) == (7, True), bad
    assert hint is None or hint in str(bad.hint)


def test_a_value_out_of_range_says_range_and_unit() -> None:
    """A patch of 80 mL cannot be true."""
    bad = read(event="blood-patch-performed", data={"volume_ml": 80})
    assert isinstance(bad, BadLine)
    assert bad.message.endswith("volume_ml must be a number over 0 up to 60 mL, not 80")


@pytest.mark.parametrize(
    "fields", [{"episode": "a\0b"}, {"id": "\0"}, {"data": {"basis": "clear\\\0"}}]
)
def test_a_nul_character_is_refused(fields: dict[str, object]) -> None:
    """No server keeps one, and no argument of a command can hold one either."""
    bad = read(**fields)
    assert isinstance(bad, BadLine)
    assert (bad.message, bad.hint) == ("it holds a NUL character (\\u0000)", "leave it out")


def test_how_a_nul_character_is_written_is_text() -> None:
    """A backslash and what stands behind it are as they are."""
    told = read(data={"basis": r"drain \u0000"})
    assert isinstance(told, Line)
    assert told.data.basis == r"drain \u0000"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"episode": "a"', "malformed JSON"),
        (b"[1, 2]", "one JSON object"),
        (b'"text"', "one JSON object"),
        (b'{"episode": "\xff\xfe"}', "not valid UTF-8"),
        (b'{"a":' * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_object_is_refused(raw: bytes, message: str) -> None:
    """Neither half a line, nor another kind of JSON, nor other bytes pass."""
    bad = read_line(1, raw)
    assert isinstance(bad, BadLine)
    assert message in bad.message


@pytest.mark.parametrize("where", ["basis", "id"])
def test_a_key_that_stands_twice_is_refused(where: str) -> None:
    """One of two values would be lost."""
    raw = json.dumps(GOOD).replace(f'"{where}": ', f'"{where}": "first", "{where}" : ', 1)
    bad = read_line(1, raw.encode())
    assert isinstance(bad, BadLine)
    assert f"'{where}' stands twice" in bad.message


@pytest.mark.parametrize("text", ['say "a": b', "back\\", '"basis":', r"a\": b"])
def test_text_that_looks_like_a_key_is_text(text: str) -> None:
    """Quotes, colons and backslashes inside a value do not make it a second key."""
    told = read(data={"basis": text})
    assert isinstance(told, Line)
    assert told.data.basis == text


@pytest.mark.parametrize("text", ["NaN", r'"\ud800"'])
def test_what_json_does_not_allow_is_refused(text: str) -> None:
    """NaN and lone surrogates never reach the log."""
    raw = json.dumps(GOOD).replace('"clear drainage"', text)
    assert isinstance(read_line(1, raw.encode()), BadLine)


def test_blank_lines_bom_and_crlf_are_accepted() -> None:
    """Numbers count every line of the file, blank ones too."""
    raw = json.dumps(GOOD).encode()
    told = list(read_lines([b"\xef\xbb\xbf" + raw + b"\r\n", b"\r\n", b"  \n", raw]))
    assert [t.number for t in told if isinstance(t, Line)] == [1, 4]

"""JSON Lines to import, and what an attacker or a broken disk makes of them."""

import json
import random
from collections.abc import Callable

Lines = list[bytes]


def history(episodes: int, events: int) -> Lines:
    """Return the lines of a sound file, those of one episode after those of another."""
    return [
        json.dumps(
            {
                "episode": f"case {e}",
                "id": f"e{n}",
                "event": "headache-assessed" if n % 3 else "symptoms-recorded",
                "occurred_at": f"2026-03-{1 + n % 15:02}T{n % 24:02}:00:00Z",
                "actor": "ward ü",
                "data": {"note": f"“{n}”"} | ({"severity_nrs": n % 10} if n % 3 else {}),
            },
            ensure_ascii=False,
        ).encode()
        for e in range(episodes)
        for n in range(events)
    ]  # fmt: skip


def flip(lines: Lines, dice: random.Random) -> None:
    """Change a few bytes."""
    for _ in range(dice.randrange(1, 6)):
        i = dice.randrange(len(lines))
        line = bytearray(lines[i] or b" ")
        line[dice.randrange(len(line))] = dice.randrange(256)
        lines[i] = bytes(line)


def cut(lines: Lines, dice: random.Random) -> None:
    """End a line too early."""
    i = dice.randrange(len(lines))
    lines[i] = lines[i][: dice.randrange(len(lines[i]) + 1)]


def join(lines: Lines, dice: random.Random) -> None:
    """Lose the end of a line."""
    i = dice.randrange(len(lines) - 1)
    lines[i : i + 2] = [lines[i] + lines[i + 1]]


def swap(lines: Lines, dice: random.Random) -> None:
    """Shuffle the lines, and tell some of them twice."""
    lines += dice.choices(lines, k=3)
    dice.shuffle(lines)


def insert_bytes(lines: Lines, dice: random.Random) -> None:
    """Put bytes in that are no text, or that mean something elsewhere."""
    i = dice.randrange(len(lines))
    place = dice.randrange(len(lines[i]) + 1)
    bad = dice.choice((b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"\x1b[2J", b"\xc0\x80"))
    lines[i] = lines[i][:place] + bad + lines[i][place:]


VALUES = (
    "1e999", "-1e999", "1" * 400, "18446744073709551616", "-0", "1e-400", "NaN", "true", "null",
    '""', "[]", "{}", '"' + "x" * 5000 + '"', "[" * 3000 + "]" * 3000, '{"a":' * 3000,
    '"\\ud800"', '"\\u0000"', '"9999-12-31T23:59:59Z"', '"0001-01-01T00:00:00+23:59"',
    '"2026-02-30T00:00:00Z"', '"episode-opened"', '"reminder-issued"', '"event-voided"',
)  # fmt: skip


def replace_value(lines: Lines, dice: random.Random) -> None:
    """Put another value in the place of a field's."""
    i = dice.randrange(len(lines))
    fields = json.loads(lines[i])
    name = dice.choice([*fields, "data.severity_nrs", "data.note", "new"])
    values = {k: json.dumps(v) for k, v in fields.items()}
    if name.startswith("data."):
        values["data"] = f'{{"{name[5:]}":{dice.choice(VALUES)}}}'
    else:
        values[name] = dice.choice(VALUES)
    whole = ",".join(f'"{k}":{v}' for k, v in values.items())
    lines[i] = f"{{{whole}}}".encode()


def repeat_key(lines: Lines, dice: random.Random) -> None:
    """Give a field twice, with another value."""
    i = dice.randrange(len(lines))
    lines[i] = lines[i].rstrip(b"}") + b',"id":"twice"}'


ATTACKS: tuple[Callable[[Lines, random.Random], None], ...] = (
    flip, cut, join, swap, insert_bytes, replace_value, replace_value, repeat_key,
)  # fmt: skip


def attacked(dice: random.Random) -> bytes:
    """Return a file that was sound once."""
    lines = history(3, 6)
    for attack in dice.sample(ATTACKS, dice.choice((1, 1, 1, 2))):
        try:
            attack(lines, dice)
        except ValueError:  # a line that the attack before has broken already
            continue
    return dice.choice((b"\n", b"\n", b"\r\n", b"\n\n")).join(lines)

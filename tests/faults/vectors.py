"""Random argument vectors made from what the commands really take: half of them sound, half not."""

import random
from collections.abc import Iterator, Sequence

import click

from tracker.cli import main

ENDLESS = {("scheduler", "run"), ("demo",)}
"""Commands that go on until they are stopped, or bring their own data."""
REFS = (*(f"ref o{n}" for n in (0, 1, 2, 3) * 3), "o", "ref", "E-", "nobody")
TIMES = (
    "now", "2026-03-18 10:00", "2026-03-18T10:00Z", "3d ago", "yesterday 08:00", "+48h", "5m",
    "2026-03-29 02:30", "9999-12-31T23:59Z", "0001-01-01 00:00", "3/4/2026", "+999999d", "monday",
)  # fmt: skip
NUMBERS = ("0", "3", "7.5", "10", "-1", "1e999", "nan", "inf", "9" * 400, "0x10", "1_0", "٣", "")
IDS = ("headache-assessed 1", "surgery-performed 1", "o1", "o")
OWED = ("conservative-start", "wound-examination", "early-review", "patch-delayed", "stage")
ODD = (
    "", " ", "-", "--", "---", "--format", "-h", "=", "a=b", "level=L4-L5", "{}", "null", "@file",
    "\x00", "\udc80\udcff", "\u202e", "\u2028", "𝔘🩺", "ﬁ", "e\u0301" * 40, "x" * 5000, "\x1b[2J",
    "'; DROP TABLE events; --", "%s%n", "../..", "/dev/null", "\r\n", "*", "$(id)", "None",
)  # fmt: skip


def leaves(
    command: click.Command = main, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command that does something, with the words that name it."""
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            assert found is not None
            yield from leaves(found, (*path, name))
    elif path not in ENDLESS:
        yield path, command


def _value(parameter: click.Parameter, dice: random.Random) -> str:
    words = getattr(parameter.type, "words", None) or getattr(parameter.type, "choices", None)
    kind = f"{parameter.human_readable_name} {parameter.metavar}".upper()
    if dice.random() < 0.12:
        return dice.choice((*ODD, *TIMES, *NUMBERS))
    if words:
        return str(dice.choice(list(words)))
    if "REMINDER" in kind or "ALERT" in kind or "WHAT" in kind:
        return dice.choice(OWED)
    if "EVENT" in kind or "TARGET" in kind:
        return dice.choice(IDS)
    if "EPISODE" in kind:
        return dice.choice(REFS)
    if "TIME" in kind or "SINCE" in kind:
        return dice.choice(TIMES)
    if "NUMBER" in kind or isinstance(parameter.type, click.types.IntParamType):
        return dice.choice(NUMBERS)
    return dice.choice((*IDS, *REFS, *ODD, "csf-leak-post-spine-surgery@1", "ward", "because"))


def _given(parameter: click.Parameter, dice: random.Random, likely: float) -> list[str]:
    if isinstance(parameter, click.Argument):
        wanted = 1 if parameter.required or dice.random() < 0.6 else 0
        return [_value(parameter, dice)] * wanted if dice.random() < 0.95 else []
    if dice.random() > (0.9 if parameter.required else likely) or "--watch" in parameter.opts:
        return []
    flag = dice.choice([*parameter.opts, *parameter.secondary_opts])
    if getattr(parameter, "is_flag", False):
        return [flag]
    value = _value(parameter, dice)
    return [f"{flag}={value}"] if dice.random() < 0.2 else [flag, value]


def _disturb(vector: list[str], dice: random.Random) -> list[str]:
    chance = dice.random()
    if chance < 0.1:
        vector.insert(dice.randrange(len(vector) + 1), dice.choice(ODD))
    elif chance < 0.15:
        del vector[dice.randrange(len(vector))]
    elif chance < 0.18:
        dice.shuffle(vector)
    elif chance < 0.2:
        vector = [dice.choice(ODD) for _ in range(dice.randrange(30))]
    return [word for word in vector if word != "--watch"]


def vectors(dice: random.Random, number: int) -> Iterator[list[str]]:
    """Yield so many vectors, every command in turn."""
    commands: Sequence[tuple[tuple[str, ...], click.Command]] = list(leaves())
    for i in range(number):
        path, command = commands[i % len(commands)]
        likely = min(0.5, 2 / len(command.params)) if command.params else 0.0
        groups = [_given(p, dice, likely) for p in command.params]
        dice.shuffle(groups)
        yield _disturb([*path, *(word for group in groups for word in group)], dice)

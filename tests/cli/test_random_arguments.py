"""Whatever is typed: an exit code of the contract, never a traceback."""

import random
from collections.abc import Iterator

import click
import pytest

from tests.cli.conftest import Tracker
from tests.cli.test_grammar import leaves

VECTORS = 2000
CODES = {0, 1, 2, 3, 4, 5, 6}
WORDS = [
    "", " ", "-", "--", "0", "-1", "1e999", "nan", "18", "case-1", "E-", "e", "op", "head", "now",
    "+48h", "2026-03-29 02:30", "9999-12-31T23:59Z", "3/4/2026", "5m", "headache", "none", "yes",
    "MRI", "a=b", "level=L4-L5", "=", "{}", "[]", "null", "\x00", "\udc80", "\u202e", "𝔘",
    "x" * 300, "'; DROP TABLE log; --", "%s", "../..", "/", "json", "table", "csl@1", "@",
    "wound-examination",
    "patch-delayed", "stage", "--help", "-h", "--format", "--at", "--id", "--reason", "--all",
]  # fmt: skip
ENDLESS = {"run", "demo"}
"""Commands that go on until they are stopped, or bring their own data."""


def vectors(dice: random.Random) -> Iterator[list[str]]:
    """Yield random argument vectors that begin with the words of a real command."""
    commands = [leaf for leaf in leaves() if leaf[0][-1] not in ENDLESS]
    while True:
        words, command = dice.choice(commands)
        yield [*words, *_arguments(dice, command)]


def _arguments(dice: random.Random, command: click.Command) -> list[str]:
    flags = [flag for p in command.params if isinstance(p, click.Option) for flag in p.opts]
    found = ["case-1"] if dice.random() < 0.6 else []
    for _ in range(dice.randrange(6)):
        if flags and dice.random() < 0.5:
            found.append(dice.choice([f for f in flags if f != "--watch"]))
        found.append(dice.choice(WORDS))
    return found


@pytest.mark.parametrize("seed", range(10))
def test_no_traceback(episode: Tracker, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random arguments to every command end with a code of the contract and no traceback."""
    monkeypatch.chdir(episode.home)
    dice = random.Random(seed)
    stream = vectors(dice)
    for _ in range(VECTORS // 10):
        arguments = next(stream)
        result = episode.run(*arguments)
        assert result.exit_code in CODES, arguments


def test_a_fault_would_be_seen(episode: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check above fails when a command has a fault."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(click.Command, "invoke", broken)
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        episode.run("worklist")

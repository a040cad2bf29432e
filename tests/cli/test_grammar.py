"""One grammar: every command can be asked for help, every read has every format."""

from collections.abc import Iterator

import click
import pytest

from tests.cli.conftest import Tracker
from tracker.cli import main
from tracker.cli.record import RecordGroup
from tracker.cli.render import FORMATS
from tracker.cli.topics import RESERVED, fields_of, option_name
from tracker.events import EVENT_TYPES

NOT_READS = {"init", "completion", "demo", "export", "calendar", "run"}
"""Commands that answer in one form only."""


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command."""
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        yield (*path, name)
        if isinstance(command, click.Group) and not isinstance(command, RecordGroup):
            yield from commands(command, (*path, name))


def leaves() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command that does something, with its words."""
    for words in commands(main):
        command: click.Command = main
        for word in words:
            assert isinstance(command, click.Group)
            found = command.get_command(click.Context(command), word)
            assert found is not None
            command = found
        if not isinstance(command, click.Group):
            yield words, command


def test_every_command_has_help(tracker: Tracker) -> None:
    """`--help` of every command says what it is for, without a data directory."""
    for words in commands(main):
        text = tracker.ok(*words, "--help")
        assert text.startswith(f"Usage: tracker {' '.join(words)}")
        assert len(text.splitlines()) > 4


def test_every_read_takes_every_format() -> None:
    """Every command that reads or records takes the four formats."""
    for words, command in leaves():
        formats = [p for p in command.params if p.name == "fmt"]
        if words[-1] in NOT_READS:
            continue
        assert len(formats) == 1, words
        assert isinstance(formats[0].type, click.Choice)
        assert tuple(formats[0].type.choices) == FORMATS


def test_help_lists_match_the_commands() -> None:
    """The line of a command in the list is about the command that it loads."""
    ctx = click.Context(main)
    for name in main.list_commands(ctx):
        command = main.get_command(ctx, name)
        assert command is not None
        assert command.name == name


@pytest.mark.parametrize("topic", list(EVENT_TYPES))
def test_record_has_an_option_for_every_field(tracker: Tracker, topic: str) -> None:
    """Each topic is a sub-command whose options are the fields of its declaration."""
    text = tracker.ok("record", topic, "--help")
    for field in fields_of(EVENT_TYPES[topic]):
        assert option_name(field.name) in text
        assert field.name not in RESERVED


def test_help_of_a_number_says_range_and_unit(tracker: Tracker) -> None:
    """The help of a quantity names its range and its unit."""
    text = tracker.ok("record", "blood-patch-performed", "--help")
    assert "[over 0 to 60 mL]" in text


def test_root_help_names_exit_codes(tracker: Tracker) -> None:
    """The help of the root says what the exit codes mean."""
    assert "4 refused by a" in tracker.ok("--help")


def test_no_command_shows_help_as_a_usage_error(tracker: Tracker) -> None:
    """Without a command the help goes to stderr, and nothing to stdout."""
    code, told = tracker.refused()
    assert code == 2
    assert told.startswith("Usage: tracker")


def test_version(tracker: Tracker) -> None:
    """`--version` prints the version of the installed program."""
    assert tracker.ok("--version").startswith("tracker 0.")

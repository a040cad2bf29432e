"""The table of roles in the documents says what the program goes by."""

import re
from pathlib import Path

import pytest

from tests.cli.test_grammar import leaves
from tracker.roles import commands
from tracker.roles.privileges import ROLES

PAGE = Path(__file__).parents[2] / "docs" / "postgresql.md"
LINES = {
    "record, ": ("open", "record", "correct", "void", "ack", "snooze", "waive", "assign", "import",
                 "protocol add", "protocol adopt"),
    "issue reminders": ("scheduler tick", "scheduler run"),
    "messages: ": ("outbox retry", "outbox drop"),
    "the access log": ("audit access", "audit verify", "audit checkpoint", "audit export"),
    "logins": ("db roles",),
    "`audit verify --deep`": ("audit verify --deep", "projections rebuild", "db copy", "erase",
                              "keys backup", "keys restore", "keys rotate", "db restore",
                              "db restored"),
}  # fmt: skip
"""Which commands each line of the table is about, by its beginning; the rest are in `look`."""
NO_ROLE = "look at"


def table() -> dict[str, tuple[bool, ...]]:
    """Return what the page says of each line, role by role."""
    rows = re.findall(r"^\| ([^|]+) \| (yes|no) \| (yes|no) \| (yes|no) \| (yes|no) \|$",
                      PAGE.read_text(), re.MULTILINE)  # fmt: skip
    return {label: tuple(answer == "yes" for answer in answers) for label, *answers in rows}


def line(label: str) -> tuple[bool, ...]:
    """Return what the page says of the line that begins so."""
    (found,) = [said for told, said in table().items() if told.startswith(label)]
    return found


@pytest.mark.parametrize("label", LINES)
def test_the_table_says_who_may(label: str) -> None:
    """Each line holds for each of its commands."""
    for command in LINES[label]:
        assert tuple(commands.may(role, command) for role in ROLES) == line(label), command


def test_what_is_in_no_line_may_everybody() -> None:
    """Looking is for all roles, and no command that is not is left out."""
    named = {command for some in LINES.values() for command in some}
    rest = {" ".join(words) for words, _ in leaves()} - named
    assert all(commands.may(role, command) for command in rest for role in ROLES)
    assert line(NO_ROLE) == (True,) * len(ROLES)


def test_every_line_is_understood() -> None:
    """No line says something that is not compared."""
    beginnings = (*LINES, NO_ROLE)
    assert all(label.startswith(beginnings) for label in table())
    assert len(table()) == len(beginnings)

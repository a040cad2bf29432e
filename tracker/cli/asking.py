"""Whether anybody is there to be asked, and asking."""

import sys

import click

from tracker.errors import RefusedError


def at_terminal() -> bool:
    """Whether what is asked is seen by somebody who can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, refused: str) -> None:
    """Ask for leave on stderr.

    Raises RefusedError with `refused` when it is not given, and when nobody is there to give it.
    """
    if not at_terminal():
        raise RefusedError("nobody is there to confirm it", "--yes says so beforehand")
    if not click.confirm(question, err=True):
        raise RefusedError(refused)

"""Which command runs."""

import click

_WORDS = "tracker.cli.words"
"""Where the contexts of a command line keep the words of its command."""


def note(ctx: click.Context, word: str) -> None:
    """Keep the next word of the command."""
    ctx.meta[_WORDS] = (*ctx.meta.get(_WORDS, ()), word)


def words() -> str:
    """Return the words of the command that runs, empty where none does."""
    ctx = click.get_current_context(silent=True)
    return "" if ctx is None else " ".join(ctx.meta.get(_WORDS, ()))

"""docs/reference/commands.md: every command, from the command line itself."""

import inspect
from collections.abc import Iterator

import click

from scripts.documentation.markdown import block, code, document, link, slug, table
from tracker.cli import main
from tracker.cli.record import RecordGroup
from tracker.cli.topics import RESERVED

INTRO = (
    "Every command, its options and what it is for, as `tracker COMMAND --help` says it.\n"
    "EPISODE is a short id such as `E-7K3QF` or the beginning of one, a uuid, "
    "or the client's own reference."
)


def walk(command: click.Command, ctx: click.Context) -> Iterator[tuple[click.Context, str]]:
    """Yield the context and path of a command and of every command below it.

    Those below `tracker record` are left out: there is one for each event.
    """
    yield ctx, ctx.command_path
    if not isinstance(command, click.Group) or isinstance(command, RecordGroup):
        return
    for name in command.list_commands(ctx):
        below = command.get_command(ctx, name)
        if below is not None and not below.hidden:
            yield from walk(below, click.Context(below, ctx, name))


def root() -> click.Context:
    """Return the context of the command line itself."""
    return click.Context(main, info_name="tracker")


def commands() -> str:
    """Return the document."""
    found = list(walk(main, root()))
    return document(
        "Commands",
        INTRO,
        table(
            ["Command", "What it does"],
            [
                [link(code(path), f"#{slug(path)}"), ctx.command.get_short_help_str(200)]
                for ctx, path in found
                if not isinstance(ctx.command, click.Group) or isinstance(ctx.command, RecordGroup)
            ],
        ),
        *(_section(ctx, path) for ctx, path in found),
    )


def _section(ctx: click.Context, path: str) -> str:
    command = ctx.command
    usage = " ".join([path, *command.collect_usage_pieces(ctx)])
    parts = [f"## {path}", block(usage), _prose(command.help), *_below(ctx), _options(ctx)]
    parts.append(_prose(command.epilog))
    return "\n\n".join(filter(None, parts))


def _prose(text: str | None) -> str:
    """Return help text; a paragraph that click leaves as it is becomes a block."""
    paragraphs = inspect.cleandoc(text or "").split("\f")[0].split("\n\n")
    return "\n\n".join(
        block(p.removeprefix("\b").strip("\n")) if p.startswith("\b") else p for p in paragraphs
    )


def _below(ctx: click.Context) -> Iterator[str]:
    command = ctx.command
    if isinstance(command, RecordGroup):
        yield f"One command for each event: see {link('events', 'events.md')}."
        topic = command.list_commands(ctx)[0]
        below = command.get_command(ctx, topic)
        if below is not None:
            yield "Each takes the fields of its event as options, and these:"
            yield _table(p for p in below.params if p.name in RESERVED)
    elif isinstance(command, click.Group):
        names = command.list_commands(ctx)
        yield ", ".join(link(code(n), f"#{slug(f'{ctx.command_path} {n}')}") for n in names)


def _options(ctx: click.Context) -> str:
    return _table(iter(ctx.command.params))


def _table(params: Iterator[click.Parameter]) -> str:
    rows = []
    for param in params:
        record = param.get_help_record(click.Context(click.Command("tracker")))
        if record is not None and record[1]:  # an argument is in the usage already
            rows.append([code(record[0]), record[1]])
    return table(["Option", "Meaning"], rows)

"""Whatever a command writes comes by the place where looks are recorded."""

import ast

from tests.sources import calls, modules

WRITERS = ("echo", "secho", "print", "Console", "write_text", "stdout.write", "stderr.write")
GATES = {
    "tracker/cli/render.py": "data, once what is shown is recorded",
    "tracker/cli/tables.py": "tables and paragraphs, once what is shown is recorded",
    "tracker/cli/failures.py": "talk, once what is shown is recorded",
    "tracker/cli/looks.py": "that a look waits to be recorded",
    "tracker/cli/progress.py": "a bar and a number",
    "tracker/cli/group.py": "the version of the program",
    "tracker/cli/demo.py": "the mark in a demonstration's own directory",
    "tracker/cli/audit/replay.py": "the prompt between two steps, which tells of nobody",
}
"""What may write, and what it writes."""


def writing(path: str, tree: ast.Module) -> bool:
    """Whether a module of the command line writes by itself."""
    return path.startswith("tracker/cli/") and any(calls(tree, WRITERS))


def test_nothing_is_written_beside_the_gate() -> None:
    """A command writes by the renderer, which records before; nothing else may."""
    found = {path for path, tree in modules() if writing(path, tree)}
    assert sorted(found) == sorted(GATES)


def test_a_command_that_writes_by_itself_is_found() -> None:
    """The search can find something."""
    assert writing("tracker/cli/new.py", ast.parse("click.echo('x')"))
    assert writing("tracker/cli/new.py", ast.parse("sys.stdout.write('x')"))

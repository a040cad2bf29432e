"""Neither SQL nor code is ever made from text that somebody stored or typed."""

import ast
from collections.abc import Iterator

from tests.sources import calls, modules

SQL = (
    "text",
    "execute",
    "executemany",
    "exec_driver_sql",
    "executescript",
    "DDL",
    "literal_column",
)
CODE = ("eval", "exec", "import_module", "__import__", "resolve_topic", "get_topic", "pickle.loads")
NAMED_IN_THE_SOURCE = {
    "projections/migrations/versions/0001_log_and_read_models.py": "tables of the migration",
    "projections/migrations/versions/0003_access_log.py": "the verbs it refuses",
    "projections/migrations/versions/0010_login_is_actor.py": "the logs, and the schema's name",
    "projections/migrations/versions/0013_hold_the_chain.py": "the name of the schema",
    "projections/swapping.py": "tables and indices that the read models declare",
    "tracker/audit/structure/file.py": "tables of the logs, which the declarations name",
    "tracker/roles/setup.py": "names of roles, which no statement takes as values: quoted",
    "tracker/store/sqlite.py": "pragmas and their values",
}
"""Where SQL is put together, and from what: from words of the source alone."""
LOADED = {
    "tracker/cli/group.py": "the module of a sub-command, named in the source",
}
"""What imports by name, and whose name that is."""


def built(tree: ast.AST) -> Iterator[str]:
    """Yield the calls that hand over SQL put together from parts."""
    for call in calls(tree, SQL):
        for argument in call.args[:1]:
            if any(_put_together(part) for part in ast.walk(argument)):
                yield ast.unparse(call)


def _put_together(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod) and any(
            isinstance(part, ast.Constant) and isinstance(part.value, str)
            for part in ast.walk(node)
        )
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "join")
    return isinstance(node, ast.FormattedValue)


def test_no_sql_is_built_from_text() -> None:
    """Values are bound; names of tables, where they are put in, stand in the source."""
    found = {path for path, tree in modules() if any(built(tree))}
    assert sorted(found - NAMED_IN_THE_SOURCE.keys()) == []


def test_sql_that_is_built_is_found() -> None:
    """The search can find something, however it is put together."""
    for made in ('f"SELECT {x}"', '"SELECT " + x', '"SELECT %s" % x', '"SELECT {}".format(x)'):
        assert list(built(ast.parse(f"conn.execute(text({made}))"))), made
    assert not list(built(ast.parse("conn.execute(select(t).where(t.c.x == x))")))


def test_no_topic_is_ever_imported() -> None:
    """What the log calls an event names no code: nothing is imported or run by a stored name."""
    found = {path for path, tree in modules() if any(calls(tree, CODE))}
    assert sorted(found) == sorted(LOADED)

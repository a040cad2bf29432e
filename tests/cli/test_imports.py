"""No circle of imports among the modules of the command line."""

from collections.abc import Iterator, Mapping

import grimp


def circles(graph: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield each module from which imports lead back to itself."""
    for start in graph:
        seen, ahead = set[str](), list(graph[start])
        while ahead:
            module = ahead.pop()
            if module == start:
                yield start
                break
            if module not in seen:
                seen.add(module)
                ahead += graph.get(module, set())


def test_a_circle_is_seen() -> None:
    """The search below finds circles, also indirect ones."""
    assert set(circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()})) == {"a", "b", "c"}


def test_the_command_line_has_none() -> None:
    """Each module can be read without the one that reads it; types and lazy imports count too."""
    graph = grimp.build_graph("tracker")
    modules = graph.find_descendants("tracker.cli")
    imports = {m: graph.find_modules_directly_imported_by(m) & modules for m in modules}
    assert sorted(circles(imports)) == []

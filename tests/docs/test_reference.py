"""The reference names everything there is."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tracker.cli import main
from tracker.events import EVENT_TYPES
from tracker.events.procedures import BloodPatchPerformed
from tracker.pathway import builtin_protocol, parse_protocol

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def section(document: str, heading: str) -> str:
    """Return the part of a document of the reference below a heading; empty if there is none."""
    text = (REFERENCE / document).read_text(encoding="utf-8")
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def paths(group: click.Group, ctx: click.Context) -> Iterator[tuple[str, click.Command]]:
    """Yield the path of every command below a group."""
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        below = click.Context(command, ctx, name)
        yield below.command_path, command
        if isinstance(command, click.Group) and name != "record":
            yield from paths(command, below)


def test_every_command_is_documented() -> None:
    """Each command of the group, and of the groups in it, has a section of its own."""
    found = [path for path, _ in paths(main, click.Context(main, info_name="tracker"))]
    assert len(found) > 25
    assert [path for path in found if not section("commands.md", path)] == []


def test_every_option_is_documented() -> None:
    """Each option of each command stands in the section of that command."""
    for path, command in paths(main, click.Context(main, info_name="tracker")):
        text = section("commands.md", path)
        for param in command.params:
            assert param.human_readable_name in text or param.opts[0] in text, path


@pytest.mark.parametrize("topic", EVENT_TYPES)
def test_every_topic_is_documented(topic: str) -> None:
    """Each topic that can be recorded has a section with all its fields."""
    text = section("events.md", topic)
    fields = EVENT_TYPES[topic].__struct_fields__
    assert [field for field in fields if f"| `{field}` |" not in text] == []


def test_a_field_is_documented_with_range_and_unit() -> None:
    """A quantity says how large it may be, and in which unit."""
    text = section("events.md", BloodPatchPerformed.topic)
    assert "| `volume_ml` | number, over 0 to 60 | mL |" in text


@pytest.mark.parametrize("kind", ["rules", "reminders", "stages"])
def test_the_protocol_is_documented(kind: str) -> None:
    """Each rule, reminder and stage has a section with its source."""
    names = list(getattr(builtin_protocol(), kind))
    assert [name for name in names if "- Source: " not in section(f"{kind}.md", name)] == []


def test_every_setting_is_documented() -> None:
    """Each setting has a row."""
    text = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    names = type(builtin_protocol().settings).__struct_fields__
    assert [name for name in names if f"\n| `{name}` |" not in text] == []


def test_the_example_of_a_site_file_is_accepted() -> None:
    """What the reference shows as a site's protocol file can be used as it stands."""
    text = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    example = text.split("```toml\n", 1)[1].split("```", 1)[0]
    site = parse_protocol(example, builtin_protocol)
    assert site.base == builtin_protocol().name
    assert site.settings != builtin_protocol().settings

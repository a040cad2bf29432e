"""`tracker schema`: the JSON schema of events, from their declarations."""

from collections.abc import Iterator
from typing import Any, get_args

import click
import msgspec

from tracker.cli.completing import complete_event_topic
from tracker.cli.render import FORMATS, Column, emit, encode, write
from tracker.cli.topics import bare, fields_of
from tracker.events import EVENT_TYPES
from tracker.events.fields import Instant

COLUMNS = [
    Column("event", "Event"),
    Column("field", "Field"),
    Column("type", "Takes"),
    Column("required", "Required"),
    Column("description", "Meaning"),
]


@click.command()
@click.argument("topic", required=False, shell_complete=complete_event_topic)
@click.option(
    "--format",
    "fmt",
    type=click.Choice(FORMATS),
    default="json",
    show_default=True,
    help="json is the JSON schema; table, csv and ndjson list the fields.",
)
def schema(topic: str | None, fmt: str) -> None:
    """Print the JSON schema of the data of one event, or of every event by topic."""
    from tracker.episode import event_type

    topics = list(EVENT_TYPES) if topic is None else [event_type(topic).topic]
    if fmt == "json":
        schemas = {
            name: msgspec.json.schema(EVENT_TYPES[name], schema_hook=_frozen) for name in topics
        }
        write(encode(schemas if topic is None else schemas[topic], indent=2))
    else:
        emit(fmt, _fields(topics), COLUMNS)


def _frozen(kind: type) -> dict[str, Any]:
    """Return the schema of an instant where a frozen clock hides its class from msgspec."""
    if kind is get_args(Instant)[0]:
        return {"type": "string", "format": "date-time"}
    raise NotImplementedError(f"{kind.__name__} has no JSON schema")


def _fields(topics: list[str]) -> Iterator[dict[str, Any]]:
    from tracker.episode.ranges import described

    for topic in topics:
        for field in fields_of(EVENT_TYPES[topic]):
            yield {
                "event": topic,
                "field": field.name,
                "type": described(topic, field.name),
                "required": field.required,
                "description": bare(field.type)[1].get("description", ""),
            }

"""`tracker init` and `tracker config`: where the data is, and the defaults kept beside it."""

from typing import TYPE_CHECKING, Any

import click
import msgspec

from tracker import times
from tracker.cli.failures import say
from tracker.cli.options import format_option
from tracker.cli.render import Column, emit, print_line
from tracker.cli.session import Session, pass_session
from tracker.config import Settings, write_settings
from tracker.errors import UsageError
from tracker.nearest import meant

if TYPE_CHECKING:
    from tracker.service import Service

COLUMNS = [Column("setting", "Setting"), Column("value", "Value"), Column("from", "From")]


@click.command()
@click.option("--encrypt", is_flag=True, help="Seal every event by a key of its patient.")
@click.option(
    "--master-key",
    metavar="SOURCE",
    help="Where the master key is kept: file:PATH (made if it is not there), env:NAME or "
    "keyring:SERVICE/NAME. Default: a file in the user's configuration directory.",
)
@pass_session
def init(session: Session, encrypt: bool, master_key: str | None) -> None:
    """Create the data directory and its tables; again: no change."""
    if master_key is not None and not encrypt:
        raise UsageError("--master-key is for --encrypt", "tracker init --encrypt")
    name = session.location.name
    if encrypt:
        from tracker.encryption import beginning

        beginning.ready(session.location, master_key)
    service = session.service(create=True)
    if encrypt:
        _encrypt(session, service, master_key)
    if not service.created:
        say(f"Nothing to do: {name} is there and up to date.")
    print_line(name)


def _encrypt(session: Session, service: "Service", master_key: str | None) -> None:
    from tracker.encryption import beginning

    source = beginning.begin(service.database, session.location, master_key, session.now())
    if source is None:
        say("Nothing to do: the tracker is encrypted.")
        return
    say(f"Every event is sealed. The master key is in {source}: without it nobody reads anything.")
    say("Keep a copy of it apart from the data, and put the keys aside: tracker keys backup FILE")


@click.command()
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="KEY=VALUE",
    help="Set a default: time_zone, coordinator or site; `KEY=` removes it.",
)
@format_option
@pass_session
def config(session: Session, assignments: tuple[str, ...], fmt: str) -> None:
    """Show where the data is and the defaults of new episodes, or set a default."""
    settings = session.settings
    if assignments:
        settings = _changed(settings, assignments)
        say(f"Wrote {write_settings(session.location, settings)}.")
    emit(fmt, rows := _rows(session, settings), COLUMNS, document=_document(rows))


def _changed(settings: Settings, assignments: tuple[str, ...]) -> Settings:
    values: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        key = key.strip().replace("-", "_")
        if not equals:
            raise UsageError(f"{assignment!r} is not key=value", hint="--set time_zone=Europe/Oslo")
        if key not in Settings.__struct_fields__:
            known = Settings.__struct_fields__
            hint = meant(key, known, "the keys are")
            raise UsageError(f"there is no setting {key!r}", hint=hint)
        values[key] = value.strip() or None
    if values.get("time_zone"):
        times.zone(values["time_zone"])
    return msgspec.structs.replace(settings, **values)


def _rows(session: Session, settings: Settings) -> list[dict[str, Any]]:
    location = session.location
    file = str(location.config_file)
    defaults = {"time_zone": times.system_zone()}
    rows: list[dict[str, Any]] = [
        {"setting": "database", "value": location.name, "from": "where the data is"},
        {"setting": "home", "value": str(location.home), "from": "where the rest is"},
    ]
    if location.database_url is None:
        rows = [{"setting": "home", "value": location.name, "from": "where the data is"}]
    for key in Settings.__struct_fields__:
        value = getattr(settings, key)
        source = file if value is not None else "this machine" if key in defaults else "not set"
        rows.append({"setting": key, "value": value or defaults.get(key), "from": source})
    rows.append({"setting": "actor", "value": session.actor, "from": "the user who types"})
    return rows


def _document(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {row["setting"]: row["value"] for row in rows}

"""Which database keeps the access log, where it is not the one that is read."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from tracker.config import Location, locate, read_document
from tracker.decoding import convert
from tracker.errors import UsageError

VARIABLE = "TRACKER_ACCESS_DATABASE_URL"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `access` of the config file."""

    primary: str | None = None
    """Database URL or data directory that keeps the access log; default: the one that is read."""


def primary(option: str | None, location: Location, environ: Mapping[str, str]) -> Location | None:
    """Return where the access log is kept, None if it is in the database that is read.

    The option goes before the environment, and that before the config file beside the data. Raises
    UsageError for what cannot be such a place.
    """
    place = option or environ.get(VARIABLE) or _configured(location)
    if not place:
        return None
    on_server = "://" in place
    found = replace(location, database_url=place) if on_server else locate(place, None, {})
    return None if found == location else found


def _configured(location: Location) -> str | None:
    table: Any = read_document(location).get("access", {})
    try:
        return convert(table, Settings).primary
    except msgspec.ValidationError as error:
        raise UsageError(
            f"{location.config_file}: access: {error}", hint='primary = "URL or data directory"'
        ) from error

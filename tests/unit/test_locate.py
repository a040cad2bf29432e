"""Where the data is: what is typed goes before what the environment says."""

from pathlib import Path

import pytest

from tracker.config import locate

URL = "postgresql://anna@db/tracker"
ENVIRON = {"TRACKER_HOME": "/srv/here", "TRACKER_DATABASE_URL": URL}


@pytest.mark.parametrize(
    ("home", "database", "found"),
    [
        (None, None, ("/srv/here", URL)),
        ("/tmp/rehearsal", None, ("/tmp/rehearsal", None)),
        ("/tmp/rehearsal", "postgresql://x", ("/tmp/rehearsal", "postgresql://x")),
        (None, "postgresql://x", ("/srv/here", "postgresql://x")),
    ],
)  # fmt: skip
def test_what_is_typed_goes_first(
    home: str | None, database: str | None, found: tuple[str, str | None]
) -> None:
    """A rehearsal in a directory is not recorded on the server that the environment names."""
    location = locate(home, database, ENVIRON)
    assert (location.home, location.database_url) == (Path(found[0]), found[1])

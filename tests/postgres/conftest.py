"""A server that may be hurt: stopped, restarted, full of strangers."""

from collections.abc import Iterator

import pytest

from tests.postgres.server import Server


@pytest.fixture(scope="session")
def own() -> Iterator[Server]:
    """A server of these tests alone."""
    with Server() as server:
        yield server

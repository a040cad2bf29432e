"""Homes to hurt."""

import shutil
from pathlib import Path

import pytest

from tests.faults import ward


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with a few episodes, to be copied."""
    home = tmp_path_factory.mktemp("ward") / "home"
    ward.make(home)
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    """Return a home with a few episodes."""
    return Path(shutil.copytree(template, tmp_path / "home"))

"""Homes to hurt."""

import shutil
from pathlib import Path

import pytest

from tests.audit.records import Record, make_record
from tests.faults import ward


@pytest.fixture(scope="session")
def ward_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with a few episodes, to be copied."""
    home = tmp_path_factory.mktemp("ward") / "home"
    ward.make(home)
    return home


@pytest.fixture
def home(ward_home: Path, tmp_path: Path) -> Path:
    """Return a home with a few episodes."""
    return Path(shutil.copytree(ward_home, tmp_path / "home"))


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return a record to audit; it is not to be hurt."""
    return make_record(tmp_path_factory.mktemp("record"))


@pytest.fixture
def record(original: Record, tmp_path: Path) -> Record:
    """Return a record to hurt."""
    return original.copied(tmp_path / "record")

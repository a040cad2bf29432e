"""Files to import that are broken or hostile: no traceback, and all of a file or nothing."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import settings, ward
from tests.faults.agreement import disagreements
from tests.faults.mutations import attacked, history
from tests.faults.program import Answer, crash, invoke, refused

Import = Callable[[Path, bytes], Answer]


def importing(home: Path, data: bytes) -> Answer:
    """Import from standard input."""
    return invoke(home, "import", "-", told=data)


def line_by_line(home: Path, data: bytes) -> Answer:
    """Import each line by itself, up to the first that is refused."""
    answer = Answer(0, "", "")
    for line in data.splitlines():
        answer = importing(home, line)
        if answer.code:
            break
    return answer


def events(home: Path) -> int:
    """Return how many events the log holds."""
    with ward.opened(home) as service:
        return service.projections().head


def partly_taken(home: Path, data: bytes, run: Import) -> str | None:
    """Return what is wrong about an import: a crash, or a part of the file that was taken."""
    before = events(home)
    answer = run(home, data)
    if wrong := crash(answer):
        return wrong
    if answer.code and events(home) != before:
        return f"{events(home) - before} events of a file that was refused"
    after = events(home)
    if answer.code == 0 and (run(home, data).code or events(home) != after):
        return "importing it again is refused or adds events"
    return None


def first_wrong(ward_home: Path, folder: Path, run: Import, files: int) -> str | None:
    """Import many attacked files; return the first that went wrong, and how."""
    dice = random.Random(settings.SEED)
    home = Path(shutil.copytree(ward_home, folder / "home 0"))
    for number in range(files):
        data, before = attacked(dice), events(home)
        wrong = partly_taken(home, data, run)
        if events(home) != before:
            wrong = wrong or "; ".join(disagreements(home))
            home = Path(shutil.copytree(ward_home, folder / f"home {number + 1}"))
        if wrong:
            return f"file {number}: {wrong}\n{data[:3000]!r}"
    return None


def test_attacked_files(ward_home: Path, tmp_path: Path) -> None:
    """A file that was tampered with is taken whole or not at all, and told of in words."""
    assert first_wrong(ward_home, tmp_path, importing, settings.FILES) is None


def test_twin_that_takes_line_by_line_is_caught(ward_home: Path, tmp_path: Path) -> None:
    """An import that appends line by line takes a part of a file, and it shows."""
    found = first_wrong(ward_home, tmp_path, line_by_line, 50)
    assert found is not None
    assert "of a file that was refused" in found


def keep_going(home: Path, data: bytes) -> Answer:
    """Import what can be taken."""
    return invoke(home, "import", "-", "--keep-going", "--format", "json", told=data)


def test_attacked_files_taken_as_far_as_they_can_be(home: Path) -> None:
    """With --keep-going no attacked file brings a traceback or a part of a line."""
    dice = random.Random(settings.SEED + 1)
    for _ in range(settings.FILES // 3):
        data = attacked(dice)
        assert crash(keep_going(home, data)) is None, data
    assert disagreements(home) == []


@pytest.mark.parametrize(
    "line",
    [
        b'{"episode":"a","id":"b","event":"headache-assessed","data":{"note":"' + b"x" * 10**7,
        b"[" * 10**7,
        b'{"a":' * 10**6,
        b"\0" * 10**7,
        b"1" * 10**7,
        b'"' + b"\\u0041" * 10**6 + b'"',
    ],
    ids=["note", "brackets", "objects", "NUL", "digits", "escapes"],
)
def test_huge_line(line: bytes, home: Path) -> None:
    """A line of ten megabytes is refused in words that are not themselves huge."""
    answer = importing(home, b"\n".join([*history(1, 2), line, *history(2, 2)]))
    assert refused(answer, "line 3", "nothing was imported", code=2)
    assert len(answer.err) < 2000


@pytest.mark.parametrize("data", [b"", b"\n\n\n", b"\xef\xbb\xbf", b" "])
def test_empty_file(data: bytes, home: Path) -> None:
    """A file without a line changes nothing and is no error of the program."""
    before = events(home)
    assert crash(importing(home, data), [0, 2]) is None
    assert events(home) == before


@pytest.mark.parametrize("name", ["missing", "directory"])
def test_file_that_is_none(name: str, home: Path) -> None:
    """A file that is missing, or is a directory, is named."""
    path = home.parent / name
    if name == "directory":
        path.mkdir()
    assert refused(invoke(home, "import", str(path)), name, code=2)

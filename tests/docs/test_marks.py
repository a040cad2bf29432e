"""What a test holds is read from its marks."""

from pathlib import Path

import pytest

from scripts.documentation import marks
from scripts.documentation.marks import MarkError, Test

MARKED = """
import pytest

KINDS = ("r", "s")

@pytest.mark.rule("a", "b")
def test_two_rules():
    '''It
    holds.

    More.'''

@pytest.mark.stage("lost")
class TestLost:
    pytestmark = pytest.mark.leak
    def test_in_a_class(self): ...

@pytest.mark.parametrize("x", [pytest.param(k, marks=pytest.mark.reminder(k)) for k in KINDS])
def test_with_parameters(x): ...

def test_without_marks(): ...
"""


def held(root: Path, text: str) -> dict[str, list[Test]]:
    """Return the tests of a test file with this text, by mark."""
    (root / "tests").mkdir()
    (root / "tests" / "test_it.py").write_text(text)
    return {f"{mark.kind} {mark.name}".strip(): tests for mark, tests in marks.read(root).items()}


def test_marks_are_read(tmp_path: Path) -> None:
    """A mark holds for a test wherever it stands: at it, at its class, at one of its parameters."""
    two = [Test("tests/test_it.py", "test_two_rules", "It holds.")]
    inside = [Test("tests/test_it.py", "TestLost::test_in_a_class", "")]
    parameters = [Test("tests/test_it.py", "test_with_parameters", "")]
    assert held(tmp_path, MARKED) == {
        "rule a": two,
        "rule b": two,
        "stage lost": inside,
        "leak": inside,
        "reminder r": parameters,
        "reminder s": parameters,
    }


@pytest.mark.parametrize("arguments", ["", "1"])
def test_a_mark_needs_a_name(tmp_path: Path, arguments: str) -> None:
    """A mark that does not say what the test holds is refused, with the test named."""
    text = f"import pytest\n@pytest.mark.rule({arguments})\ndef test_x(): ...\n"
    with pytest.raises(MarkError, match=r"test_it\.py::test_x: the mark rule needs a name"):
        held(tmp_path, text)


def test_tests_that_cannot_be_collected_are_an_error(tmp_path: Path) -> None:
    """A test file that does not import is told, rather than left out."""
    with pytest.raises(MarkError, match="no_such_module"):
        held(tmp_path, "import no_such_module\n# pytest.mark.rule\n")

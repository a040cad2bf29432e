"""A version of the tables that nobody knows: it is named, and so is what to do."""

import pytest

from scripts import verify_audit as independent
from tests.audit.conftest import Tracker


@pytest.mark.parametrize("version", ["zzz", "", "1.5"])
@pytest.mark.parametrize(
    "words", [("worklist",), ("audit", "verify"), ("db", "upgrade"), ("scheduler", "tick")]
)
def test_every_command_names_it(patched: Tracker, version: str, words: tuple[str, ...]) -> None:
    """It is no fault of the program, and going on is left to who can judge."""
    patched.execute(f"UPDATE alembic_version SET version_num = '{version}'")
    code, told = patched.refused(*words)
    assert (code, "have a version that is unknown" in told) == (1, True)


@pytest.mark.backends("sqlite")
def test_the_independent_verifier_names_it(
    patched: Tracker, capsys: pytest.CaptureFixture[str]
) -> None:
    """It does not say that all is well with what the program refuses."""
    assert independent.main([str(patched.home)]) == 0
    patched.execute("UPDATE alembic_version SET version_num = 'zzz'")
    capsys.readouterr()
    assert independent.main([str(patched.home)]) == 6
    assert "schema: alembic_version holds a version that never was" in capsys.readouterr().out

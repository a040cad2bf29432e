"""Who types is whom the operating system says."""

import os
import pwd

import pytest

from tracker.cli.session import login


def test_the_environment_names_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever calls themselves another in the environment is on record as who they are."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert login() == pwd.getpwuid(os.getuid()).pw_name


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user of whom the system knows no name is known by number."""
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    assert login() == "uid-4000000"


def test_a_name_that_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is kept as an escape."""
    strange = pwd.struct_passwd(("a\udcff", "x", 1, 1, "", "/", ""))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: strange)
    assert login() == "a\\udcff"

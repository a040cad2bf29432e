"""Channels made from the configuration, with secrets from where it says."""

from pathlib import Path

import pytest

from tests.channels.conftest import MESSAGE, Certificate, now
from tests.channels.servers import mail_server, web_server
from tests.channels.test_settings import HOOK, MAIL, site
from tests.channels.test_webhook import SECRET, genuine
from tracker.channels.configured import Channels
from tracker.channels.template import DEFAULT
from tracker.errors import NotFoundError, UsageError


def channels(home: Path, text: str, **environ: str) -> Channels:
    """Return the channels of a configuration."""
    return Channels(site(home, text), clock=now, write=lambda _: None, environ=environ)


def secret(path: Path, text: str = SECRET, mode: int = 0o600) -> Path:
    """Write a secret."""
    path.write_text(text + "\n")
    path.chmod(mode)
    return path


def test_a_webhook_with_a_secret_file(home: Path) -> None:
    """The secret comes from a file beside the configuration, without the line's end."""
    secret(home / "hook.secret")
    with web_server() as web:
        made = channels(home, HOOK.replace("https://example.org/in", web.url))
        made.get("hook").send(MESSAGE)
    [(_, headers, body)] = web.asked
    assert genuine(headers, body)


def test_mail_with_a_password_from_the_environment(home: Path, certificate: Certificate) -> None:
    """The password comes from a variable, the certificates from a file."""
    with mail_server(starttls=certificate.server, auth=True) as box:
        text = MAIL.replace("mail.example.org", "127.0.0.1")
        text += f'port = {box.port}\nca_file = "{certificate.ca_file}"\n'
        channels(home, text, MAIL_PASSWORD="open sesame").get("mail").send(MESSAGE)
    assert len(box.taken) == 1


def test_an_apprise_url_from_the_environment(home: Path) -> None:
    """The URL of a service comes from a variable."""
    text = '[channels.chat]\nkind = "apprise"\nurl_env = "CHAT"\n'
    with web_server() as web:
        made = channels(home, text, CHAT=web.url.replace("http", "json", 1))
        made.get("chat").send(MESSAGE)
    assert len(web.asked) == 1


def test_a_file_beside_the_configuration(home: Path) -> None:
    """A path starts from the data directory."""
    channels(home, '[channels.f]\nkind = "file"\npath = "f.jsonl"\n').get("f").send(MESSAGE)
    assert (home / "f.jsonl").exists()


def test_a_channel_is_made_once(home: Path) -> None:
    """Asked for again it is the same."""
    made = channels(home, '[channels.c]\nkind = "console"\n')
    assert made.get("c") is made.get("c")
    assert made.template("c") is DEFAULT


def test_an_unknown_channel(home: Path) -> None:
    """A name that is not configured is not found, and those that are, are listed."""
    with pytest.raises(NotFoundError) as caught:
        channels(home, HOOK).get("mail")
    assert "hook" in (caught.value.hint or "")


def test_a_variable_that_is_not_set(home: Path) -> None:
    """A missing secret is told with its place and its name."""
    with pytest.raises(UsageError, match=r"channels.mail.password_env: .* MAIL_PASSWORD"):
        channels(home, MAIL).get("mail")


@pytest.mark.parametrize("mode", [0o604, 0o620, 0o641])
def test_a_secret_that_others_can_get_at(home: Path, mode: int) -> None:
    """A file of a secret must be for its owner alone, or for a group to read."""
    secret(home / "hook.secret", mode=mode)
    with pytest.raises(UsageError, match=rf"channels.hook.secret_file: .* mode {mode:o}") as caught:
        channels(home, HOOK).get("hook")
    assert SECRET not in caught.value.message


@pytest.mark.parametrize("mode", [0o400, 0o640])
def test_twin_a_secret_that_is_closed(home: Path, mode: int) -> None:
    """The same file, for its owner alone or for a group to read, is taken."""
    secret(home / "hook.secret", mode=mode)
    assert channels(home, HOOK).get("hook")


@pytest.mark.parametrize("text", ["", "\n", "x" * 20_000])
def test_a_secret_that_cannot_be_one(home: Path, text: str) -> None:
    """An empty file, or one that is far too long, is refused."""
    secret(home / "hook.secret", text)
    with pytest.raises(UsageError, match=r"channels.hook.secret_file: "):
        channels(home, HOOK).get("hook")


def test_a_secret_that_is_missing_or_a_directory(home: Path) -> None:
    """What is no file is refused."""
    with pytest.raises(UsageError, match="cannot be read"):
        channels(home, HOOK).get("hook")
    (home / "hook.secret").mkdir(mode=0o700)
    with pytest.raises(UsageError, match="is not a file"):
        channels(home, HOOK).get("hook")


def test_an_address_by_reference_is_checked_too(home: Path) -> None:
    """An address from a variable must be one, and is not shown."""
    secret(home / "hook.secret")
    text = HOOK.replace("url", "url_env").replace("https://example.org/in", "HOOK_URL")
    with pytest.raises(UsageError, match=r"channels.hook.url: http would be read") as caught:
        channels(home, text, HOOK_URL="http://example.org/k3y").get("hook")
    assert "k3y" not in caught.value.message


def test_certificates_that_are_missing(home: Path) -> None:
    """A file of certificates that is not there is told with its place."""
    secret(home / "hook.secret")
    with pytest.raises(UsageError, match=r"channels.hook.ca_file: .*none.pem"):
        channels(home, HOOK + 'ca_file = "none.pem"').get("hook")


def test_words_of_a_channel(home: Path) -> None:
    """A channel may have its own words."""
    (home / "words.txt").write_text("Subject: Look at $episode\n\nPlease.\n")
    made = channels(home, HOOK + 'template = "words.txt"')
    assert made.template("hook").fill({"episode": "E-1"}) == ("Look at E-1", "Please.\n")

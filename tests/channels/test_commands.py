"""`tracker channels`."""

import json

import pytest

from tests.channels.conftest import Tracker
from tests.channels.servers import web_server
from tests.channels.test_settings import MAIL
from tests.channels.test_webhook import genuine

FILE = '[channels.log]\nkind = "file"\npath = "out.jsonl"\n'
CONSOLE = '[channels.screen]\nkind = "console"\n'


@pytest.fixture
def configured(tracker: Tracker) -> Tracker:
    """A data directory with a console, a file and mail that lacks its password."""
    tracker.ok("init")
    (tracker.home / "config.toml").write_text(FILE + CONSOLE + MAIL)
    tracker.environ["MAIL_PASSWORD"] = None
    return tracker


def hooked(tracker: Tracker, url: str) -> None:
    """Configure a webhook."""
    tracker.environ["HOOK_SECRET"] = "0123456789abcdef"
    text = f'[channels.hook]\nkind = "webhook"\nurl = "{url}"\nsecret_env = "HOOK_SECRET"\n'
    (tracker.home / "config.toml").write_text(text)


def test_list_says_what_could_send(configured: Tracker) -> None:
    """Each channel is listed, with what it lacks."""
    rows = {row["channel"]: row for row in configured.json("channels", "list")}
    assert {name: row["state"] for name, row in rows.items()} == {
        "log": "ok",
        "screen": "ok",
        "mail": "failed",
    }
    assert "MAIL_PASSWORD" in rows["mail"]["text"]


def test_list_sends_nothing(configured: Tracker) -> None:
    """Listing makes no file."""
    configured.ok("channels", "list")
    assert not (configured.home / "out.jsonl").exists()


def test_list_without_channels(tracker: Tracker) -> None:
    """Without any it says how to add one."""
    tracker.ok("init")
    result = tracker.run("channels", "list")
    assert "[channels.NAME]" in result.stderr


def test_list_says_that_some_episodes_have_nobody(configured: Tracker) -> None:
    """When no recipient is for everybody, that is said."""
    text = FILE + '[[recipients]]\nchannel = "log"\n'
    (configured.home / "config.toml").write_text(text + 'coordinator = "anna"\n')
    assert "nobody" in configured.run("channels", "list").stderr
    (configured.home / "config.toml").write_text(text)
    assert "nobody" not in configured.run("channels", "list").stderr


def test_list_says_which_level_nobody_is_named_for(episode: Tracker) -> None:
    """As soon as there are episodes; the first level falls to the usual people."""
    people = FILE + '[[recipients]]\nchannel = "log"\n'
    (episode.home / "config.toml").write_text(people)
    told = episode.run("channels", "list").stderr
    assert "Warning: nobody is named for level 1" in told
    assert "levels = [1] in one of [[recipients]]" in told
    staffed = "".join(f'[[recipients]]\nchannel = "log"\nlevels = [{n}]\n' for n in range(1, 9))
    (episode.home / "config.toml").write_text(people + staffed)
    assert "level" not in episode.run("channels", "list").stderr


def test_list_says_which_name_no_episode_has(episode: Tracker) -> None:
    """A slip in a name is somebody who hears nothing."""
    text = FILE + '[[recipients]]\nchannel = "log"\ncoordinator = "ana"\n'
    (episode.home / "config.toml").write_text(text)
    told = episode.run("channels", "list").stderr
    assert "no episode has the coordinator 'ana'" in told
    assert "anna" in told


def test_test_sends_one(configured: Tracker) -> None:
    """Testing a channel sends one message and says its id."""
    row = configured.json("channels", "test", "log")
    [line] = (configured.home / "out.jsonl").read_text().splitlines()
    assert row["delivered"] is True
    assert json.loads(line)["id"] == row["message"]


def test_test_of_the_console(configured: Tracker) -> None:
    """On the console the line is shown; among JSON it goes to stderr."""
    assert "nothing is owed" in configured.ok("channels", "test", "screen")
    assert configured.json("channels", "test", "screen")["delivered"] is True


def test_test_of_a_webhook(configured: Tracker) -> None:
    """The receiver gets a signed message."""
    with web_server() as web:
        hooked(configured, web.url)
        configured.ok("channels", "test", "hook", "--to", "ward 7")
    [(_, headers, body)] = web.asked
    assert genuine(headers, body)
    assert json.loads(body)["to"] == "ward 7"


def test_test_that_fails(configured: Tracker) -> None:
    """What went wrong is told, and the exit code is 1."""
    with web_server((500, {})) as web:
        hooked(configured, web.url)
        result = configured.run("channels", "test", "hook", "--format", "json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["delivered"], told["temporary"]) == (False, True)
    assert "500" in told["error"]


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        (("nix",), 3, "no channel 'nix'"),
        (("mail",), 2, "MAIL_PASSWORD"),
        (("log", "--to", "x"), 2, "takes no address"),
    ],
)
def test_test_of_what_cannot_be(
    configured: Tracker, words: tuple[str, ...], code: int, what: str
) -> None:
    """A channel that is unknown, lacks a secret or takes no address is refused."""
    refused, told = configured.refused("channels", "test", *words)
    assert refused == code
    assert what in told


def test_mail_needs_an_address(configured: Tracker) -> None:
    """Without a recipient mail cannot be tested, unless an address is given."""
    configured.environ["MAIL_PASSWORD"] = "x"
    code, told = configured.refused("channels", "test", "mail")
    assert (code, "--to" in told) == (2, True)


def test_doctor_looks_at_channels(configured: Tracker) -> None:
    """A channel that lacks its secret fails the check of the configuration."""
    result = configured.run("doctor", "--format", "json")
    [config] = [row for row in json.loads(result.stdout) if row["check"] == "config"]
    assert config["state"] == "failed"
    assert "MAIL_PASSWORD" in config["text"]


def test_the_worklist_needs_no_channels(configured: Tracker) -> None:
    """The worklist of a site with channels is read although its configuration of them is wrong."""
    (configured.home / "config.toml").write_text(FILE + "[channels.x]\nkind = 'pigeon'\n")
    assert configured.json("worklist") == []

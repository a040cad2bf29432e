"""Any Apprise URL: here one of a JSON endpoint."""

import json
import sys

import pytest

from tests.channels.conftest import MESSAGE
from tests.channels.servers import Web, web_server
from tracker.channels.apprise import AppriseChannel
from tracker.channels.base import DeliveryError
from tracker.errors import UsageError


def url(web: Web, login: str = "") -> str:
    """Return what Apprise calls that server."""
    return web.url.replace("http://", f"json://{login}") + "?rto=0.5&cto=2"


def test_a_message_arrives() -> None:
    """The service gets subject and body."""
    with web_server() as web:
        AppriseChannel(url(web)).send(MESSAGE)
    [(_, _, body)] = web.asked
    told = json.loads(body)
    assert told["title"] == MESSAGE.subject
    assert told["message"].strip() == MESSAGE.body.strip()


@pytest.mark.parametrize("answer", [(500, {}), (429, {}), "hang", "close"])
def test_a_failure_is_tried_again(answer: tuple[int, dict[str, str]] | str) -> None:
    """Whatever a service answers, trying again may help: Apprise does not tell."""
    with web_server(answer) as web, pytest.raises(DeliveryError) as caught:
        AppriseChannel(url(web)).send(MESSAGE)
    assert caught.value.temporary
    assert caught.value.detail


def test_what_is_told_holds_no_key() -> None:
    """The words of a failure hold nothing of the URL but the scheme."""
    with web_server((500, {})) as web, pytest.raises(DeliveryError) as caught:
        AppriseChannel(url(web, "user:s3cret-key@")).send(MESSAGE)
    assert "500" in caught.value.detail
    assert "s3cret" not in caught.value.detail


def test_what_is_told_is_masked() -> None:
    """A key in a warning, as it stands in the URL or decoded, is masked."""
    sender = AppriseChannel("json://user:a%20long%20key@localhost/")
    told = sender._without_secrets(["before", "refused a long key / a%20long%20key"])
    assert told == "refused *** / ***"


@pytest.mark.parametrize("text", ["nothing", "nosuch://host", "json://", "/etc/apprise.yml"])
def test_what_is_no_url(text: str) -> None:
    """What Apprise does not know is refused without being shown."""
    with pytest.raises(UsageError, match="not a URL that Apprise knows") as caught:
        AppriseChannel(text)
    assert text not in caught.value.message


def test_apprise_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Apprise is not installed, the error says how to install it."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(UsageError) as caught:
        AppriseChannel("json://localhost")
    assert "[notify]" in (caught.value.hint or "")

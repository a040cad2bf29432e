"""Messages to any service that Apprise reaches; it comes with the extra `notify`."""

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tracker.channels.base import DeliveryError, Message
from tracker.errors import UsageError

if TYPE_CHECKING:
    from apprise import Apprise

_LONGEST = 300
_WORD = re.compile(r"[^/:@?&=#]{4,}")


class AppriseChannel:
    """Sends each message through one Apprise URL."""

    def __init__(self, url: str) -> None:
        """Take the URL. Raises UsageError if it is none, or if Apprise is not installed."""
        self._url = url
        self._apprise = _apprise(url)

    def send(self, message: Message) -> None:
        """Send the message. Raises DeliveryError; Apprise does not tell if trying again helps."""
        from apprise import NotifyFormat, NotifyType

        sent = self._apprise.notify(
            body=message.body,
            title=message.subject,
            notify_type=NotifyType.WARNING if message.urgent else NotifyType.INFO,
            body_format=NotifyFormat.TEXT,
        )
        if not sent:
            told = [entry.message for entry in sent.logs()]
            raise DeliveryError(self._without_secrets(told) or "Apprise could not send it")

    def _without_secrets(self, told: list[str]) -> str:
        """Return the last warning without what the URL holds: any part of it may be a key."""
        last = " ".join(told[-1].split()) if told else ""
        for word in _WORD.findall(self._url.partition("://")[2]):
            for form in (word, unquote(word)):
                last = last.replace(form, "***")
        return last[:_LONGEST]


def _apprise(url: str) -> "Apprise":
    try:
        from apprise import Apprise
    except ImportError as error:
        raise UsageError(
            "Apprise is not installed", hint="pip install 'csf-tracker[notify]'"
        ) from error
    found = Apprise()
    if "://" not in url or not found.add(url):
        raise UsageError(
            "this is not a URL that Apprise knows", hint="such as mailto:// or json://"
        )
    return found

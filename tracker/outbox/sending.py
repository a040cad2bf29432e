"""One message on its way out: its words, its channel, and a second try at once."""

from tracker.channels.base import Channel, DeliveryError, Message
from tracker.channels.configured import Channels
from tracker.channels.template import IDENTIFYING, Template
from tracker.decoding import decode
from tracker.errors import TrackerError
from tracker.outbox.entries import DAILY
from tracker.outbox.items import Item, Parcel
from tracker.outbox.together import bundle_message
from tracker.reminders.digest import Daily, daily_message
from tracker.reminders.message import Notice
from tracker.retrying import attempts
from tracker.service import Service

_PAUSE = 0.2
"""Seconds between tries at once, and as much again by chance."""


class UnusableChannelError(DeliveryError):
    """This process cannot use the channel: it lacks a secret, or the configuration is wrong."""


class AbandonedError(DeliveryError):
    """A send took too long and was left to itself: the message may have gone out, or may yet."""


class Sender:
    """Sends parcels through the channels of a site."""

    def __init__(self, service: Service, channels: Channels, tries: int) -> None:
        self._service = service
        self._channels = channels
        self._tries = tries

    def send(self, parcel: Parcel) -> None:
        """Send what a parcel holds. Raises DeliveryError, or its kin UnusableChannelError."""
        try:
            channel = self._channels.get(parcel.first.channel)
            message = self._message(parcel)
        except TrackerError as error:
            # Temporary: somebody may set the configuration right.
            raise UnusableChannelError(f"it cannot be sent: {error.message}") from error
        except Exception as error:  # a message that cannot be written must not stop the others
            raise DeliveryError(f"it cannot be written: {type(error).__name__}") from error
        self._try(channel, message)

    def _try(self, channel: Channel, message: Message) -> None:
        for attempt in attempts(_worth_trying_at_once, times=self._tries, first_wait=_PAUSE):
            with attempt:
                _send(channel, message)

    def _message(self, parcel: Parcel) -> Message:
        item = parcel.first
        if item.form == DAILY:
            daily = decode(item.content, Daily)
            return daily_message(parcel.message, item.recipient, daily)
        notices = [decode(i.content, Notice) for i in parcel.items]
        now = self._service.now()
        if parcel.bundle:
            outage = all(i.bundled for i in parcel.items)
            return bundle_message(parcel.message, item.recipient, notices, now, outage=outage)
        template = self._channels.template(item.channel)
        return notices[0].message(
            template,
            now=now,
            id=parcel.message,
            to=item.recipient,
            urgent=item.urgent,
            more=self._more(item, template),
        )

    def _more(self, item: Item, template: Template) -> dict[str, str | None]:
        """Return further placeholders; who the patient is only if the site's words ask for it."""
        more = {"coordinator": item.coordinator, "site": item.site}
        if template.names & IDENTIFYING and item.episode_key is not None:
            ref = self._service.by_key(item.episode_key)
            more |= {"patient": ref and ref.patient, "reference": ref and ref.reference}
        return more


def _worth_trying_at_once(error: Exception) -> bool:
    return isinstance(error, DeliveryError) and error.temporary and error.retry_after is None


def _send(channel: Channel, message: Message) -> None:
    try:
        channel.send(message)
    except DeliveryError:
        raise
    except Exception as error:  # a channel that is broken must not stop the others
        raise DeliveryError(f"the channel failed: {type(error).__name__}") from error

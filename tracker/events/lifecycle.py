"""The episode itself: opening, care elsewhere, loss, death, closing, who looks after it."""

from typing import Annotated, Literal

from msgspec import Meta

from tracker.events import fields as f
from tracker.events.base import EventData, Role, event

ProtocolId = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9-]*@[0-9][0-9A-Za-z.-]*$",
        max_length=100,
        description="protocol and version, id@version",
    ),
]


@event("episode-opened", Role.LEDGER)
class EpisodeOpened(EventData):
    """An episode of care was opened."""

    patient: Annotated[f.Name, Meta(description="record number of the patient")] | None = None
    reference: (
        Annotated[f.Name, Meta(description="the client's own name for the episode")] | None
    ) = None
    short_id: Annotated[f.Name, Meta(description="short id people use")] | None = None
    time_zone: Annotated[f.Name, Meta(description="IANA time zone of the episode")] | None = None
    site: Annotated[f.Name, Meta(description="site of care")] | None = None
    coordinator: Annotated[f.Name, Meta(description="who coordinates the care")] | None = None
    protocol: ProtocolId | None = None
    another_reason: (
        Annotated[f.Reason, Meta(description="why beside an open episode of the patient")] | None
    ) = None


@event("specialist-referral-made")
class SpecialistReferralMade(EventData):
    """The patient was referred to a specialist center (L77)."""

    to: Annotated[f.Name, Meta(description="the center")] | None = None
    reason: f.Text | None = None


class _Movement(EventData):
    to: Annotated[f.Name, Meta(description="where to")] | None = None
    outcome: Annotated[f.Text, Meta(description="how the patient was")] | None = None
    cause: Annotated[f.Text, Meta(description="cause")] | None = None


@event("patient-discharged")
class PatientDischarged(_Movement):
    """The patient went home."""


@event("patient-transferred")
class PatientTransferred(_Movement):
    """The patient's care went to another place; reminders are suspended."""


@event("patient-readmitted")
class PatientReadmitted(_Movement):
    """The patient came back."""


@event("patient-died")
class PatientDied(_Movement):
    """The patient died; every reminder is cancelled."""


class _Contact(EventData):
    mode: Annotated[f.Name, Meta(description="how contact was tried")] | None = None
    note: f.Note | None = None


@event("contact-failed", Role.LEDGER)
class ContactFailed(_Contact):
    """The patient could not be reached."""


@event("lost-to-follow-up", Role.LEDGER)
class LostToFollowUp(_Contact):
    """The patient is lost to follow-up."""


class _Closing(EventData):
    outcome: (
        Annotated[
            Literal["resolved", "transferred", "died", "lost", "excluded", "other"],
            Meta(description="how the episode ended"),
        ]
        | None
    ) = None
    reason: f.Reason | None = None


@event("episode-closed", Role.LEDGER)
class EpisodeClosed(_Closing):
    """The episode was closed."""


@event("episode-reopened", Role.LEDGER)
class EpisodeReopened(_Closing):
    """A closed episode was opened again."""


@event("episode-assigned", Role.LEDGER)
class EpisodeAssigned(EventData):
    """The episode was given to somebody."""

    to: Annotated[f.Name, Meta(description="who coordinates the care from now on")] | None = None


@event("episode-erased", Role.LEDGER | Role.SCHEDULER)
class EpisodeErased(EventData):
    """The patient's record was erased: what came before can no longer be read."""

    reason: f.Reason
    second_person: Annotated[f.Name, Meta(description="who agreed to it, beside the actor")]
    short_id: Annotated[f.Name, Meta(description="short id people use")] | None = None


class _Link(EventData):
    other_episode: Annotated[f.Name, Meta(description="the other episode")]
    reason: f.Text | None = None


@event("episodes-linked", Role.LEDGER)
class EpisodesLinked(_Link):
    """The episode was linked to another one."""


@event("episodes-unlinked", Role.LEDGER)
class EpisodesUnlinked(_Link):
    """A link to another episode was undone."""

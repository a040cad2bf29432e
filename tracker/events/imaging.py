"""Imaging: ordered, performed, cancelled."""

from typing import Annotated

from msgspec import Meta

from tracker.events import fields as f
from tracker.events.base import EventData, Role, event


class _Imaging(EventData):
    modality: f.Modality | None = None
    regions: Annotated[tuple[f.Region, ...], Meta(description="what is imaged")] = ()
    contrast: Annotated[bool, Meta(description="with contrast medium")] | None = None
    indication: f.Indication | None = None
    suspected_leak: f.LeakType | None = None
    position: f.BodyPosition | None = None
    result: Annotated[f.Text, Meta(description="what it showed")] | None = None
    order: (
        Annotated[f.EventId, Meta(description="the order meant; absent: the latest open one")]
        | None
    ) = None


@event("imaging-ordered", Role.ORDER)
class ImagingOrdered(_Imaging):
    """Imaging was ordered (L60-L80)."""


@event("imaging-performed", Role.PROCEDURE)
class ImagingPerformed(_Imaging):
    """Imaging was done."""


@event("imaging-cancelled", Role.ORDER)
class ImagingCancelled(_Imaging):
    """An imaging order was cancelled."""

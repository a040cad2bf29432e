"""`tracker open`: an episode for a patient."""

import click

from tracker.cli.options import format_option, id_option
from tracker.cli.session import Session, pass_session
from tracker.events import NewEvent, Recorded


@click.command("open")
@click.option("--patient", required=True, metavar="MRN", help="Record number of the patient.")
@click.option("--reference", metavar="NAME", help="Your own name for the episode.")
@click.option(
    "--time-zone",
    metavar="ZONE",
    help="IANA zone of the episode. Default: the configured one, else this machine's.",
)
@click.option("--coordinator", metavar="NAME", help="Who coordinates the care.")
@click.option("--site", metavar="NAME", help="Site of care.")
@click.option("--protocol", metavar="ID@VERSION", help="Protocol that judges the episode.")
@click.option("--another", metavar="REASON", help="Open it beside an open one of the patient.")
@click.option("--at", metavar="TIME", help="When it began; default now.")
@id_option
@format_option
@pass_session
def open_episode(
    session: Session,
    patient: str,
    reference: str | None,
    time_zone: str | None,
    coordinator: str | None,
    site: str | None,
    protocol: str | None,
    another: str | None,
    at: str | None,
    event_id: str | None,
    fmt: str,
) -> None:
    """Open an episode of care and print its short id.

    The data directory is made if there is none.
    """
    from tracker import episode, times
    from tracker.cli import outcome, rights
    from tracker.pathway import DEFAULT

    settings = session.defaults
    site = site or settings.site
    if session.location.database_url is not None:
        site = rights.place(session.service(create=True), site)
    zone = time_zone or settings.time_zone or times.system_zone()
    times.zone(zone)
    fields = {
        "patient": patient,
        "reference": reference,
        "coordinator": coordinator or settings.coordinator,
        "site": site,
        "protocol": protocol,
        "another_reason": another,
        "time_zone": zone,
    }
    data = episode.checked("episode-opened", {k: v for k, v in fields.items() if v is not None})
    meta = session.meta(None if at is None else session.instant(at, zone), event_id)
    service = session.service(create=True)
    if protocol is not None:
        service.protocol(protocol)
    others = service.open_episodes_of(patient)
    session.looks.at(*(ref.uuid for ref in others))

    def decide(history: list[Recorded]) -> list[NewEvent]:
        return episode.open_episode(
            history,
            data,  # type: ignore[arg-type]
            meta,
            short_id=episode.new_short_id(service.short_id_taken),
            protocol=protocol or DEFAULT,
            time_zone=zone,
            others=[ref.name for ref in others],
        )

    known = None if reference is None else service.by_reference(reference)
    if known is not None:
        session.looks.at(known.uuid)
    done = service.append(None if known is None else known.uuid, decide)
    if done.events:
        session.looks.discharge([done.episode.uuid])
    outcome.report(session, outcome.appended(done, event_id), fmt)

"""Shell completion of what is in the data; a completion never fails, it only offers nothing."""

import click
from click.shell_completion import CompletionItem

from tracker.cli.session import Session


def _session(ctx: click.Context) -> Session:
    params = ctx.find_root().params
    return Session(params.get("home"), params.get("database"))


def complete_episode(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer short ids that begin so."""
    try:
        session = _session(ctx)
        try:
            return [CompletionItem(i) for i in session.service().short_ids(incomplete, 50)]
        finally:
            session.close()
    except Exception:  # noqa: BLE001  a failing completion would garble the prompt
        return []


def complete_event(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer ids of the events of the episode on the command line."""
    try:
        session = _session(ctx)
        try:
            history = session.service().history(session.episode(ctx.params["episode"]).uuid)
            found = [e for e in history if e.id.startswith(incomplete)]
            return [CompletionItem(e.id, help=e.topic) for e in found]
        finally:
            session.close()
    except Exception:  # noqa: BLE001  a failing completion would garble the prompt
        return []

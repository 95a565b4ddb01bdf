"""All that is stored of one incident, for a file: its record, its messages, and every post that proves something."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.desk.views.view_models import IncidentView, ShownPost, in_order, shown_post
from bot.records import ToldAlert

if TYPE_CHECKING:
    from bot.store import Store

MOST_POSTS = 300


@dataclass(frozen=True, kw_only=True)
class IncidentExport:
    """*view* holds the proofs of all facts; *told* are the messages, *posts* what is quoted."""

    view: IncidentView
    told: tuple[ToldAlert, ...] = ()
    posts: tuple[ShownPost, ...] = ()


def exported(store: Store, view: IncidentView) -> IncidentExport:
    """All that is known of the incident that *view* shows."""
    incident = view.incident
    proofs = [post for fact in incident.facts for post in fact.evidence]
    wanted = list(dict.fromkeys([*incident.evidence, *proofs]))[:MOST_POSTS]
    posts = in_order(store.posts.get(wanted), wanted)
    read = store.posts.read_as(incident.topic_id, wanted)
    return IncidentExport(
        view=replace(view, proofs={post.id: post for post in posts}),
        told=tuple(store.alerts.told(incident.id)),
        posts=tuple(shown_post(read[post.id]) if post.id in read else ShownPost(post=post) for post in posts),
    )

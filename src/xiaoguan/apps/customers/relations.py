"""Who is who at a customer, who of us talks to them, and whom nobody talks to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.customers.models import Attitude, Contact, Customer, DecisionRole
from xiaoguan.kit import access, clock, render

MOST = 80
QUIET = 90
"""Days after which somebody who matters counts as not spoken to."""
MATTERS = (
    DecisionRole.DECIDES,
    DecisionRole.BUYS,
    DecisionRole.RECOMMENDS,
    DecisionRole.CHAMPIONS,
    DecisionRole.BLOCKS,
)
NEEDED = (DecisionRole.DECIDES, DecisionRole.BUYS, DecisionRole.USES)
"""Roles that somebody plays in every purchase: where nobody is known, there is a white spot."""


@dataclass(frozen=True)
class Touch:
    """Who of us was last in touch with a contact, and on which day."""

    person: str
    on: dt.date


Coverage = Callable[[Sequence[int], Any], Mapping[int, Sequence[Touch]]]
covered_by: list[Coverage] = []
"""What knows who of us talks to whom: functions of contacts' ids and the actor, each one's touches newest first."""


def coverage(func: Coverage) -> Coverage:
    """Register what a higher app knows of talks with contacts."""
    covered_by.append(func)
    return func


@dataclass(frozen=True)
class Node:
    """One person of the map: his record, who of us talks to him, and whether he is a white spot."""

    row: Contact
    touches: tuple[Touch, ...]
    blank: bool

    @property
    def last(self) -> Touch | None:
        """The newest talk."""
        return self.touches[0] if self.touches else None


@dataclass(frozen=True)
class Map:
    """Everybody at work at a customer, the roles nobody is known for, and how many were left out."""

    nodes: tuple[Node, ...]
    missing: tuple[DecisionRole, ...]
    more: int

    @property
    def above(self) -> dict[int, int | None]:
        """Each person's superior, by ids."""
        return {node.row.pk: node.row.reports_to_id for node in self.nodes}

    @property
    def sentences(self) -> list[str]:
        """What stands out, the weightiest first."""
        if not self.nodes:
            return [_("Nobody here is known yet: who decides, who uses it, who signs?")]
        return [*self._deciders(), *self._blockers(), *self._gaps()]

    def _of(self, role: DecisionRole) -> list[Node]:
        return [node for node in self.nodes if node.row.role == role]

    def _deciders(self) -> list[str]:
        found = self._of(DecisionRole.DECIDES)
        if not found:
            return []
        spoken = sum(not node.blank for node in found)
        said = ngettext(
            "%(spoken)s of %(n)s who decides was spoken to within %(days)s days.",
            "%(spoken)s of %(n)s who decide were spoken to within %(days)s days.",
            len(found),
        )
        return [said % {"spoken": spoken, "n": len(found), "days": QUIET}]

    def _blockers(self) -> list[str]:
        found = []
        for node in self.nodes:
            if (node.row.role != DecisionRole.BLOCKS and node.row.attitude != Attitude.AGAINST) or not node.blank:
                continue
            words = {"name": node.row.name, "day": render.day(node.last.on) if node.last else ""}
            said = _("%(name)s is against it, and nobody has ever spoken to them.")
            if node.last:
                said = _("%(name)s is against it, and nobody has spoken to them since %(day)s.")
            found.append(said % words)
        return found

    def _gaps(self) -> list[str]:
        if not self.missing:
            return []
        roles = render.listed(str(role.label) for role in self.missing)
        return [_("Nobody is known who: %(roles)s.") % {"roles": roles}]


def chart(customer: Customer, actor: Any) -> Map:
    """The map of a customer as far as the actor sees it, in a number of queries that never grows."""
    rows = access.visible(Contact, actor).filter(customer=customer, left=False)
    people = list(rows.order_by("pk")[: MOST + 1])
    more = rows.count() - MOST if len(people) > MOST else 0
    people = access.covered(actor, *people[:MOST])
    touches = _touches([row.pk for row in people], actor)
    since = clock.today() - dt.timedelta(days=QUIET)
    nodes = tuple(_node(row, touches.get(row.pk, ()), since) for row in people)
    known = {row.role for row in people}
    return Map(nodes, tuple(role for role in NEEDED if role not in known) if people else (), more)


def _node(row: Contact, touches: Sequence[Touch], since: dt.date) -> Node:
    newest = tuple(sorted(touches, key=lambda touch: touch.on, reverse=True))
    spoken = bool(newest) and newest[0].on >= since
    matters = row.role in MATTERS or row.attitude == Attitude.AGAINST
    return Node(row, newest, matters and not spoken)


def _touches(ids: Sequence[int], actor: Any) -> dict[int, list[Touch]]:
    found: dict[int, list[Touch]] = {}
    if ids:
        for ask in covered_by:
            for pk, touches in ask(ids, actor).items():
                found.setdefault(pk, []).extend(touches)
    return found

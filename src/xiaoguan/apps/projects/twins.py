"""Looking for a project before it is entered a second time, and the rule that asks.

Whoever looks sees the projects he may see. Of others he learns that there is one and since when it is registered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.projects import queries
from xiaoguan.apps.projects.models import Project
from xiaoguan.kit import access, guard, render
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Refusal, WayOut
from xiaoguan.lexicon import projects

CODE = "PROJECT-TWIN"
MOST = 5
FIELDS = ("name", "province", "city")
"""What is looked at while somebody types a new project."""


@dataclass(frozen=True)
class Twin:
    """A project that may be the one being entered; `row` is None where the reader may not see it."""

    likeness: float
    row: Mapping[str, Any] | None
    registered_on: dt.date | None
    protected_until: dt.date | None

    @property
    def sure(self) -> bool:
        """Whether it is so likely that saving asks once more."""
        return self.likeness >= projects.SURE

    @property
    def protected(self) -> str:
        """Since when it is registered and until when it is protected, in words; empty for one that is not."""
        if self.registered_on is None or self.protected_until is None:
            return ""
        return _("registered by a colleague since %(since)s, protected until %(until)s") % {
            "since": render.day_edit(self.registered_on),
            "until": render.day_edit(self.protected_until),
        }


def find(said: Mapping[str, Any], actor: Any) -> list[Twin]:
    """The projects that may be the one described, the likeliest first, as this actor may see them."""
    name, province, city = (" ".join(str(said.get(field) or "").split()) for field in FIELDS)
    if len(name) < 2:
        return []
    found = queries.alike(name, queries.site(province, city))[:MOST]
    ids = [row["pk"] for _value, row in found]
    seen = set(access.visible(Project, actor).filter(pk__in=ids).order_by().values_list("pk", flat=True))
    held = queries.standing(ids)
    made = []
    for value, row in found:
        registration = held.get(row["pk"])
        mine = registration is not None and registration.owner_id == actor.pk
        days = (registration.registered_on, registration.protected_until) if registration and not mine else (None, None)
        made.append(Twin(value, row if row["pk"] in seen else None, *days))
    return made


@guard.register("projects.project.create", code=CODE, label=gettext_lazy("Asks before a project is entered twice"))
def ask_first(attempt: guard.Attempt) -> None:
    """Refuse what is surely there already unless somebody said why it is entered all the same.

    Asked are people who fill in a form and programs that use the API; an import matches its rows by itself.
    """
    reason = guard.said(CODE)
    if reason is None and attempt.work.source != "api":
        return
    if reason:
        attempt.work.change.note = reason
        return
    several = [attempt.values] if isinstance(attempt.values, Mapping) else attempt.values
    for values in several:
        if sure := [twin for twin in find(values, attempt.actor) if twin.sure]:
            raise refusal(str(values.get("name") or ""), sure)


def refusal(name: str, sure: list[Twin]) -> Refusal:
    """What the rule says, and the ways out."""
    entity = Entity.of(Project)
    ways = [
        WayOut(
            _("Open %(name)s") % {"name": twin.row["name"]},
            entity.url("detail", twin.row["pk"]),
            twin.protected or _("owner %(name)s") % {"name": twin.row["owner__name"] or _("nobody")},
            icon="building-skyscraper",
        )
        for twin in sure
        if twin.row is not None
    ]
    hidden = [twin for twin in sure if twin.row is None]
    if hidden:
        hint = hidden[0].protected or _("The project belongs to another colleague.")
        ways.append(WayOut(_("Ask your manager"), hint=hint, icon="users"))
    ways.append(WayOut(_("Create it anyway"), hint=_("Say why; the reason stays in the history."), icon="pencil"))
    return Refusal(
        _("This project is there already"),
        _("“%(name)s” is surely the same site: name, place and owner agree.") % {"name": name},
        code=CODE,
        rule=_("A project is entered once; who registered it first is protected."),
        ways_out=ways,
    )

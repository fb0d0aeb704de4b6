"""Stage gates: what a deal needs before it goes on, who may take it back, which stages it may not pass over.

A need is met, or it can be answered by arguments of the move itself, or it has a way out. Higher apps add what they
know of (a contract in force, standard actions done) to `sources`. What comes from files or the demonstration, and
what is taken back, is history: no gate asks for anything there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.opportunities.consequences import RECORDED
from xiaoguan.apps.opportunities.models import Back, Deal, LossReason, Outcome, Stage, StageEntry
from xiaoguan.apps.opportunities.models.choosing import roles
from xiaoguan.apps.opportunities.queries import stages
from xiaoguan.kit import access, guard
from xiaoguan.kit.access import everything
from xiaoguan.kit.action import Work
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Invalid, Refusal, WayOut
from xiaoguan.kit.param import Param

Answer = Callable[[Work, Deal, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Need:
    """One thing asked of a deal: in words, whether it is met, how it is answered, and what to do where it can't be."""

    words: str
    met: bool
    way: WayOut
    params: Sequence[Param] = ()
    take: Answer | None = None
    field: str = ""
    """The field of the deal it is about, if it is about one."""

    def given(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The answers among the arguments of a move; empty unless everything required was said."""
        said = {param.name: values[param.name] for param in self.params if values.get(param.name) not in (None, "")}
        return said if all(param.name in said for param in self.params if param.required) else {}


Source = Callable[[Deal, Sequence[Stage], Stage, Any], Iterable[Need]]
"""Gets a deal, the stages it leaves, the stage it goes to, and the actor."""

sources: list[Source] = []


def source(func: Source) -> Source:
    """Register what knows of needs."""
    sources.append(func)
    return func


def left_behind(came: Stage, to: Stage) -> list[Stage]:
    """The open stages a deal has done with when it goes on: where it is, and what lies between; none on other ways."""
    on = to.is_open or to.wins
    if not (came.is_open and on and came.pipeline_id == to.pipeline_id):
        return []
    order = {stage.pk: at for at, stage in enumerate(stages())}
    if order.get(to.pk, -1) <= order.get(came.pk, -1):
        return []
    return [stage for stage in stages() if stage.is_open and order[came.pk] <= order[stage.pk] < order[to.pk]]


def needs(deal: Deal, came: Stage, to: Stage, actor: Any) -> list[Need]:
    """Everything asked of a deal that goes from one stage to another, met or not."""
    left = left_behind(came, to)
    return [need for give in sources for need in give(deal, left, to, actor)] if left else []


def asks(deal: Deal, sent: Mapping[str, Any], actor: Any) -> list[Param]:
    """What the dialog of a move asks for besides the stage: what is missing, or the reason of a loss."""
    raw = str(sent.get("to", ""))
    to = next((stage for stage in stages() if str(stage.pk) == raw), None)
    if to is None:
        return []
    if to.outcome == Outcome.LOST and deal.stage_id != to.pk and deal.loss_reason_id is None:
        return [Param("loss_reason", LossReason, _("Reason for losing"), True, None)]
    return asked_for(deal, to, actor)


def asked_for(deal: Deal, to: Stage, actor: Any) -> list[Param]:
    """The arguments that answer what a deal needs on its way to a stage."""
    found: list[Param] = []
    for need in needs(deal, deal.stage, to, actor):
        for param in need.params:
            quiet = need.met
            found.append(
                Param(param.name, param.type, param.label, param.required and not quiet, param.default, param.notes,
                      param.help, quiet)
            )  # fmt: skip
    return found


def let_pass(work: Work, deal: Deal, to: Stage, answers: Mapping[str, Any]) -> None:
    """Take the answers of a move and see that nothing is missing; raises Refusal or Invalid."""
    if work.source in RECORDED or work.reverting or deal.stage_id == to.pk:
        return
    came = deal.stage
    refuse_way(deal, came, to, work.actor)
    missing = []
    for need in needs(deal, came, to, work.actor):
        given = need.given(answers)
        if given and need.take is not None:
            need.take(work, deal, given)
        elif not need.met:
            missing.append(need)
    if not missing:
        return
    if any(not need.params for need in missing):
        raise _refusal(came, to, missing)
    raise Invalid({param.name: [_asked(to)] for need in missing for param in need.params if param.required})


def _asked(to: Stage) -> str:
    return gettext("Needed for %(stage)s.") % {"stage": to}


def _refusal(came: Stage, to: Stage, missing: Sequence[Need]) -> Refusal:
    words = gettext("; ").join(need.words for need in missing)
    return Refusal(
        gettext("This deal can't go to %(stage)s yet") % {"stage": to},
        gettext("Still missing: %(what)s.") % {"what": words},
        code="stage.criteria",
        rule=gettext("%(stage)s is left when its exit criteria are met.") % {"stage": came},
        ways_out=[need.way for need in missing],
    )


# The way itself -------------------------------------------------------------------------------------------------------


def refuse_way(deal: Deal, came: Stage, to: Stage, actor: Any) -> None:
    """Raise a Refusal for a step back that is not this person's to take, and for passing over a stage that must be."""
    if came.pipeline_id != to.pipeline_id or not came.is_open:
        return
    order = {stage.pk: at for at, stage in enumerate(stages())}
    if to.is_open and order.get(to.pk, 0) < order.get(came.pk, 0):
        _refuse_back(deal, came, actor)
        return
    passed = [stage for stage in left_behind(came, to)[1:] if not stage.skippable]
    if not passed:
        return
    rows = everything(StageEntry, because="the way a deal took does not depend on who looks")
    been = set(rows.filter(deal=deal, stage__in=passed).values_list("stage_id", flat=True))
    skipped = [stage for stage in passed if stage.pk not in been]
    if skipped:
        raise Refusal(
            gettext("This deal can't go to %(stage)s yet") % {"stage": to},
            gettext("It has not been in %(stage)s.") % {"stage": skipped[0]},
            code="stage.skipped",
            rule=gettext("%(stage)s may not be skipped.") % {"stage": skipped[0]},
            ways_out=[
                WayOut(
                    gettext("Move to %(stage)s first") % {"stage": skipped[0]},
                    url=f"{Entity.of(Deal).url('do', deal, 'move')}?to={skipped[0].pk}",
                )
            ],
        )


def _refuse_back(deal: Deal, came: Stage, actor: Any) -> None:
    whoever = {
        Back.ANYONE: lambda: True,
        Back.OWNER: lambda: deal.owner_id == actor.pk,
        Back.MANAGER: lambda: leads(deal, actor),
        Back.NOBODY: lambda: False,
        Back.ROLES: lambda: actor.roles.filter(pk__in=came.back_roles or (), deleted_at__isnull=True).exists(),
    }
    if whoever[Back(came.back)]():
        return
    who = came.get_back_display()
    if came.back == Back.ROLES:
        names = [name for code, name in roles() if code in (came.back_roles or ())]
        who = gettext("only %(roles)s") % {"roles": gettext(", ").join(names)}
    raise Refusal(
        gettext("This deal can't be moved back"),
        gettext("Moving back from %(stage)s: %(who)s.") % {"stage": came, "who": who},
        code="stage.back",
        rule=gettext("Each stage says who may take a deal back from it."),
        ways_out=[
            WayOut(
                gettext("Tell the owner or the manager"),
                url=f"{Entity.of(Deal).url('detail', deal)}?tab=comments",
                hint=gettext("Name them with an @ in a comment."),
                icon="message-2",
            )
        ],
    )


def leads(deal: Deal, actor: Any) -> bool:
    """Whether somebody stands above the owner, or looks after all deals."""
    if access.grants(actor).scope(Entity.of(Deal).name, "change") == "all":
        return True
    return deal.owner_id != actor.pk and access.policy().reaches(actor, deal.owner_id, deal.unit_id, leading=True)


@guard.register("opportunities.deal.update", code="stage.criteria", label=_("Exit criteria of stages"))
def guard_editing(attempt: guard.Attempt) -> None:
    """A stage changed in a form, a cell or by the API asks for the same; what the form itself fills in counts."""
    if attempt.work.source in RECORDED:
        return
    known = {stage.pk: stage for stage in stages()}
    for deal in attempt.rows:
        if "stage_id" not in deal.changed_fields():
            continue
        came, to = known.get(deal._loaded["stage_id"]), deal.stage
        if came is None:
            continue
        refuse_way(deal, came, to, attempt.actor)
        missing = [need for need in needs(deal, came, to, attempt.actor) if not need.met]
        if all(need.field for need in missing):
            errors = {need.field: [_asked(to)] for need in missing}
            if errors:
                raise Invalid(errors)
        elif missing:
            raise _refusal(came, to, missing)

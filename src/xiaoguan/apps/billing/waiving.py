"""Give up what is outstanding on an instalment: small sums at once, from a limit on when it was approved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.approvals import asking, kinds
from xiaoguan.apps.approvals.kinds import Measure
from xiaoguan.apps.approvals.models import Request, State as RequestState
from xiaoguan.apps.billing.models import Instalment, Kind, State
from xiaoguan.apps.billing.seeding import WAIVER as CODE, WAIVER_ROUTES
from xiaoguan.kit import clock, guard, render
from xiaoguan.kit.action import Work, action
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Refusal, WayOut

MONEY = ("amount", "paid", "outstanding")
FROZEN = {"amount", "contract_id", "kind", "due_on", "milestone", "days"}


def _snapshot(instalment: Instalment) -> dict[str, Any]:
    return {
        "contract": str(instalment.contract), "customer": str(instalment.customer or ""), "kind": instalment.kind,
        "amount": instalment.amount, "paid": instalment.paid, "outstanding": instalment.outstanding,
        "due_on": instalment.due_on.isoformat() if instalment.due_on else "", "owner": str(instalment.owner or ""),
    }  # fmt: skip


def _show(snapshot: Mapping[str, Any], hidden: frozenset[str]) -> list[tuple[Any, SafeString | str]]:
    labels = {
        "outstanding": gettext("To be waived"), "contract": gettext("Contract"), "customer": gettext("Customer"),
        "kind": gettext("Instalment"), "amount": gettext("Amount"), "paid": gettext("Paid"),
        "due_on": gettext("Due on"), "owner": gettext("Owner"),
    }  # fmt: skip
    found: list[tuple[Any, SafeString | str]] = []
    for name, label in labels.items():
        value = snapshot.get(name)
        if name in hidden or value in ("", None):
            continue
        if name in MONEY:
            found.append((label, render.money_exact(value)))
        else:
            found.append((label, str(Kind(value).label if name == "kind" else value)))
    return found


def _settle(work: Work, request: Request, instalment: Instalment) -> None:
    """Approved: it is owed no more from today; anything else: it is owed as before."""
    if request.state == RequestState.APPROVED and instalment.open:
        _close(work, instalment, clock.today())


def _close(work: Work, instalment: Instalment, day: dt.date) -> None:
    instalment.status, instalment.closed_on = State.WAIVED, day
    work.save(instalment)


WAIVER = kinds.declare(
    CODE,
    _("Waiver of an instalment"),
    Instalment,
    icon="circle-minus",
    measures=(Measure("amount", _("To be waived"), "money", field="outstanding"),),
    measure=lambda instalment: {"amount": instalment.outstanding},
    snapshot=_snapshot,
    show=_show,
    settle=_settle,
    routes=WAIVER_ROUTES,
)


@action(Instalment, _("Waive"), verb="waive", position=60, icon="circle-minus", shown=lambda row: row.open)
def waive(
    work: Work,
    instalment: Instalment,
    *,
    comment: Annotated[str, _("Why")],
    on: Annotated[dt.date | None, _("On")] = None,
) -> Instalment:
    """Give up what is outstanding; until that day it was owed. From a limit on it is owed until it was approved."""
    work.change.note = comment
    request = asking.ask(work, WAIVER, instalment, note=comment) if instalment.open else None
    if request is not None:
        work.change.undoable = False
        return instalment
    _close(work, instalment, on or clock.today())
    return instalment


@guard.register("billing.instalment.update", code="instalment.waived", label=_("Waived instalments stay as they are"))
def keep_waived(attempt: guard.Attempt) -> None:
    """What was given up stays readable as it was."""
    row = next((row for row in attempt.rows if row._loaded["status"] == State.WAIVED
                and FROZEN & row.changed_fields().keys()), None)  # fmt: skip
    if row is None:
        return
    raise Refusal(
        gettext("This instalment can't be changed any more"),
        gettext("What was outstanding on it has been waived."),
        code="instalment.waived",
        rule=gettext("What was waived stays as it was waived."),
        ways_out=[
            WayOut(gettext("Look at the instalment"), url=Entity.of(row).url("detail", row), icon="calendar-due"),
        ],
    )

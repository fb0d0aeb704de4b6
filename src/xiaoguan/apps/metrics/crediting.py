"""New facts in old databases: after an upgrade the records get the credits that the version before didn't write."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.metrics import portions
from xiaoguan.kit import access, job
from xiaoguan.kit.fact import facts, write_credits
from xiaoguan.kit.models.credit import Credit

KIND = "metrics.credits"
CHUNK = 500
BECAUSE = "credits follow from records whoever may see them"


def lacking() -> list[type[models.Model]]:
    """The models with a fact or products that no credit knows though there are records; an index answers each."""
    found = portions.lacking()
    for fact in facts.values():
        if fact.model is None or fact.model in found or Credit.objects.filter(fact=fact.code).exists():
            continue
        if access.everything(fact.model, because=BECAUSE).filter(**{f"{fact.on}__isnull": False}).exists():
            found.append(fact.model)
    return found


@job.job(KIND, label=_("Credit for facts"), slow=True)
def catch_up(run: job.Run) -> dict[str, Any]:
    """Write the credits of every record of the models that lack some, in the order of ids.

    The cursor holds the models still to do and the last record done. What people save meanwhile is written by
    themselves; a record is held while its credits are made.
    """
    waiting = run.cursor or {"models": sorted(model._meta.label_lower for model in lacking()), "last": 0}
    done = []
    while waiting["models"]:
        name = waiting["models"][0]
        model = next(fact.model for fact in facts.values() if fact.model and fact.model._meta.label_lower == name)
        with run.chunk() as step:
            rows = access.everything(model, because=BECAUSE).filter(pk__gt=waiting["last"])
            part = list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk")[:CHUNK])
            if part:
                write_credits(part, fresh=False)
                waiting = {**waiting, "last": part[-1].pk}
            if len(part) < CHUNK:
                done.append(name)
                waiting = {"models": waiting["models"][1:], "last": 0}
            step.cursor, step.done = waiting, len(part)
    return {"credited": done}

"""The same request sent twice is done once: answers are stored in the transaction of what they answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.api.models import Answer
from xiaoguan.api.problems import Problem
from xiaoguan.kit import clock, job, schedule

KEPT = timedelta(days=30)
LONGEST = 200
PRINTABLE = re.compile(r"[!-~]+")
CARRIED = ("Location", "ETag")


def once(request: HttpRequest, actor: Any, work: Callable[[], HttpResponse]) -> HttpResponse:
    """Run `work` in one transaction with its answer under the request's `Idempotency-Key`, or give the kept answer.

    A second request waits for the first one's transaction (PostgreSQL) or its lock (SQLite) and then finds the
    answer. Errors are not kept: they changed nothing, and trying again may succeed. Raises Problem 409 where the
    key was used for another request.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return work()
    if len(key) > LONGEST or not PRINTABLE.fullmatch(key):
        raise Problem(
            400, "bad_key", _("An idempotency key has at most %(most)s letters, digits and signs.") % {"most": LONGEST}
        )
    body = hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.body).hexdigest()
    try:
        with transaction.atomic():
            kept = Answer.objects.create(actor=actor, key=key, body=body, at=clock.machine_now())
            response = work()
            kept.status, kept.text = response.status_code, response.content.decode()
            kept.headers = {name: response[name] for name in CARRIED if name in response}
            kept.save()
            return response
    except IntegrityError:
        known = Answer.objects.filter(actor=actor, key=key).first()
        if known is None or not known.status:
            raise
    return _again(known, body)


def _again(known: Answer, body: str) -> HttpResponse:
    if known.body != body:
        raise Problem(409, "key_reused", _("This idempotency key was used for another request."))
    response = HttpResponse(known.text, status=known.status, content_type="application/json", headers=known.headers)
    if not known.text:
        del response["Content-Type"]
    response["Idempotent-Replayed"] = "true"
    return response


@job.job("api.answers", label=gettext_lazy("Clear out kept answers of the API"))
def prune(run: job.Run) -> dict[str, Any]:
    """Drop answers older than thirty days."""
    gone, _each = Answer.objects.filter(at__lt=clock.machine_now() - KEPT).delete()
    return {"removed": gone}


schedule.every("15 4 * * *", "api.answers", label=gettext_lazy("Clear out kept answers of the API"))

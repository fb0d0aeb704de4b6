"""What is done on a webhook's page, and the page of one delivery."""

from __future__ import annotations

import json
from collections import defaultdict

from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.webhooks import sending, signing
from xiaoguan.apps.webhooks.actions import end_old_secret, new_secret, subscribe
from xiaoguan.apps.webhooks.models import Delivery, Endpoint
from xiaoguan.apps.webhooks.panels import TONES, what
from xiaoguan.kit import access, clock, outbound, render, toasts
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied
from xiaoguan.kit.fields import uuid7
from xiaoguan.kit.pages import answers


def _endpoint(request: HttpRequest, pk: int) -> Endpoint:
    """An endpoint this person may change; 404 for strangers."""
    endpoint: Endpoint = answers.get(Entity.of(Endpoint), request.user, pk)
    if not access.may(request.user, "change", endpoint):
        raise Denied("change", endpoint)
    return endpoint


def _back(endpoint: Endpoint, tab: str = "setup") -> HttpResponse:
    return redirect(f"{endpoint.entity.url('detail', endpoint)}?tab={tab}")


def topics(request: HttpRequest, pk: int) -> HttpResponse:
    """Store what it hears of."""
    endpoint = _endpoint(request, pk)
    chosen: dict[str, list[str]] = defaultdict(list)
    for value in request.POST.getlist("topic"):
        name, _colon, event = value.partition(":")
        chosen[name].append(event)
    done = subscribe(endpoint, chosen, actor=request.user)
    count = sum(len(events) for events in endpoint.topics.values())
    words = ngettext("It hears of %(count)s event", "It hears of %(count)s events", count)
    toasts.tell(request, words % {"count": count}, done.change)
    return _back(endpoint)


def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a secret and show it, this once; or end the old one."""
    endpoint = _endpoint(request, pk)
    if request.POST.get("end"):
        end_old_secret(endpoint, actor=request.user)
        toasts.tell(request, _("Only the newest secret signs now"))
        return _back(endpoint)
    context = {
        "page_title": endpoint.name,
        "endpoint": endpoint,
        "secret": new_secret(endpoint, actor=request.user),
        "two": len(signing.valid(endpoint)) > 1,
    }
    response = TemplateResponse(request, "webhooks/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response


def ping(request: HttpRequest, pk: int) -> HttpResponse:
    """Call it now with a test, and show what it answered."""
    endpoint = _endpoint(request, pk)
    secrets = signing.valid(endpoint)
    if not secrets:
        toasts.tell(request, _("Make a secret first: calls are signed with it."))
        return _back(endpoint)
    now, uid = clock.machine_now(), uuid7()
    said = {"id": str(uid), "version": endpoint.format, "at": now, "event": "ping"}
    body = json.dumps(said, cls=DjangoJSONEncoder)
    delivery = Delivery(uid=uid, endpoint=endpoint, event="ping", body=body, next_try=now, created_at=now)
    answer, error = sending.call(endpoint, delivery, secrets)
    delivery.attempts, delivery.first_try, delivery.last_try, delivery.error = 1, now, now, error[:400]
    delivery.state = Delivery.State.FAILED if error else Delivery.State.DELIVERED
    if answer is not None:
        delivery.status, delivery.answer, delivery.milliseconds = answer.status, answer.text, answer.milliseconds
    delivery.save()
    if error:
        toasts.tell(request, _("It did not work: %(why)s") % {"why": outbound.words(error)})
    else:
        told = {"code": delivery.status, "time": delivery.milliseconds}
        toasts.tell(request, _("It answered with %(code)s in %(time)s ms") % told)
    return redirect("webhook_delivery", pk=delivery.pk)


def delivery_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery: what was sent, and what came back."""
    row = _delivery(request, pk)
    context = {
        "page_title": what(row),
        "row": row,
        "error": outbound.words(row.error),
        "state": render.tag(row.get_state_display(), TONES[row.state]),
        "body": json.dumps(json.loads(row.body), ensure_ascii=False, indent=2),
        "may_change": access.may(request.user, "change", row.endpoint),
    }
    return TemplateResponse(request, "webhooks/delivery.html", context)


def _delivery(request: HttpRequest, pk: int) -> Delivery:
    """A delivery for those who may change its endpoint: it holds what the endpoint's reader may see."""
    row = Delivery.objects.select_related("endpoint").filter(pk=pk).first()
    if row is None or not access.may(request.user, "change", row.endpoint):
        raise Http404
    return row


def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Deliver once more, under the same number."""
    row = _delivery(request, pk)
    sending.again(row)
    toasts.tell(request, _("It is delivered again"))
    return redirect("webhook_delivery", pk=row.pk)

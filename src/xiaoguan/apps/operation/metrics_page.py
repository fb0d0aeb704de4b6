"""`/metrics` for Prometheus: there for whom the environment names, and for nobody else."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from xiaoguan.apps.operation import metrics
from xiaoguan.apps.org import signins


@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    """All metrics. Not there without a token or addresses in the environment; where both are set, both must fit."""
    if not settings.METRICS:
        raise Http404
    if settings.METRICS_ADDRESSES and not _is_near(signins.visitor(request)[0]):
        raise Http404
    if settings.METRICS_TOKEN and not _knows(request.headers.get("Authorization", "")):
        return HttpResponse("a token is needed\n", status=401, content_type="text/plain", headers={
            "WWW-Authenticate": 'Bearer realm="metrics"'})  # fmt: skip
    return HttpResponse(metrics.text(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _is_near(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in settings.METRICS_ADDRESSES)


def _knows(header: str) -> bool:
    scheme, _blank, secret = header.partition(" ")
    return scheme.lower() == "bearer" and constant_time_compare(secret.strip(), settings.METRICS_TOKEN)

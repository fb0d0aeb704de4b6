"""Around every request: its number, its time, its statements; in the log, in the metrics, in the answer."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from xiaoguan.apps.operation import metrics, trace

logger = logging.getLogger("xiaoguan.request")
slow = logging.getLogger("xiaoguan.slow")

HEADER = "X-Request-ID"
QUIET = frozenset({"healthz", "readyz", "metrics"})
"""Asked every few seconds by machines: not worth a line."""
PROBLEM = "application/problem+json"


class TraceMiddleware:
    """The outermost one. Paths and queries are not logged, the route is: one-time links are part of a path."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and tell of it."""
        if request.path.startswith(settings.STATIC_URL):
            return self.get_response(request)
        found = trace.begin(request.headers.get(HEADER, ""))
        token = trace.current.set(found)
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            self._tell(request, response, found, time.perf_counter() - began)
        finally:
            trace.current.reset(token)
        response[HEADER] = found.request_id
        if response.get("Content-Type") == PROBLEM and not response.streaming:
            _number(response, found.request_id)
        return response

    def _tell(self, request: HttpRequest, response: HttpResponse, found: trace.Trace, took: float) -> None:
        """To the metrics where somebody asks for them, and to the log."""
        match = request.resolver_match
        name = (match.view_name or match.route) if match else ""
        if settings.METRICS:
            metrics.observe(name, str(request.method), response.status_code, took, found.statements)
        is_slow = took * 1000 >= settings.SLOW_REQUEST_MS
        if not is_slow and (not settings.REQUEST_LOG or name in QUIET):
            return
        found.actor = _actor(request)
        ms = round(took * 1000, 1)
        facts: dict[str, Any] = {
            "route": name,
            "method": request.method,
            "status": response.status_code,
            "ms": ms,
            "statements": found.statements,
            "database_ms": round(found.seconds * 1000, 1),
        }
        if settings.REQUEST_LOG and name not in QUIET:
            logger.info("%s %s %s", request.method, name or "-", response.status_code, extra=facts)
        if is_slow:
            told = [f"{seconds * 1000:.0f} ms: {sql}" for seconds, sql in found.slowest]
            words = "slow request: %s %s, %s ms, %s statements in %s ms"
            slow.warning(
                words, request.method, name or "-", ms, found.statements, facts["database_ms"],
                extra={**facts, "slowest": told},
            )  # fmt: skip


def _actor(request: HttpRequest) -> int | None:
    """Who is signed in, where the request has looked for him anyway."""
    user = getattr(request, "_cached_user", None)
    return user.pk if user is not None else None


def _number(response: HttpResponse, number: str) -> None:
    """Name the request in the answer that says what went wrong."""
    try:
        body = json.loads(response.content)
    except ValueError:
        return
    response.content = json.dumps({**body, "request_id": number}, ensure_ascii=False).encode()
    if response.has_header("Content-Length"):
        response["Content-Length"] = str(len(response.content))

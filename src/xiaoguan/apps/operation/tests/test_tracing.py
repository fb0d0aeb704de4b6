"""The number of a request in answer, log, problem and page; what is slow; what must never be in a log."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from xiaoguan.api.models import Token
from xiaoguan.apps.operation import statements, trace
from xiaoguan.apps.org import invites
from xiaoguan.config import faults, logs, urls
from xiaoguan.kit import allowance, job, worker

from tests.cast import PASSWORD, Cast

NUMBER = "proxy-0123456789"


def _breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("the lamp fell off the wall")


def _asks(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'very secret words', %s, 4711", ["of somebody"])
    return HttpResponse("ok")


handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
urlpatterns = [
    path("breaks/", _breaks, name="breaks"),
    path("asks/", _asks, name="asks"),
    path("api/v1/breaks", _breaks),
    *urls.urlpatterns,
]


@pytest.fixture
def lines(settings: Any) -> Iterator[Any]:
    """Everything that is logged meanwhile, as the collector of JSON lines would get it."""
    settings.REQUEST_LOG = True
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.JsonFormatter())
    handler.addFilter(trace.Numbered())
    root = logging.getLogger()
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_line_says_who_what_and_how_long(cast: Cast, client: Client, lines: Any) -> None:
    """One line per request with route, actor, time and statements; a sane number is taken over, any other is not."""
    client.force_login(cast.seller)
    answer = client.get("/customers/", headers={"X-Request-ID": NUMBER})
    assert answer["X-Request-ID"] == NUMBER
    (line,) = [line for line in lines() if line["logger"] == "xiaoguan.request"]
    assert line["request_id"] == NUMBER
    assert (line["route"], line["method"], line["status"], line["actor"]) == (
        "customers:list",
        "GET",
        200,
        cast.seller.pk,
    )
    assert line["ms"] > 0
    assert line["statements"] > 3
    for number in ("short", "x" * 65, "with blank and more", "<script>alert(1)"):
        made = client.get("/customers/", headers={"X-Request-ID": number})["X-Request-ID"]
        assert made != number
        assert len(made) == 32
    assert client.get("/healthz")["X-Request-ID"]
    assert not [line for line in lines() if line.get("route") == "healthz"]


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_a_fault_shows_its_number(client: Client, lines: Any) -> None:
    """The page in both languages, without help of anything; the API as a problem; the log with the trace."""
    client.raise_request_exception = False
    page = client.get("/breaks/", headers={"X-Request-ID": NUMBER})
    text = page.content.decode()
    assert page.status_code == 500
    assert NUMBER in text
    assert "Something went wrong" in text
    assert "系统出错了" in text
    assert "/static/" not in text
    told = client.get("/api/v1/breaks", headers={"X-Request-ID": NUMBER})
    assert (told.status_code, told["Content-Type"]) == (500, "application/problem+json")
    assert told.json()["request_id"] == NUMBER
    faults_ = [line for line in lines() if "the lamp fell off" in line.get("trace", "")]
    assert {line["request_id"] for line in faults_} == {NUMBER}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/api/", "/api/nothing", "/api/v1/nothing", "/api/v2/customers", "/api/v1/customers/1/x"]
)
def test_below_api_nothing_is_a_page(client: Client, path: str) -> None:
    """An address that is none answers with a problem and the number of the request."""
    answer = client.get(path, headers={"X-Request-ID": NUMBER, "Accept-Language": "en"})
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["request_id"] == NUMBER
    assert client.post(path, "x", content_type="text/plain").status_code in (401, 404, 405)


def test_other_refusals_of_the_api_are_problems(cast: Cast, client: Client, settings: Any, rf: Any) -> None:
    """400, 401, 403 and 429 alike."""
    secret = Token.secret()
    Token.objects.create(name="t", prefix="xg", digest=Token.digest_of(secret), scopes="*:read", owner=cast.seller)
    known = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/customers").json()["status"] == 401
    assert (
        client.post("/api/v1/customers", "{}", content_type="application/json", headers=known).json()["status"] == 403
    )
    allowance.reset()
    settings.XIAOGUAN_API_CALLS_A_MINUTE = 1
    answers = [client.get("/api/v1/customers", headers=known) for _n in range(3)]
    assert {"status", "request_id"} <= answers[-1].json().keys()
    assert answers[-1].status_code == 429
    settings.ALLOWED_HOSTS = ["sales.example.com"]
    refused = client.get("/api/v1/customers", headers={**known, "Host": "evil.example"})
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
    assert faults.denied(rf.get("/api/v1/x"), PermissionError()).status_code == 403


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_what_is_slow_is_told_by_its_shape(client: Client, settings: Any, lines: Any) -> None:
    """Requests and statements over the limit, without one value of theirs."""
    settings.SLOW_REQUEST_MS = settings.SLOW_STATEMENT_MS = 0
    client.get("/asks/")
    told = [line for line in lines() if line["logger"] == "xiaoguan.slow"]
    assert any("SELECT ?, %s, ?" in line["message"] for line in told)
    (request,) = [line for line in told if line["message"].startswith("slow request")]
    assert request["slowest"]
    assert "secret" not in json.dumps(told)
    assert "4711" not in json.dumps(told)
    assert "somebody" not in json.dumps(told)
    settings.SLOW_REQUEST_MS = settings.SLOW_STATEMENT_MS = 60_000
    client.get("/asks/")
    assert len([line for line in lines() if line["logger"] == "xiaoguan.slow"]) == len(told)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "SELECT a FROM t1 WHERE b = 'it''s' AND c IN (1, 2,3) LIMIT 5",
            "SELECT a FROM t1 WHERE b = ? AND c IN (…) LIMIT ?",
        ),
        ("INSERT INTO t (a, b) VALUES (%s, %s), (%s, %s)", "INSERT INTO t (a, b) VALUES (…)…"),
    ],
)
def test_shapes(sql: str, expected: str) -> None:
    """Numbers, texts and lists of them are gone; names stay."""
    assert statements.shape(sql) == expected


def test_secrets_never_reach_a_log(cast: Cast, client: Client, lines: Any) -> None:
    """Passwords, tokens, cookies and one-time links, logged by accident or on the way of a request."""
    secret = Token.secret()
    link = invites.invite(cast.seller, actor=cast.administrator).token
    logger = logging.getLogger("somebody.careless")
    logger.warning("called with Bearer %s and password=%s", secret, PASSWORD)
    logger.warning("at https://x.example/welcome/%s, sent {'password': '%s'}", link, PASSWORD)
    logger.warning("smtp://user:%s@mail.example", PASSWORD, extra={"token": secret, "headers": {"Cookie": secret}})
    try:
        raise ValueError(f"token: {secret}")
    except ValueError:
        logger.exception("failed")
    client.get(f"/welcome/{link}/")
    client.post("/accounts/login/", {"login": "seller", "password": PASSWORD})
    client.get("/api/v1/customers", headers={"Authorization": f"Bearer {secret}"})
    text = json.dumps(lines())
    assert len(lines()) > 5
    for word in (secret, link, PASSWORD):
        assert word not in text
    assert logs.STRUCK in json.dumps(lines(), ensure_ascii=False)


def test_jobs_leave_a_line(cast: Cast, lines: Any) -> None:
    """What ran, for whom, how long."""
    row = job.enqueue("job.prune", actor=cast.administrator)
    worker.work_once(["job.prune"])
    (line,) = [line for line in lines() if line.get("job") == row.pk]
    assert (line["kind"], line["state"], line["actor"]) == ("job.prune", "done", cast.administrator.pk)


def test_the_line_for_people_has_the_number() -> None:
    """In brackets at its end."""
    record = logging.LogRecord("x", logging.INFO, "f", 1, "hello", None, None)
    record.request_id = NUMBER
    assert logs.TextFormatter("%(message)s").format(record) == f"hello [{NUMBER}]"

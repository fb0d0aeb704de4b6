"""What Prometheus gets: who may ask, what is told, and that dashboard and rules ask for nothing else."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from xiaoguan.apps.operation import gathered, metrics
from xiaoguan.apps.org import signins
from xiaoguan.apps.org.models.signin import Kind, Outcome
from xiaoguan.kit import clock, job, worker
from xiaoguan.kit.models import Job

from tests.cast import Cast

ROOT = Path(__file__).parents[5]
MONITORING = ROOT / "deploy" / "monitoring"
TOKEN = "a-long-token-of-prometheus"
NAME = re.compile(r"\bxiaoguan_[a-z_]+")


@pytest.fixture
def asked(settings: Any) -> Client:
    """Somebody who knows the token."""
    settings.METRICS, settings.METRICS_TOKEN, settings.METRICS_ADDRESSES = True, TOKEN, []
    return Client(headers={"Authorization": f"Bearer {TOKEN}"})


def _told(client: Client) -> dict[str, Any]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.mark.django_db
def test_who_may_ask(settings: Any, client: Client) -> None:
    """Nobody where nothing is set; then the token, or the address, or both."""
    settings.METRICS, settings.METRICS_TOKEN, settings.METRICS_ADDRESSES = False, "", []
    assert client.get("/metrics").status_code == 404
    settings.METRICS, settings.METRICS_TOKEN = True, TOKEN
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    settings.METRICS_ADDRESSES = [ipaddress.ip_network("10.0.0.0/8")]
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404
    near = Client(REMOTE_ADDR="10.1.2.3")
    assert near.get("/metrics").status_code == 401
    settings.METRICS_TOKEN = ""
    assert near.get("/metrics").status_code == 200
    assert near.post("/metrics").status_code == 405


def test_requests_are_counted_by_route(asked: Client, cast: Cast) -> None:
    """One page more is one more; the path of a record is no label of its own, nor is an unknown path."""
    asked.force_login(cast.seller)
    before = _told(asked)
    assert asked.get("/customers/").status_code == 200
    for path in ("/nowhere/18600001111/", "/customers/4711/"):
        assert asked.get(path).status_code == 404
    after = _told(asked)
    key = ("xiaoguan_requests_total", ("method", "GET"), ("route", "customers:list"), ("status", "200"))
    assert after[key] - before.get(key, 0) == 1
    statements = ("xiaoguan_request_statements_sum", ("route", "customers:list"))
    assert after[statements] - before.get(statements, 0) > 3
    text = str(after)
    assert "4711" not in text
    assert "18600001111" not in text
    assert ("xiaoguan_requests_total", ("method", "GET"), ("route", "none"), ("status", "404")) in after


def test_what_the_database_knows(asked: Client, cast: Cast) -> None:
    """Waiting jobs and their age, failures at the door, the size; a kind that nobody declares any more is `other`."""
    Job.objects.all().delete()
    hour = clock.machine_now() - dt.timedelta(hours=1)
    job.enqueue("job.prune", run_after=hour)
    Job.objects.create(kind="gone.for.good", state="failed", run_after=hour, created_at=hour)
    signins.record(None, Kind.PASSWORD, Outcome.FAILED, cast.seller)
    told = _told(asked)
    assert told["xiaoguan_jobs", ("kind", "job.prune"), ("state", "queued")] == 1
    assert told["xiaoguan_jobs", ("kind", "other"), ("state", "failed")] == 1
    assert 3500 < told[("xiaoguan_oldest_job_seconds",)] < 3700
    assert told["xiaoguan_recent_sign_ins", ("outcome", "failed")] == 1
    assert told[("xiaoguan_database_bytes",)] > 100_000
    assert told["xiaoguan_deliveries", ("state", "waiting")] == 0
    key = ("xiaoguan_job_seconds_count", ("kind", "job.prune"), ("state", "done"))
    before = told.get(key, 0)
    worker.work_once(["job.prune"])
    assert _told(asked)[key] == before + 1


def test_dashboard_and_rules_ask_for_what_there_is() -> None:
    """Every name in the files of deploy/monitoring is one that is told, and every number is on the dashboard."""
    board = json.loads((MONITORING / "grafana.json").read_text(encoding="utf-8"))
    asked_for = {name for panel in board["panels"] for each in panel["targets"] for name in NAME.findall(each["expr"])}
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    assert len({rule["alert"] for rule in rules}) == len(rules) > 5
    asked_for |= {name for rule in rules for name in NAME.findall(rule["expr"])}
    assert asked_for <= metrics.names()
    assert gathered.NAMES.keys() <= asked_for


COUNTS = """
import sys
import django
django.setup()
from xiaoguan.apps.operation import metrics
for _n in range(int(sys.argv[1])):
    metrics.observe("page", "GET", 200, 0.01, 3)
if len(sys.argv) > 2:
    print(metrics.own and metrics.text().decode())
"""


@pytest.mark.once
def test_processes_count_together(tmp_path: Path) -> None:
    """Two processes, one folder: whoever is asked tells the sum; files of those that ended are dropped at a start."""
    environment = {
        **os.environ,
        "XIAOGUAN_TEST": "",
        "XIAOGUAN_HOME": str(tmp_path),
        "DATABASE_URL": "",
        "XIAOGUAN_METRICS_TOKEN": TOKEN,
        "DJANGO_SETTINGS_MODULE": "xiaoguan.config.settings",
    }
    subprocess.run([sys.executable, "-m", "xiaoguan.config.cli", "migrate", "--quiet"], env=environment, check=True)
    run = [sys.executable, "-c", COUNTS]
    subprocess.run([*run, "3"], env=environment, check=True)
    told = subprocess.run([*run, "4", "tell"], env=environment, check=True, capture_output=True, text=True).stdout
    assert 'xiaoguan_requests_total{method="GET",route="page",status="200"} 7.0' in told
    folder = tmp_path / "metrics"
    assert list(folder.glob("*.db"))
    metrics.tidy(folder)
    assert not list(folder.glob("*.db"))


def test_it_costs_next_to_nothing() -> None:
    """Counting one request takes less than a tenth of a millisecond."""
    began = clock.machine_now()
    for _n in range(1000):
        metrics.observe("customers:list", "GET", 200, 0.02, 12)
    assert (clock.machine_now() - began).total_seconds() < 0.1

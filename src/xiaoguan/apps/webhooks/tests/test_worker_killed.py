"""Workers killed while they deliver: nothing is lost, a repeat carries the same number, the order per record holds."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from xiaoguan.apps.customers.tests import company
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.webhooks import actions
from xiaoguan.apps.webhooks.models import Delivery, Endpoint, Outgoing
from xiaoguan.kit import action, job
from xiaoguan.kit.models.job import Job
from xiaoguan.kit.tests.test_worker_killed import database_url

from tests.cast import make_cast
from tests.receivers import Receiver, receiver

pytestmark = pytest.mark.django_db(transaction=True)
DEALS, KILLS, PATIENCE = 40, 4, 90


@pytest.fixture
def other() -> Iterator[Receiver]:
    """A receiver that takes a moment, so that a kill finds calls under way."""
    with receiver() as found:
        found.seconds = 0.02
        yield found


def start(home: Path, port: int) -> subprocess.Popen[str]:
    """A worker process whose leases are short."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XIAOGUAN_TEST", "PYTEST_"))}
    own = {"XIAOGUAN_HOME": str(home), "DATABASE_URL": database_url(), "SECRET_KEY": "k" * 60}
    own["XIAOGUAN_INTERNAL_RECEIVERS"] = f"127.0.0.1:{port}"
    program = [sys.executable, "-m", "xiaoguan.apps.webhooks.tests.delivering"]
    process = subprocess.Popen(program, env=kept | own, stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "ready\n"
    return process


def test_killed_while_delivering(other: Receiver, tmp_path: Path, settings: Any) -> None:
    settings.INTERNAL_RECEIVERS = [f"127.0.0.1:{other.port}"]
    cast = make_cast()
    Job.objects.all().delete()
    endpoint = action.create(Endpoint, {"name": "ERP", "url": other.url}, actor=cast.administrator)
    actions.subscribe(endpoint, {"opportunities.deal": ["created", "updated"]}, actor=cast.administrator)
    actions.new_secret(endpoint, actor=cast.administrator)
    values = [{"name": f"Deal {n}", "stage": company.stage("prospecting")} for n in range(DEALS)]
    deals = action.create(Deal, values, actor=cast.seller)
    for deal in deals:
        action.update(company.again(deal), {"name": f"{deal.name} again"}, actor=cast.seller)
    job.enqueue("webhooks.expand", key="expand", again=True)
    randomly = random.Random(20261127)
    process = start(tmp_path, other.port)
    try:
        for _kill in range(KILLS):
            time.sleep(randomly.uniform(0.15, 0.5))
            process.send_signal(signal.SIGKILL)
            process.wait()
            process = start(tmp_path, other.port)
        deadline = time.monotonic() + PATIENCE
        while (
            Outgoing.objects.exists()
            or Delivery.objects.filter(state="waiting").exists()
            or not Delivery.objects.count()
        ):
            assert time.monotonic() < deadline, list(Job.objects.values("kind", "state", "attempts", "trace"))
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
    heard = [(call.json["record"]["id"], call.json["event"], call.json["id"]) for call in other.calls]
    assert {(pk, event) for pk, event, _uid in heard} == {
        (deal.pk, event) for deal in deals for event in ("created", "updated")
    }
    numbers = {
        (pk, event): {uid for one, kind, uid in heard if (one, kind) == (pk, event)} for pk, event, _uid in heard
    }
    assert all(len(uids) == 1 for uids in numbers.values()), "a repeat carries the number of the first call"
    assert Delivery.objects.count() == 2 * DEALS
    for deal in deals:
        order = [event for pk, event, _uid in heard if pk == deal.pk]
        assert order == sorted(order), "created before updated, whatever was killed"
    repeats = sum(count - 1 for count in Counter(uid for _pk, _event, uid in heard).values())
    assert repeats <= KILLS, "at most the call under way is repeated by each kill"

"""Web process and worker, killed again and again while «all that match» are changed: nothing is lost or doubled."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client

from xiaoguan.apps.opportunities.models import Deal, Stage
from xiaoguan.kit import action, bulk
from xiaoguan.kit.models import Change, ChangeRow, Feed
from xiaoguan.kit.models.job import Job
from xiaoguan.kit.tests.killing import Child, Span, let_leases_run_out, nursery

from tests.cast import Cast, make_cast

# Once: on SQLite a kill may leave a journal behind, PostgreSQL's server is not what is killed; an import is on both.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long, pytest.mark.once]
KILLS, PATIENCE = 30, 180
SECRET = "c" * 32
ADDRESS = "/deals/bulk/edit/?view=all"


def deals(cast: Cast, count: int) -> list[int]:
    """Deals of two sellers, nothing said about competitors."""
    stage = Stage.objects.get(code="prospecting")
    owners = (cast.seller, cast.peer)
    values = [{"name": f"Deal {n}", "stage": stage, "owner": owners[n % 2]} for n in range(count)]
    return [row.pk for row in action.create(Deal, values, actor=cast.administrator)]


def cookies(cast: Cast) -> str:
    """Those of the administrator's browser."""
    client = Client()
    client.force_login(cast.administrator)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}; csrftoken={SECRET}"


def send(child: Child, cookie: str, word: str) -> int:
    """Post the bulk edit as a browser does; 0 where the process died over it."""
    body = urlencode({"all": "1", "_confirmed": "1", "_set": "competitor", "competitor": word})
    headers = {
        "Cookie": cookie, "X-CSRFToken": SECRET, "Content-Type": "application/x-www-form-urlencoded",
    }  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", child.port, timeout=PATIENCE)
    try:
        connection.request("POST", ADDRESS, body, headers)
        return connection.getresponse().status
    except OSError:
        return 0
    except http.client.HTTPException:
        return 0
    finally:
        connection.close()


def values() -> Counter[str]:
    return Counter(Deal.objects.values_list("competitor", flat=True))


def test_a_web_process_killed_in_the_middle_has_changed_all_or_nothing(tmp_path: Path) -> None:
    """Each attempt writes another word, so that what a kill left behind is told apart from what came before."""
    cast = make_cast()
    ids = deals(cast, bulk.AT_ONCE - 50)
    cookie, randomly = cookies(cast), random.Random(20261129)
    before, feed = Change.objects.count(), Feed.objects.count()
    words, outcomes = [""], Counter[str]()
    with nursery(tmp_path) as children:
        began = time.monotonic()
        assert send(children.child("serve"), cookie, "first") == 302
        span = time.monotonic() - began
        words.append("first")
        for number in range(KILLS):
            child, word = children.child("serve"), f"word {number}"
            threading.Timer(randomly.uniform(0, span), child.kill).start()
            status = send(child, cookie, word)
            while Path(f"/proc/{child.pid}").exists():
                time.sleep(0.005)
            found = values()
            assert len(found) == 1, f"half of them changed: {found}"
            assert set(found) <= {words[-1], word}
            assert status != 302 or set(found) == {word}, "what was answered with success is there"
            outcomes["done" if set(found) == {word} else "nothing"] += 1
            words += [word] if set(found) == {word} else []
        assert send(children.child("serve"), cookie, "last") == 302
    assert outcomes["nothing"] > KILLS // 4, f"the kills came too late to say anything: {outcomes}"
    assert set(values()) == {"last"}
    done = Change.objects.filter(entity="opportunities.deal", action="update")
    assert done.count() == Change.objects.count() - before == len(words), "one entry for each that landed"
    for change in done:
        assert Counter(change.rows.values_list("object_id", flat=True)) == Counter(ids)
    after = [row["competitor"] for row in ChangeRow.objects.filter(object_id=ids[0], change__in=done).order_by("pk")
             .values_list("after", flat=True)]  # fmt: skip
    assert after == [*words[1:], "last"]
    assert Feed.objects.count() - feed >= done.count()


def test_a_worker_killed_in_the_middle_goes_on_where_it_was(tmp_path: Path) -> None:
    cast = make_cast()
    ids = deals(cast, 2_000)
    client = Client()
    client.force_login(cast.administrator)
    Job.objects.all().delete()
    data = {"all": "1", "_confirmed": "1", "_set": "competitor", "competitor": "Osprey"}
    assert client.post(ADDRESS, data).status_code == 302
    job = Job.objects.get(kind=bulk.KIND)
    Job.objects.update(max_attempts=KILLS)  # killed three times before it got anywhere, a job is given up
    span, seen = Span(random.Random(20261130)), Counter[int]()
    with nursery(tmp_path, BULK_CHUNK="10", BULK_PAUSE="0.03") as children:
        for _kill in range(KILLS):
            worker = children.child("work")
            span.wait()
            worker.kill()
            job.refresh_from_db()
            assert job.active, "done before the last kill: give it more rows"
            assert Deal.objects.filter(competitor="Osprey").count() == job.progress, "cursor and effect are one"
            span.learn(got_somewhere=job.progress not in seen)
            seen[job.progress] += 1
            let_leases_run_out()
        children.child("work")
        deadline = time.monotonic() + PATIENCE
        while job.active:
            assert time.monotonic() < deadline, (job.state, job.progress, job.trace)
            time.sleep(0.05)
            job.refresh_from_db()
    assert len(seen) > KILLS // 6, f"the kills hit too few places: {seen}"
    assert (job.state, job.result["changed"], job.result["refused"]) == (Job.State.DONE, len(ids), {})
    assert values() == {"Osprey": len(ids)}
    change = Change.objects.get(pk=job.result["change"])
    assert change.count == len(ids)
    assert Counter(change.rows.values_list("object_id", flat=True)) == Counter(ids), "each row once in one change"
    assert set(Deal.objects.values_list("version", flat=True)) == {2}

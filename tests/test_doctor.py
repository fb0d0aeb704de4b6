"""Each look of the doctor, by really breaking what it looks at; and the page that shows the same."""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import os
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation

from xiaoguan.apps.customers.models import Customer
from xiaoguan.apps.notices.models import Message
from xiaoguan.apps.opportunities.models import Deal
from xiaoguan.apps.org import reach
from xiaoguan.apps.org.models import Reach
from xiaoguan.apps.webhooks.models import Endpoint
from xiaoguan.config import diagnosis, inner_looks
from xiaoguan.config.finding import SUBJECTS, Finding
from xiaoguan.kit import clock, derived, job, schedule, worker
from xiaoguan.kit.models import Credit, Job, Schedule, SearchEntry
from xiaoguan.kit.search import store, writing

from tests.cast import Cast
from tests.samples import owned_by, samples

pytestmark = pytest.mark.django_db
LONG_AGO = dt.timedelta(hours=3)


def _of(look: Callable[[], Iterator[Finding]]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in look()}


def _ill(look: Callable[[], Iterator[Finding]], subject: str, state: str) -> Finding:
    """The finding of what was broken: it says how to mend it."""
    found = _of(look)[subject]
    assert found.state == state
    assert found.mend
    return found


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_link_to_nothing(cast: Cast) -> None:
    """Somebody deleted a row with another program."""
    assert _of(inner_looks.integrity)["integrity"].state == "ok"
    person = cast.seller.pk
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute("UPDATE org_membership SET team_id = 99999 WHERE person_id = %s", [person])
    assert "org_membership" in _ill(inner_looks.integrity, "integrity", "fail").text
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute("UPDATE org_membership SET team_id = %s WHERE person_id = %s", [cast.tigers.pk, person])


def test_figures_and_rights(cast: Cast) -> None:
    """A figure without its record; somebody who doesn't reach himself. The rebuild mends the latter."""
    assert _of(inner_looks.figures)["figures"].state == "ok"
    Credit.objects.create(fact="won", entity="opportunities.deal", object_id=4711, on=clock.today(), amount=1)
    _ill(inner_looks.figures, "figures", "fail")
    assert _of(inner_looks.rights)["rights"].state == "ok"
    Reach.objects.filter(viewer=cast.seller).delete()
    _ill(inner_looks.rights, "rights", "fail")
    reach.rebuild()
    assert _of(inner_looks.rights)["rights"].state == "ok"


def test_search_out_of_step(cast: Cast) -> None:
    """A record written past the program is not found, an entry leads nowhere; the jobs of the rebuild mend both."""
    writing.rebuild()
    worker.drain()
    assert _of(inner_looks.search)["search"].state == "ok"
    customer = owned_by(cast.seller, Customer.entity, samples(cast))
    assert _of(inner_looks.search)["search"].state == "ok"
    SearchEntry.objects.filter(pk=store.entry_id(Customer, customer.pk)).delete()
    store.write(Customer, [(customer.pk + number, {"gone"}) for number in (4711, 4712)])
    with translation.override("en"):
        text = _ill(inner_looks.search, "search", "warn").text
    assert "1 records" in text and "gone: 2" in text and "Customers" in text
    assert writing.astray(Customer) == (1, 2) and writing.astray(Deal) == (0, 0)
    derived.everything["kit.search"].rebuild()
    assert writing.catching_up() and _of(inner_looks.search)["search"].state == "ok"
    worker.drain()
    assert _of(inner_looks.search)["search"].state == "ok"
    assert writing.astray(Customer) == (0, 0)


def test_every_subject_has_its_word_in_both_languages(cast: Cast) -> None:
    """Programs read the same words whatever the language; people read theirs."""
    tree = [ast.parse(inspect.getsource(module)) for module in (diagnosis, inner_looks)]
    calls = [node for each in tree for node in ast.walk(each) if isinstance(node, ast.Call)]
    named = {call.args[0].value for call in calls if getattr(call.func, "id", "") == "Finding"
             and isinstance(call.args[0], ast.Constant)}  # fmt: skip
    assert len(named) > 15 and named <= set(SUBJECTS)
    with translation.override("zh-hans"):
        for subject, label in SUBJECTS.items():
            assert any("\u4e00" <= sign <= "\u9fff" for sign in str(label)), subject
    with translation.override("en"):
        assert {subject: str(label) for subject, label in SUBJECTS.items()} == {each: each for each in SUBJECTS}


def test_work_that_is_not_done(cast: Cast) -> None:
    """A lease that ran out, a job that failed, a schedule nobody looks at."""
    schedule.sync()
    assert _of(inner_looks.work).keys() == {"schedules"}
    past = clock.machine_now() - LONG_AGO
    row = job.enqueue("job.prune")
    Job.objects.filter(pk=row.pk).update(state="running", lease_until=past, holder="gone")
    _ill(inner_looks.work, "leases", "warn")
    Job.objects.filter(pk=row.pk).update(state="failed", finished_at=clock.machine_now())
    _ill(inner_looks.work, "failed jobs", "warn")
    Schedule.objects.filter(name="job.prune").update(next_run=past)
    assert "job.prune" in _ill(inner_looks.work, "schedules", "warn").text


def test_nobody_hears_us(cast: Cast, settings: Any) -> None:
    """A webhook that fails, a mail that waits, a mail server that is not there."""
    past = clock.machine_now() - LONG_AGO
    Endpoint.objects.create(name="warehouse", url="https://example.com/", failing_since=past)
    assert "warehouse" in _ill(inner_looks.speaking, "webhooks", "warn").text
    Message.objects.create(channel="mail", text="x", next_try=past, created_at=past)
    _ill(inner_looks.speaking, "messages", "warn")
    _ill(inner_looks.speaking, "mail", "warn")
    settings.MAIL_SERVER, settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1:9", "127.0.0.1", 9
    settings.EMAIL_USE_SSL = False
    _ill(inner_looks.speaking, "mail", "fail")


@pytest.mark.sqlite
def test_backups(cast: Cast, settings: Any, tmp_path: Path) -> None:
    """None, a fresh one, one too old, one that is no archive, one that everybody can read."""
    settings.XIAOGUAN_HOME = tmp_path
    _ill(inner_looks.backups, "backup", "warn")
    path = tmp_path / "backups" / "xiaoguan-1.tar.gz"
    path.parent.mkdir()
    with tarfile.open(path, "w:gz"):
        pass
    assert _of(inner_looks.backups)["backup"].state == "ok"
    old = clock.machine_now().timestamp() - 30 * 86_400
    os.utime(path, (old, old))
    assert "30" in _ill(inner_looks.backups, "backup", "warn").text
    path.write_bytes(b"no archive")
    _ill(inner_looks.backups, "backup", "fail")
    path.chmod(0o644)
    assert any(str(path) in finding.text for finding in inner_looks.secrets())
    path.chmod(0o600)
    assert not any(str(path) in finding.text for finding in inner_looks.secrets())


def test_disks(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads need a folder; SQLite needs a disk of its own."""
    (tmp_path / "file").write_text("in the way")
    settings.MEDIA_ROOT = tmp_path / "file" / "below"
    _ill(inner_looks.disk, "files", "fail")
    settings.MEDIA_ROOT = tmp_path
    assert _of(inner_looks.disk)["files"].state == "ok"
    assert inner_looks.filesystem(tmp_path) not in inner_looks.NETWORK_DISKS
    if connection.vendor == "sqlite":
        monkeypatch.setattr(inner_looks, "filesystem", lambda path: "nfs4")
        _ill(inner_looks.disk, "disk", "fail")


def test_the_page_shows_the_same(cast: Cast, client: Client) -> None:
    """For administrators alone, what is wrong first, in the reader's language."""
    client.force_login(cast.seller)
    assert client.get("/operation/doctor/").status_code == 404
    Credit.objects.create(fact="won", entity="opportunities.deal", object_id=4711, on=clock.today(), amount=1)
    client.force_login(cast.administrator)
    english = client.get("/operation/doctor/", headers={"Accept-Language": "en"}).content.decode()
    assert english.index("doctor --rebuild") < english.index("Up to date")
    chinese = client.get("/operation/doctor/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert "重新生成" in chinese
    for words in ("on Python", ">Time zone<", ">Built<", ", journal", ">Schema<", ">Browser files<"):
        assert words not in chinese
    assert {finding.state for finding in diagnosis.examine()} >= {"ok", "fail"}

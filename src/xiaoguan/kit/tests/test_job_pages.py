"""Job pages: progress for whoever started it, everything for administrators, nothing for others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from xiaoguan.kit import job
from xiaoguan.kit.models.job import Job

from tests.cast import Cast

pytestmark = pytest.mark.django_db
PARTIAL = {"HX-Request": "true"}
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One kind of our own that fails once it is half through."""
    monkeypatch.setattr(job, "kinds", {})

    @job.job("bake", label="Bake bread", max_attempts=1)
    def bake(run: job.Run) -> dict[str, str]:
        run.expect(4)
        for number in range(run.cursor or 0, 4):
            with run.chunk(cursor=number + 1, done=1):
                if number == 2 and run.payload.get("burn") and not run.row.error:
                    run.row.error = "seen"
                    raise RuntimeError("the secret recipe is burnt")
        return {"url": "/bread/"}

    return


def test_one_job_in_three_forms(cast: Cast, client: Client) -> None:
    client.force_login(cast.seller)
    row = job.enqueue("bake", actor=cast.seller)
    found = client.get(f"/jobs/{row.pk}/").json()
    assert (found["state"], found["label"], found["percent"]) == ("queued", "Bake bread", None)
    part = client.get(f"/jobs/{row.pk}/", headers=PARTIAL)
    assert f'hx-get="/jobs/{row.pk}/"' in part.text
    assert "<html" not in part.text
    assert "HX-Trigger" not in part
    job.execute(job.claim())
    part = client.get(f"/jobs/{row.pk}/", headers=PARTIAL)
    assert "every 1s" not in part.text
    assert 'href="/bread/"' in part.text
    assert '"state": "done"' in part["HX-Trigger"]
    found = client.get(f"/jobs/{row.pk}/").json()
    assert (found["state"], found["progress"], found["percent"]) == ("done", 4, 100)
    page = client.get(f"/jobs/{row.pk}/", headers=BROWSER)
    assert "<html" in page.text
    assert "Bake bread" in page.text


def test_strangers_find_nothing(cast: Cast, client: Client) -> None:
    row = job.enqueue("bake", actor=cast.seller)
    assert client.get(f"/jobs/{row.pk}/").status_code == 302
    for stranger in (cast.peer, cast.manager, cast.director, cast.hr, cast.outsider):
        client.force_login(stranger)
        assert client.get(f"/jobs/{row.pk}/").status_code == 404
        assert client.post(f"/jobs/{row.pk}/cancel/").status_code == 404
        assert "Bake bread" not in client.get("/jobs/").text
    client.force_login(cast.auditor)
    assert client.get(f"/jobs/{row.pk}/").status_code == 200
    assert client.post(f"/jobs/{row.pk}/cancel/").status_code == 404
    client.force_login(cast.administrator)
    assert "Bake bread" in client.get("/jobs/").text
    assert client.post(f"/jobs/{row.pk}/cancel/", headers=PARTIAL).status_code == 200
    row.refresh_from_db()
    assert row.state == Job.State.CANCELLED


def test_a_failure_is_told_plainly_and_can_go_on(cast: Cast, client: Client) -> None:
    row = job.enqueue("bake", {"burn": True}, actor=cast.seller)
    job.execute(job.claim())
    client.force_login(cast.seller)
    page = client.get(f"/jobs/{row.pk}/", headers=BROWSER).text
    assert "secret recipe" not in page
    client.force_login(cast.administrator)
    assert "secret recipe" in client.get(f"/jobs/{row.pk}/", headers=BROWSER).text
    client.force_login(cast.seller)
    Job.objects.update(payload={})
    assert client.post(f"/jobs/{row.pk}/retry/")["Location"] == f"/jobs/{row.pk}/"
    job.execute(job.claim())
    row.refresh_from_db()
    assert (row.state, row.progress) == (Job.State.DONE, 4)

"""Uploaded files in a bucket: the same checks, the same answers, the same tidiness as in a folder."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from xiaoguan.config import storage
from xiaoguan.files import clearing, keeping
from xiaoguan.files.models import StoredFile
from xiaoguan.files.serving import address
from xiaoguan.files.tests import samples
from xiaoguan.kit.errors import Refusal

from tests import bucket
from tests.bucket import Bucket
from tests.cast import Cast


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Bucket]:
    """The product set up by its environment to keep files in a bucket."""
    with bucket.running() as server:
        told = {"BUCKET": bucket.NAME, "ENDPOINT": server.url, "KEY": "key", "SECRET": "secret", "REGION": "cn-east"}
        for name, value in (told | {"ADDRESSING": "path", "PREFIX": "xiaoguan"}).items():
            monkeypatch.setenv(f"XIAOGUAN_S3_{name}", value)
        settings.STORAGES = settings.STORAGES | {"default": storage.of_files()}
        yield server


@pytest.mark.django_db
def test_a_file_goes_there_and_comes_back(cast: Cast, client: Client, service: Bucket) -> None:
    """Cleaned, under a name of ours, and handed out by the product alone."""
    stored = keeping.keep(samples.upload(samples.picture(), "现场.jpg"), "现场.jpg", cast.seller)
    assert set(service.objects) == {f"xiaoguan/{stored.path}", f"xiaoguan/{stored.small}"}
    assert b"Spycam" not in service.objects[f"xiaoguan/{stored.path}"]
    client.force_login(cast.seller)
    response: Any = client.get(f"{address(stored)}?view")
    assert response.status_code == 200
    assert b"".join(response) == service.objects[f"xiaoguan/{stored.path}"]
    client.force_login(cast.other_seller)
    assert client.get(address(stored)).status_code == 404


@pytest.mark.django_db
def test_a_full_bucket_leaves_nothing(cast: Cast, service: Bucket) -> None:
    """The small picture fits, the large one does not: both are gone, and the sentence says why."""
    body = samples.picture("PNG", (400, 300), mode="RGB")
    service.room = 400
    with pytest.raises(Refusal) as refused:
        keeping.keep(samples.upload(body, "a.png"), "a.png", cast.seller)
    assert refused.value.code == "FILES-ROOM"
    assert not service.objects and not StoredFile.objects.exists()


@pytest.mark.django_db
def test_an_unreachable_bucket_is_said(cast: Cast, service: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is stored where the service says no to our key."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr("tests.bucket._Speaker.do_PUT", lambda speaker: speaker._refuse(403, "AccessDenied"))
    with pytest.raises(Refusal):
        keeping.keep(samples.upload(b"words", "a.txt"), "a.txt", cast.seller)
    assert not StoredFile.objects.exists()


@pytest.mark.django_db
def test_the_sweep_reads_a_bucket(cast: Cast, service: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects without a row go, those with one stay."""
    stored = keeping.keep(samples.upload(b"words", "a.txt"), "a.txt", cast.seller)
    shelf = stored.path.rpartition("/")[0]
    service.objects[f"xiaoguan/{shelf}/left-by-a-crash"] = b"half"
    monkeypatch.setattr(clearing, "GRACE", -clearing.GRACE)
    assert clearing._sweep(shelf) == 1
    assert set(service.objects) == {f"xiaoguan/{stored.path}"}
    keeping.forget(stored)
    keeping.forget(stored)
    assert not service.objects


@pytest.mark.once
def test_half_a_configuration_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address without a bucket is a mistake; a bucket without the extra says what to install."""
    monkeypatch.setenv("XIAOGUAN_S3_ENDPOINT", "https://oss.example")
    with pytest.raises(ImproperlyConfigured, match="BUCKET"):
        storage.of_files()
    monkeypatch.setenv("XIAOGUAN_S3_BUCKET", "lumen")
    monkeypatch.setattr(storage, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="extra s3"):
        storage.of_files()

"""Stored files: cleaned of what cameras note, whole or not at all, cleared away once, seen by few."""

import datetime as dt
import errno
import io
import os
import struct
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.test import Client
from PIL import Image

from xiaoguan.files import clearing, keeping, uses
from xiaoguan.files.models import StoredFile
from xiaoguan.files.serving import address
from xiaoguan.files.tests import samples
from xiaoguan.kit import job, worker
from xiaoguan.kit.errors import Invalid, Refusal
from xiaoguan.kit.models.job import Job

from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, settings: Any) -> Path:
    """An empty place for files."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def attached() -> Iterator[dict[UUID, set[int]]]:
    """A use of files: which people see which file."""
    seen: dict[UUID, set[int]] = {}

    def used(ids: Collection[UUID]) -> set[UUID]:
        return set(ids) & seen.keys()

    uses.use("test", used=used, seen=lambda actor, pk: actor.pk in seen[pk] if pk in seen else None)
    yield seen
    del uses.uses["test"]


def on_disk(shelf: Path) -> list[Path]:
    """Every file below the shelf."""
    return sorted(path for path in shelf.rglob("*") if path.is_file())


def body_of(stored: StoredFile, *, small: bool = False) -> bytes:
    """All bytes."""
    with keeping.open_stored(stored, small=small) as file:
        return file.read()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_forgets_where_it_was_taken(cast: Cast, kind: str) -> None:
    """Neither place nor camera nor comment is left; size and colours are."""
    body = samples.picture(kind)
    assert b"Spycam" in body and samples.PLACE.encode() in body, "the sample has what is to be removed"
    stored = keeping.keep(samples.upload(body, f"site.{kind.lower()}"), f"site.{kind.lower()}", cast.seller)
    kept = body_of(stored)
    for secret in (b"Spycam", samples.PLACE.encode(), b"Exif", b"taken at the plant"):
        assert secret not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert not dict(image.getexif())
        assert (image.size, stored.width, stored.height) == ((60, 40), 60, 40)
        red, _green, blue = image.convert("RGB").getpixel((5, 20))  # type: ignore[misc]
        assert red > 230 and blue < 30
    assert stored.size == len(kept)
    with Image.open(io.BytesIO(body_of(stored, small=True))) as small:
        assert small.format == "WEBP" and not dict(small.getexif())


def test_a_picture_on_its_side_stands_upright(cast: Cast) -> None:
    """The note of the camera is carried out before it is removed."""
    stored = keeping.keep(samples.upload(samples.picture(turned=True), "a.jpg"), "a.jpg", cast.seller)
    assert (stored.width, stored.height) == (40, 60)
    with Image.open(io.BytesIO(body_of(stored))) as image:
        top = image.convert("RGB").getpixel((20, 5))
        assert image.size == (40, 60) and top[1] < 40, "what was left is now above"  # type: ignore[index]


def test_a_moving_picture_keeps_moving(cast: Cast) -> None:
    """Frames stay, the comment goes."""
    kept = body_of(keeping.keep(samples.upload(samples.moving(), "a.gif"), "a.gif", cast.seller))
    with Image.open(io.BytesIO(kept)) as image:
        assert image.n_frames == 3  # type: ignore[attr-defined]
    assert b"taken at the plant" not in kept


def test_what_hides_behind_a_picture_is_gone(cast: Cast) -> None:
    """A picture with a page or an archive behind it is written anew without it."""
    for behind in (samples.HTML, samples.packed("evil.js")):
        kept = body_of(keeping.keep(samples.upload(samples.picture() + behind, "a.jpg"), "a.jpg", cast.seller))
        assert behind not in kept and b"alert" not in kept


def test_bombs_are_refused_by_their_header(cast: Cast, shelf: Path) -> None:
    """A few bytes that claim 60,000 by 60,000 points are not decoded."""

    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", zlib.compress(bytes(1000))) + part(b"IEND", b"")
    with pytest.raises(Invalid):
        keeping.keep(samples.upload(bomb, "a.png"), "a.png", cast.seller)
    wide = struct.pack(">IIBBBBB", 9_000, 8_000, 8, 2, 0, 0, 0)
    with pytest.raises(Invalid, match="50"):
        keeping.keep(samples.upload(bomb.replace(part(b"IHDR", header), part(b"IHDR", wide)), "a"), "a", cast.seller)
    assert not on_disk(shelf) and not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("body", "name"),
    [
        pytest.param(samples.picture()[:200], "a.jpg", id="a broken picture"),
        pytest.param(b"\x89PNG\r\n\x1a\n<script>", "a.png", id="a page behind a picture's first bytes"),
        pytest.param(b"", "a.txt", id="nothing"),
        pytest.param(b"x" * (2**20 + 1), "a.txt", id="too large"),
    ],
)
def test_what_is_not_taken_leaves_nothing(cast: Cast, shelf: Path, settings: Any, body: bytes, name: str) -> None:
    """No row, no bytes, and the name in the sentence."""
    settings.XIAOGUAN_FILE_MB = 1
    with pytest.raises(Invalid, match="a\\."):
        keeping.keep(samples.upload(body, name), name, cast.seller)
    assert not on_disk(shelf) and not StoredFile.objects.exists()


def test_names_never_reach_the_disk(cast: Cast, shelf: Path) -> None:
    """What a person calls a file is kept for the download alone."""
    stored = keeping.keep(samples.upload(samples.PDF, "x.pdf"), "../../报价.pdf", cast.seller)
    assert stored.name == "报价.pdf"
    assert [path.relative_to(shelf).as_posix() for path in on_disk(shelf)] == [stored.path]
    assert "报价" not in stored.path and stored.path.startswith("stored/")


class Full:
    """A file on a disk that has room for ten more bytes."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def write(self, data: bytes) -> int:
        """Write what fits, then fail as the system does."""
        self.file.write(data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    def close(self) -> None:
        """Close the file."""
        self.file.close()


@pytest.mark.parametrize("part", [1, 2])
def test_a_full_disk_leaves_nothing(cast: Cast, shelf: Path, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    """Whichever of the two files of a picture finds no room: half of it is removed, nothing is in the database."""
    opened: list[Any] = []

    def full(descriptor: int, mode: str) -> Any:
        file = real(descriptor, mode)
        opened.append(file)
        return Full(file) if len(opened) == part else file

    real = os.fdopen
    monkeypatch.setattr("django.core.files.storage.filesystem.os.fdopen", full)
    with pytest.raises(Refusal) as refused:
        keeping.keep(samples.upload(samples.picture(), "a.jpg"), "a.jpg", cast.seller)
    assert refused.value.code == "FILES-ROOM" and len(opened) == part
    assert not on_disk(shelf) and not StoredFile.objects.exists()


def test_a_row_that_is_refused_takes_its_bytes_along(cast: Cast, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database may be what is full."""

    def full(*_args: Any, **_values: Any) -> None:
        raise DatabaseError("disk I/O error")

    monkeypatch.setattr(StoredFile.objects, "create", full)
    with pytest.raises(DatabaseError):
        keeping.keep(samples.upload(samples.picture(), "a.jpg"), "a.jpg", cast.seller)
    assert not on_disk(shelf)


def age(shelf: Path) -> None:
    """Two days pass."""
    past = dt.datetime.now(dt.UTC) - dt.timedelta(days=2)
    StoredFile.objects.update(at=past)
    for path in on_disk(shelf):
        os.utime(path, (past.timestamp(), past.timestamp()))


def clear() -> dict[str, int]:
    """Run the job."""
    job.enqueue("files.clear")
    ran = worker.work_once()
    assert ran is not None
    found = Job.objects.filter(kind="files.clear").latest("pk")
    assert found.state == Job.State.DONE, found.trace
    return dict(found.result)


@pytest.mark.django_db(transaction=True)
def test_what_nothing_needs_is_cleared_away_once(cast: Cast, shelf: Path, attached: dict[UUID, set[int]]) -> None:
    """Orphans and bytes without a row go after a day, needed and young ones stay; a second run does nothing."""
    needed, orphan, young = (
        keeping.keep(samples.upload(samples.picture(), "a.jpg"), "a.jpg", cast.seller) for _number in range(3)
    )
    attached[needed.pk] = {cast.seller.pk}
    (shelf / "stored" / "ab").mkdir(exist_ok=True)
    (shelf / "stored" / "ab" / "left-by-a-crash").write_bytes(b"half")
    age(shelf)
    StoredFile.objects.filter(pk=young.pk).update(at=dt.datetime.now(dt.UTC))
    (shelf / "stored" / "ab" / "just-arriving").write_bytes(b"half")

    assert clear() == {"cleared": 1, "swept": 1}
    orphan.refresh_from_db()
    assert orphan.cleared_at is not None
    left = {path.relative_to(shelf).as_posix() for path in on_disk(shelf)}
    assert left == {needed.path, needed.small, young.path, young.small, "stored/ab/just-arriving"}
    with pytest.raises(FileNotFoundError):
        keeping.open_stored(orphan)
    assert clear() == {"cleared": 0, "swept": 0}


def test_a_file_is_for_who_sees_its_record(cast: Cast, client: Client, attached: dict[UUID, set[int]]) -> None:
    """Nobody else learns that it exists; without a record it is its bringer's alone."""
    stored = keeping.keep(samples.upload(samples.PDF, "报价.pdf"), "报价.pdf", cast.seller)
    for part, status in (("seller", 200), ("peer", 404), ("administrator", 404)):
        client.force_login(getattr(cast, part))
        assert client.get(address(stored)).status_code == status, part
    attached[stored.pk] = {cast.peer.pk}
    for part, status in (("seller", 404), ("peer", 200), ("outsider", 404)):
        client.force_login(getattr(cast, part))
        for query in ("", "?view", "?small"):
            assert client.get(f"{address(stored)}{query}").status_code == status, part
    client.logout()
    assert client.get(address(stored)).status_code == 302


def test_answers_can_do_nothing(cast: Cast, client: Client) -> None:
    """Downloads unless asked to show what is safe to show; no sniffing, no scripts, no frames of others, no cache."""
    client.force_login(cast.seller)
    made = {
        name: keeping.keep(samples.upload(body, name), name, cast.seller)
        for name, body in (("a.jpg", samples.picture()), ("b.pdf", samples.PDF), ("c.txt", b"plain words"))
    }
    for name, shown in (("a.jpg", True), ("b.pdf", True), ("c.txt", False)):
        for query, inline in (("", False), ("?view", shown)):
            response: Any = client.get(f"{address(made[name])}{query}")
            assert response["Content-Disposition"].startswith("inline" if inline else "attachment"), (name, query)
            assert response["X-Content-Type-Options"] == "nosniff"
            assert response["X-Frame-Options"] == "SAMEORIGIN"
            assert response["Cache-Control"] == "private, no-cache"
            policy = response["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "frame-ancestors 'self'" in policy and "script" not in policy
            assert ("sandbox" in policy) != (name == "b.pdf" and inline)
            assert len(b"".join(response)) == made[name].size
            again = client.get(f"{address(made[name])}{query}", headers={"If-None-Match": response["ETag"]})
            assert again.status_code == 304
    assert client.get(address(made["c.txt"]))["Content-Type"] == "application/octet-stream"
    assert client.get(f"{address(made['a.jpg'])}?small")["Content-Type"] == "image/webp"


def test_the_job_is_declared() -> None:
    """It runs by the clock."""
    assert job.kinds["files.clear"].run is clearing.clear


def test_paths_lead_nowhere_else(cast: Cast, shelf: Path) -> None:
    """Bytes lie below the folder of files whatever the name says."""
    keeping.keep(samples.upload(b"words", "x"), "/etc/../..\\x.txt", cast.seller)
    assert all(path.is_relative_to(shelf / "stored") for path in on_disk(shelf))
    assert default_storage.exists(StoredFile.objects.get().path)

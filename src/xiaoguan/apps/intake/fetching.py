"""Reading a web address into a file, unless it is the one that was read last."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.intake.models import Source, SourceSecret
from xiaoguan.apps.signin.adapters import decrypt
from xiaoguan.kit import outbound
from xiaoguan.tables.limits import Limits

SECONDS = 120.0
outbound.REASONS["intake.denied"] = _("It asks for a name or a token, or refuses the one it was given.")


@dataclass
class Fetched:
    """A file that came over the net; it is closed by whoever asked for it."""

    file: IO[bytes]
    name: str
    digest: str
    etag: str
    modified: str


def fetch(source: Source, *, again: bool) -> Fetched | None:
    """The file at the source's address; None when it is the one read last. Raises Unreachable."""
    headers = {"User-Agent": "xiaoguan", "Accept": "*/*", **_credentials(source)}
    if not again and source.etag:
        headers["If-None-Match"] = source.etag
    if not again and source.modified:
        headers["If-Modified-Since"] = source.modified
    file = TemporaryFile()  # noqa: SIM115  whoever asked closes it
    try:
        answer = outbound.fetch(source.url, headers, file, seconds=SECONDS, most=Limits().max_bytes)
        if answer.status == 304:
            file.close()
            return None
        if answer.status in (401, 403):
            raise outbound.Unreachable("intake.denied")
        if 300 <= answer.status < 400:
            raise outbound.Unreachable("redirect", answer.headers.get("location", "")[:200])
        if not answer.good:
            raise outbound.Unreachable("status", answer.status)
        digest = digest_of(file)
        if digest == source.digest and not again:
            file.close()
            return None
    except BaseException:
        file.close()
        raise
    name = unquote(PurePosixPath(urlsplit(source.url).path).name) or "file"
    return Fetched(
        file, name[-200:], digest, answer.headers.get("etag", "")[:200], answer.headers.get("last-modified", "")[:80]
    )


def _credentials(source: Source) -> dict[str, str]:
    """The header with what the address asks for."""
    kept = SourceSecret.objects.filter(source=source).first()
    if kept is None:
        return {}
    value = decrypt(kept.value)
    if not kept.user:
        return {"Authorization": f"Bearer {value}"}
    pair = base64.b64encode(f"{kept.user}:{value}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def digest_of(file: Any) -> str:
    """The SHA-256 of a file, which is wound back to its beginning."""
    file.seek(0)
    found = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return found

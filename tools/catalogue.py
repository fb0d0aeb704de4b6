"""Compiles message catalogues with Babel; used by the build hook and by ``tools/messages.py``."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = "src/xiaoguan/locale"


def catalogues(root: Path) -> list[Path]:
    """Return the text catalogues of the product."""
    return sorted((root / LOCALE).glob("*/LC_MESSAGES/*.po"))


def compile_all(root: Path) -> list[Path]:
    """Write the binary form beside every catalogue whose text has changed; returns what was written."""
    written = []
    for path in catalogues(root):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.parent.parent.name, abort_invalid=True)
        buffer = io.BytesIO()
        write_mo(buffer, catalogue)
        target = path.with_suffix(".mo")
        if not target.exists() or target.read_bytes() != buffer.getvalue():
            target.write_bytes(buffer.getvalue())
            written.append(target)
    return written

"""Reading a zip without trusting it: names that stay inside, sizes that are true, nothing locked and nothing nested."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from xiaoguan.kit.errors import KitError

MOST_FILES = 5000
MOST_BYTES = 4 << 30
BOMB_FROM, BOMB_RATIO = 1 << 20, 200
UTF8, LOCKED = 0x800, 0x1
NESTED = frozenset({".zip", ".rar", ".7z", ".gz", ".tar", ".tgz", ".bz2", ".xz", ".jar", ".iso", ".cab"})
LEFTOVERS = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")
ZIPPED = b"PK\x03\x04"
OFFICE = frozenset(
    {".docx", ".xlsx", ".pptx", ".xlsm", ".docm", ".pptm", ".odt", ".ods", ".odp", ".ofd", ".wps", ".et"}
)
REASONS: dict[str, Any] = {
    "outside": _("The name leads out of the zip."),
    "locked": _("It is protected by a password."),
    "nested": _("It is an archive in the archive."),
    "bomb": _("It unpacks to far more than it should."),
    "large": _("It is too large."),
    "broken": _("It is damaged."),
    "twice": _("The name stands in the zip twice."),
}


class BadArchive(KitError):
    """A zip that is refused as a whole; the text says why."""


@dataclass
class Archive:
    """An opened zip: its files by their readable name, and those refused with the code of the reason."""

    zip: zipfile.ZipFile
    files: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def open_archive(file: IO[bytes], *, largest: int) -> Archive:
    """Look at the directory of a zip; raises BadArchive for one that is none, a bomb, or locked throughout."""
    try:
        opened = zipfile.ZipFile(file)
        entries = opened.infolist()
    # zipfile says NotImplementedError of a zip made by a version or in parts that it does not know.
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise BadArchive(_("This is no zip file, or it is damaged.")) from error
    if len(entries) > MOST_FILES:
        raise BadArchive(_("The zip holds more than %(count)s files.") % {"count": MOST_FILES})
    if sum(each.file_size for each in entries) > MOST_BYTES:
        raise BadArchive(_("The zip unpacks to far more than it should and was not opened."))
    found = Archive(opened)
    for each in entries:
        name = readable(each)
        if each.is_dir() or name.lower().startswith(LEFTOVERS[0]) or name.lower().rpartition("/")[2] in LEFTOVERS:
            continue
        if code := wrong(each, name, largest) or ("twice" if name in found.files else ""):
            found.refused[name] = code
        else:
            found.files[name] = each
    if found.refused and not found.files and set(found.refused.values()) == {"locked"}:
        raise BadArchive(_("The zip is protected by a password. Pack it without one."))
    return found


def readable(entry: zipfile.ZipInfo) -> str:
    """The name of a file: as the zip says it is UTF-8, else UTF-8 or GBK, as Chinese Windows packs it."""
    name = entry.orig_filename
    if not entry.flag_bits & UTF8:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/").replace("\x00", "")


def wrong(entry: zipfile.ZipInfo, name: str, largest: int) -> str:
    """The code of what is wrong with a file by what the directory says of it."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")) or not path.name:
        return "outside"
    if entry.flag_bits & LOCKED:
        return "locked"
    if path.suffix.lower() in NESTED:
        return "nested"
    if entry.file_size > BOMB_FROM and entry.file_size > BOMB_RATIO * max(1, entry.compress_size):
        return "bomb"
    return "large" if entry.file_size > largest else ""


class Refused(KitError):
    """One file that can't be taken; the text is the code of the reason."""


def unpack(archive: Archive, name: str, *, largest: int) -> IO[bytes]:
    """One file as a temporary one; raises Refused when its bytes are not what the directory said."""
    entry, out, size = archive.files[name], tempfile.TemporaryFile(), 0  # noqa: SIM115  the caller closes it
    try:
        with archive.zip.open(entry) as part:
            while chunk := part.read(1 << 16):
                size += len(chunk)
                if size > min(largest, entry.file_size):
                    raise Refused("bomb")
                if out.tell() == 0 and chunk.startswith(ZIPPED) and PurePosixPath(name).suffix.lower() not in OFFICE:
                    raise Refused("nested")
                out.write(chunk)
    # RuntimeError is what zipfile says of passwords and, as NotImplementedError, of compressions it does not know.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        out.close()
        raise Refused("broken") from error
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return out

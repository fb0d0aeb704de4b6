"""Opening an uploaded file by what it is, not by what it is called."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import BinaryIO

from xiaoguan.tables import old_book
from xiaoguan.tables.delimited import DelimitedSheet
from xiaoguan.tables.encoding import ENCODINGS, Encoding, detect_encoding
from xiaoguan.tables.limits import MEGABYTE, Limits
from xiaoguan.tables.sheet import Sheet
from xiaoguan.tables.unreadable import Unreadable
from xiaoguan.tables.workbook import check_zip, kind_of_zip, open_workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"MZ", "EXE"),
    (b"SQLite format 3\0", "SQLite"),
    (b"PAR1", "Parquet"),
)
WORKBOOK_NAMES = {".xlsx", ".xlsm", ".xlsb", ".ods", ".xls", ".et"}


@dataclass
class Source:
    """An opened file: its sheets, what it turned out to be, and what was noticed on the way (codes)."""

    name: str
    kind: str
    size: int
    sheets: Sequence[Sheet]
    encoding: str = ""
    delimiter: str = ""
    notices: list[str] = field(default_factory=list)

    def sheet(self, name: str) -> Sheet:
        """The sheet of that name; Unreadable("no_sheet") when there is none."""
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        raise Unreadable("no_sheet", sheet=name, sheets=", ".join(sheet.name for sheet in self.sheets))


def open_path(path: str | os.PathLike[str], *, encoding: str = "", limits: Limits | None = None) -> Source:
    """Open the file at `path`; raises Unreadable with a code."""
    where = Path(path)
    if not where.is_file():
        raise Unreadable("missing")
    return open_source(lambda: where.open("rb"), where.name, encoding=encoding, limits=limits)


def open_source(
    opener: Callable[[], BinaryIO], name: str, *, encoding: str = "", limits: Limits | None = None
) -> Source:
    """Open what `opener` yields (called again for each walk over a text file); `encoding` overrides detection."""
    limits = limits or Limits()
    with opener() as file:
        size = file.seek(0, os.SEEK_END)
        if size == 0:
            raise Unreadable("empty")
        if size > limits.max_bytes:
            raise Unreadable("too_large", size=-(-size // MEGABYTE), limit=limits.max_bytes // MEGABYTE)
        file.seek(0)
        head = file.read(8192)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _zipped(file, name, size, limits)
        if head.startswith(OLE):
            return _binary_workbook(file, name, size)
        _refuse_other(head)
        return _text(opener, file, name, size, encoding)


def _zipped(file: BinaryIO, name: str, size: int, limits: Limits) -> Source:
    archive = check_zip(file, limits)
    kind = kind_of_zip(archive)
    if kind != "workbook":
        raise Unreadable("not_a_table", kind={"document": "Word", "slides": "PowerPoint", "zip": "ZIP"}[kind])
    sheets = open_workbook(file, limits, archive)
    notices = [] if PurePath(name).suffix.lower() in WORKBOOK_NAMES else ["named_as_text"]
    return Source(name, "workbook", size, sheets, notices=notices)


def _binary_workbook(file: BinaryIO, name: str, size: int) -> Source:
    """An OLE container is an encrypted workbook, an old .xls, or something else of Office."""
    file.seek(0)
    content = file.read()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Unreadable("encrypted")
    if not any(word.encode("utf-16-le") in content for word in ("Workbook", "Book")):
        raise Unreadable("not_a_table", kind="Word/PowerPoint")
    return Source(name, "xls", size, old_book.read(file))


def _refuse_other(head: bytes) -> None:
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            raise Unreadable("not_a_table", kind=kind)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        raise Unreadable("html_table")
    if start.startswith(b"<?xml"):
        raise Unreadable("html_table" if b"<html" in start else "xml_table")


def _text(opener: Callable[[], BinaryIO], file: BinaryIO, name: str, size: int, override: str) -> Source:
    file.seek(0)
    head = file.read(1 << 16)
    if not head.strip(b" \t\r\n\xef\xbb\xbf\xff\xfe\0"):
        raise Unreadable("no_rows")
    found = detect_encoding(file)
    if override and override != found.name:
        if override not in ENCODINGS:
            raise Unreadable("wrong_encoding", encoding=override)
        found = Encoding(override, 0)
    if not found.name.startswith("utf-16") and _looks_binary(head):
        raise Unreadable("binary")
    sheet = DelimitedSheet(opener, PurePath(name).stem, found)
    notices = ["mixed_encoding"] if found.mixed else []
    if PurePath(name).suffix.lower() in WORKBOOK_NAMES:
        notices.append("named_as_workbook")
    return Source(name, "text", size, [sheet], found.name, sheet.delimiter, notices)


def _looks_binary(head: bytes) -> bool:
    """Text has next to no control characters; a few NULs are a damaged row, many are no text at all."""
    control = sum(head.count(bytes([code])) for code in (*range(9), *range(14, 32)))
    return control > len(head) * 0.05

"""Which encoding a text file is in, decided from its bytes alone, and decoding that survives a mixed file."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import AnyStr, BinaryIO, NamedTuple

CHUNK = 1 << 20

#: Offered to the user as an override, in this order.
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be", "cp1252", "shift_jis", "euc_kr")

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Encoding(NamedTuple):
    """A Python codec name, the length of the byte order mark, and whether some lines are not in this encoding."""

    name: str
    bom: int = 0
    mixed: bool = False


def detect_encoding(file: BinaryIO) -> Encoding:
    """Decide the encoding of the whole `file` (position is reset to 0)."""
    file.seek(0)
    head = file.read(CHUNK)
    for mark, name in BOMS:
        if head.startswith(mark):
            return Encoding(name, len(mark), name == "utf-8" and not _valid(file, "utf-8", len(mark)))
    wide = _wide_without_bom(head)
    if wide:
        return Encoding(wide)
    if _valid(file, "utf-8"):
        return Encoding("utf-8")
    return _among_legacy(file)


def _wide_without_bom(head: bytes) -> str:
    """UTF-16 shows NULs on one side of nearly every pair when the text is mostly Latin, digits and separators."""
    sample = head[: 1 << 16]
    if len(sample) < 4:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > half * 0.1 and even < half * 0.02:
        return "utf-16-le"
    if even > half * 0.1 and odd < half * 0.02:
        return "utf-16-be"
    return ""


def _valid(file: BinaryIO, name: str, skip: int = 0) -> bool:
    """Whether the whole file decodes strictly."""
    decoder = codecs.getincrementaldecoder(name)("strict")
    file.seek(skip)
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def _among_legacy(file: BinaryIO) -> Encoding:
    """The file is not clean UTF-8: mostly UTF-8 with foreign lines, or GB18030, Big5, or a Western code page."""
    lines = list(_non_ascii_lines(file))
    utf8 = sum(_decodes(line, "utf-8") for line in lines)
    if utf8 * 2 > len(lines):
        return Encoding("utf-8", mixed=True)
    foreign = [line for line in lines if not _decodes(line, "utf-8")]
    blob = b"\n".join(foreign)
    chinese, traditional = _pair_share(blob, 0xB0, 0xD7, 0xA1), _pair_share(blob, 0xA4, 0xC6, 0x40)
    if max(chinese, traditional) < 0.5:
        name = "gb18030" if _share(foreign, "gb18030") == 1 and chinese > 0.3 else "cp1252"
        return Encoding(name, mixed=utf8 > 0)
    ranked = sorted((("gb18030", chinese), ("big5", traditional)), key=lambda pair: -pair[1])
    name = next((name for name, _ in ranked if _share(foreign, name) > 0.9), ranked[0][0])
    return Encoding(name, mixed=utf8 > 0 and any(not _decodes(line, name) for line in lines))


def _non_ascii_lines(file: BinaryIO, limit: int = 4000) -> Iterator[bytes]:
    """The first `limit` lines that hold a byte above 127."""
    file.seek(0)
    found = 0
    for line in file:
        if not line.isascii():
            yield line.rstrip(b"\r\n")
            found += 1
            if found == limit:
                break
    file.seek(0)


def _decodes(line: bytes, name: str) -> bool:
    try:
        line.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _share(lines: list[bytes], name: str) -> float:
    return sum(_decodes(line, name) for line in lines) / max(1, len(lines))


def _pair_share(blob: bytes, low: int, high: int, trail_from: int) -> float:
    """Share of double-byte characters that lie in the encoding's block of frequent characters or its punctuation.

    GB 2312 keeps the 3,755 frequent characters under lead bytes B0-D7 with trails from A1, Big5 its 5,401 under
    A4-C6: real text lies there almost entirely, text of the other encoding does not.
    """
    frequent = total = 0
    position, end = 0, len(blob) - 1
    while position < end:
        lead = blob[position]
        if lead < 0x80:
            position += 1
            continue
        trail = blob[position + 1]
        if trail < 0x30:
            total += 1
            position += 1
            continue
        total += 1
        punctuation = 0xA1 <= lead <= 0xA3 and trail >= trail_from
        good_trail = trail >= 0xA1 or (trail_from == 0x40 and 0x40 <= trail <= 0x7E)
        if punctuation or (low <= lead <= high and good_trail):
            frequent += 1
        position += 2
    return frequent / total if total else 0.0


class Line(NamedTuple):
    """One decoded physical line with its end, and whether its bytes did not fit the file's encoding."""

    text: str
    foreign: bool = False


def decoded_lines(file: BinaryIO, encoding: Encoding) -> Iterator[Line]:
    """Decode `file` line by line; a line that does not fit is guessed from the other encodings and marked."""
    file.seek(encoding.bom)
    if encoding.name.startswith(("utf-16", "utf-32")):
        yield from _wide_lines(file, encoding.name)
        return
    rest = b""
    while chunk := file.read(CHUNK):
        chunk = rest + chunk
        cut = chunk.rfind(b"\n") + 1 or (chunk.rfind(b"\r", 0, -1) + 1)
        chunk, rest = chunk[:cut], chunk[cut:]
        yield from _decode_block(chunk, encoding.name)
    yield from _decode_block(rest, encoding.name)


def _decode_block(block: bytes, name: str) -> Iterator[Line]:
    """Whole blocks decode at once; only a block with a foreign byte goes line by line."""
    try:
        text = block.decode(name)
    except UnicodeDecodeError:
        for line in _split(block, b"\n", b"\r"):
            try:
                yield Line(line.decode(name))
            except UnicodeDecodeError:
                yield Line(_guess(line, name), foreign=True)
    else:
        for part in _split(text, "\n", "\r"):
            yield Line(part)


def _split(block: AnyStr, newline: AnyStr, carriage: AnyStr) -> list[AnyStr]:
    """Split after each LF, or after each CR when the block has no LF (old Macintosh files)."""
    end = newline if newline in block or carriage not in block else carriage
    parts: list[AnyStr] = [part + end for part in block.split(end)]
    last = parts.pop()[: -len(end)]
    if last:
        parts.append(last)
    return parts


def _guess(line: bytes, name: str) -> str:
    """The most likely reading of one foreign line."""
    for other in ("utf-8", "gb18030", "big5", "cp1252"):
        if other != name and _decodes(line, other):
            return line.decode(other)
    return line.decode(name, "replace")


def _wide_lines(file: BinaryIO, name: str) -> Iterator[Line]:
    """UTF-16 and UTF-32 can't be cut at a byte; broken pairs become U+FFFD and mark their line."""
    decoder = codecs.getincrementaldecoder(name)("replace")
    rest = ""
    while True:
        chunk = file.read(CHUNK)
        rest += decoder.decode(chunk, not chunk)
        cut = len(rest) if not chunk else rest.rfind("\n") + 1
        block, rest = rest[:cut], rest[cut:]
        for part in _split(block, "\n", "\r"):
            yield Line(part, foreign="\ufffd" in part)
        if not chunk:
            return

"""What a file is by its content; its name and what the browser says must agree with that."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import IO, Any

from django.utils.translation import gettext as _

from xiaoguan.kit.errors import Invalid

HEAD = 4096
DIRECTORY = 2**20
"""So much of a zip's end is looked at: its directory names what is inside."""
NAME = 200
OOXML = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True)
class Sort:
    """One sort of file: its type, the endings its name may have (the first is given to names without one)."""

    type: str
    endings: tuple[str, ...]
    picture: bool = False


JPEG = Sort("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), picture=True)
PNG = Sort("image/png", ("png",), picture=True)
GIF = Sort("image/gif", ("gif",), picture=True)
WEBP = Sort("image/webp", ("webp",), picture=True)
PDF = Sort("application/pdf", ("pdf",))
TEXT = Sort("text/plain", ("txt", "csv", "tsv", "md", "log", "dxf"))
OLD_OFFICE = Sort("application/x-ole-storage", ("doc", "xls", "ppt", "wps", "et", "dps", "msg", "vsd"))
RTF = Sort("application/rtf", ("rtf", "doc"))
DRAWING = Sort("image/vnd.dwg", ("dwg",))
ZIP = Sort("application/zip", ("zip",))
SEVEN = Sort("application/x-7z-compressed", ("7z",))
RAR = Sort("application/vnd.rar", ("rar",))
MP3 = Sort("audio/mpeg", ("mp3",))
WAV = Sort("audio/wav", ("wav",))
AMR = Sort("audio/amr", ("amr",))
M4A = Sort("audio/mp4", ("m4a",))
PACKED = {
    "word/document": Sort(f"{OOXML}wordprocessingml.document", ("docx",)),
    "xl/workbook": Sort(f"{OOXML}spreadsheetml.sheet", ("xlsx",)),
    "ppt/presentation": Sort(f"{OOXML}presentationml.presentation", ("pptx",)),
}
OPEN_DOCUMENT = {
    (kind := f"application/vnd.oasis.opendocument.{name}"): Sort(kind, (ending,))
    for name, ending in (("text", "odt"), ("spreadsheet", "ods"), ("presentation", "odp"))
}
SORTS = [
    JPEG, PNG, GIF, WEBP, PDF, TEXT, OLD_OFFICE, RTF, DRAWING, ZIP, SEVEN, RAR, MP3, WAV, AMR, M4A,
    *PACKED.values(), *OPEN_DOCUMENT.values(),
]  # fmt: skip
ENDINGS = sorted({ending for sort in SORTS for ending in sort.endings})
ACCEPT = ",".join(f".{ending}" for ending in ENDINGS)
"""What the file dialog of a browser offers."""
MAGIC: list[tuple[bytes, Sort]] = [
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"%PDF-", PDF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLD_OFFICE),
    (b"{\\rtf", RTF),
    (b"AC10", DRAWING),
    (b"7z\xbc\xaf\x27\x1c", SEVEN),
    (b"Rar!\x1a\x07", RAR),
    (b"ID3", MP3),
    (b"\xff\xfb", MP3),
    (b"\xff\xf3", MP3),
    (b"#!AMR", AMR),
]
SAID = {"image/jpg": JPEG, "image/pjpeg": JPEG, "image/x-png": PNG, "application/x-pdf": PDF}
"""Other names that browsers have for a type."""
ACTIVE = re.compile(rb"<\s*(?:!doctype|html|head|body|script|svg|\?xml|iframe|object|embed|meta|math)\b", re.IGNORECASE)


def sniff(file: IO[bytes]) -> Sort | None:
    """The sort of a file by its content, None for what is not taken; the file is left at its start."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    for magic, sort in MAGIC:
        if head.startswith(magic):
            return sort
    if head[:4] == b"RIFF":
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return M4A if head[8:12] == b"M4A " else None
    if head.startswith(b"PK\x03\x04"):
        return _packed(file, head)
    return TEXT if _is_text(file, head) else None


def _packed(file: IO[bytes], head: bytes) -> Sort | None:
    """What a zip holds, by the names in its directory at the end; None without one. Nothing is unpacked."""
    size = file.seek(0, 2)
    file.seek(max(0, size - DIRECTORY))
    tail = file.read()
    file.seek(0)
    if b"PK\x05\x06" not in tail:
        return None
    for kind, sort in OPEN_DOCUMENT.items():
        if head[30:].startswith(f"mimetype{kind}".encode()):
            return sort
    if b"[Content_Types].xml" in tail:
        return next((sort for part, sort in PACKED.items() if part.encode() in tail), ZIP)
    return ZIP


def _is_text(file: IO[bytes], head: bytes) -> bool:
    """Whether it is plain text in one of the usual encodings that does not begin like a web page or drawing."""
    if not head or ACTIVE.search(head.replace(b"\x00", b"")):
        return False
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in head:
        return False
    else:
        encodings = ["utf-8-sig", "gb18030"]
    body = file.read()
    file.seek(0)
    for encoding in encodings:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not any(unicodedata.category(char) == "Cc" and char not in "\t\r\n\f" for char in text[:HEAD])
    return False


def clean_name(name: str) -> str:
    """A person's file name without ways, control characters or signs that turn the reading direction; at most 200."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name.replace("\x00", "")))[-1]
    shown = "".join(" " if char in "\r\n\t" else char for char in last)
    shown = "".join(char for char in shown if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    shown = " ".join(shown.split()).strip(". ")
    stem, dot, ending = shown.rpartition(".")
    if dot and len(shown) > NAME:
        shown = f"{stem[: NAME - len(ending) - 1]}.{ending}"
    return shown[:NAME] or "file"


def recognise(file: IO[bytes], name: str, declared: str = "") -> tuple[Sort, str]:
    """The sort of a file and its clean name; raises Invalid where content, name and declared type disagree."""
    name = clean_name(name)
    sort = sniff(file)
    if sort is None:
        raise wrong(
            _(
                "“%(name)s” can't be attached: this is no picture, PDF, Office document, text, drawing, recording or"
                " archive that can be recognised."
            ),
            name,
        )
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if not ending:
        name, ending = f"{name[: NAME - 6]}.{sort.endings[0]}", sort.endings[0]
    if ending not in sort.endings or not _agrees(declared, sort):
        raise wrong(_("“%(name)s” is not what its name says. Save it anew in the right format."), name)
    return sort, name


def _agrees(declared: str, sort: Sort) -> bool:
    """Whether a declared type fits: browsers guess from the ending, so only what a browser would show must be exact."""
    said = declared.partition(";")[0].strip().lower()
    if said in ("", "application/octet-stream", "binary/octet-stream"):
        return True
    found = SAID.get(said)
    told = found.type if found else said
    shown = {each.type for each in SORTS if each.picture} | {PDF.type, "image/svg+xml", "text/html"}
    if told in shown or sort.type in shown:
        return told == sort.type
    return not any(word in told for word in ("html", "javascript", "ecmascript", "x-msdownload"))


def wrong(sentence: str, name: str, **words: Any) -> Invalid:
    """A refusal of a file that names it."""
    return Invalid({"file": [sentence % {"name": name, **words}]})

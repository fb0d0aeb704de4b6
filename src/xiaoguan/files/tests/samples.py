"""Small files of every sort, honest ones and tricks."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

PLACE = "31 deg 23 min"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" \
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"  # fmt: skip
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.cookie)</script>"


def upload(body: bytes, name: str, declared: str = "application/octet-stream") -> SimpleUploadedFile:
    """A file as a form brings it."""
    return SimpleUploadedFile(name, body, declared)


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), *, turned: bool = False, mode: str = "RGB") -> bytes:
    """A picture with place, camera and comment in it; the left half is red. `turned` lies on its side."""
    image = Image.new(mode, size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = image.getexif()
    exif[0x010F] = "Spycam"
    exif[0x0112] = 6 if turned else 1
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (31.0, 23.0, 0.0)
    exif.get_ifd(0x8825)[27] = PLACE
    out = io.BytesIO()
    extra: dict[str, Any] = {"comment": b"taken at the plant"} if kind in ("JPEG", "GIF") else {}
    image.save(out, kind, exif=exif, **extra)
    return out.getvalue()


def moving(frames: int = 3) -> bytes:
    """A GIF that moves."""
    made = [Image.new("RGB", (20, 20), (80 * number, 0, 0)) for number in range(frames)]
    out = io.BytesIO()
    made[0].save(out, "GIF", save_all=True, append_images=made[1:], duration=80, comment=b"taken at the plant")
    return out.getvalue()


def packed(*names: str) -> bytes:
    """A zip with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            body = "application/vnd.oasis.opendocument.text" if name == "mimetype" else "x"
            archive.writestr(name, body)
    return out.getvalue()

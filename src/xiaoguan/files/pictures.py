"""Pictures: read by the one decoder their content names, written anew without what the camera noted, and made small."""

from __future__ import annotations

from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, ImageSequence

from xiaoguan.files.content import Sort, wrong
from xiaoguan.kit.errors import Invalid

PIXELS = 50_000_000
"""A picture larger than this is a mistake or an attack: 50 megapixels are what the best phones make."""
MOVING_PIXELS = 200_000_000
"""All frames of a moving picture together."""
THUMB = (480, 480)
MEMORY = 2**20


@dataclass
class Picture:
    """A picture written anew: its bytes, its size and a small WebP of it."""

    body: IO[bytes]
    thumb: IO[bytes]
    width: int
    height: int


def cleaned(file: IO[bytes], sort: Sort, name: str) -> Picture:
    """Decode, turn upright and encode again: place, camera and whatever else was hidden inside are gone.

    Raises Invalid for what can't be decoded or is larger than allowed.
    """
    wanted = sort.type.removeprefix("image/").upper()
    file.seek(0)
    try:
        with Image.open(file, formats=[wanted]) as image:
            _measure(image, name)
            return _written(image, wanted)
    except Invalid:
        raise
    except Exception as error:  # a broken picture raises whatever its decoder ran into
        raise wrong(_("The picture “%(name)s” is damaged and can't be read."), name) from error


def _measure(image: Any, name: str) -> None:
    """Refuse bombs by what the header says, before a pixel is decoded."""
    pixels = image.width * image.height
    if pixels > PIXELS or pixels * getattr(image, "n_frames", 1) > MOVING_PIXELS:
        said = _("The picture “%(name)s” has more than %(most)s million pixels. Make it smaller first.")
        raise wrong(said, name, most=PIXELS // 1_000_000)


def _written(image: Any, wanted: str) -> Picture:
    colours = {"icc_profile": image.info["icc_profile"]} if "icc_profile" in image.info else {}
    body: IO[bytes] = SpooledTemporaryFile(MEMORY)  # noqa: SIM115  kept open for whoever stores it
    if wanted != "JPEG" and getattr(image, "is_animated", False):
        frames = [frame.copy() for frame in ImageSequence.Iterator(image)]
        for frame in frames:
            _forget(frame)
        timing = {"duration": image.info.get("duration", 100), "loop": image.info.get("loop", 0)}
        frames[0].save(body, wanted, save_all=True, append_images=frames[1:], **timing, **colours)
        upright = frames[0]
    else:
        image.load()
        turned = image.getexif().get(0x0112, 1) != 1
        quality: dict[str, Any] = {"quality": 92} if wanted in ("JPEG", "WEBP") else {}
        if image.format == "JPEG" and not turned:  # what holds several pictures can't keep its own quality
            quality = {"quality": "keep", "subsampling": "keep"}
        upright = ImageOps.exif_transpose(image) if turned else image
        _forget(upright)
        upright.save(body, wanted, exif=b"", **({"comment": b""} if wanted == "JPEG" else {}), **quality, **colours)
    body.seek(0)
    return Picture(body, _small(upright), upright.width, upright.height)


def _forget(image: Any) -> None:
    """Drop what encoders would write along: notes, places, comments."""
    kept = {key: image.info[key] for key in ("transparency", "background", "duration", "loop") if key in image.info}
    image.info = kept


def _small(image: Any) -> IO[bytes]:
    out: IO[bytes] = SpooledTemporaryFile(MEMORY)  # noqa: SIM115  kept open for whoever stores it
    clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    small = image.convert("RGBA" if clear else "RGB")
    small.thumbnail(THUMB)
    small.save(out, "WEBP", quality=80)
    out.seek(0)
    return out

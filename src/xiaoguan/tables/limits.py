"""How much a file may weigh, unpacked and in cells, before it is refused with a clear message."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes unless said otherwise; the defaults suit a web upload on a small server.

    A worksheet's XML packs 5 to 40 times; 1,000 is what a bomb reaches. `max_cells` bounds the
    rectangle from A1 to the last used cell, because that rectangle is what memory must hold.
    """

    max_bytes: int = 200 * MEGABYTE
    max_unpacked: int = 2048 * MEGABYTE
    ratio_from: int = 20 * MEGABYTE
    max_ratio: int = 250
    max_parts: int = 10_000
    max_cells: int = 40_000_000


TRUSTED = Limits(max_bytes=1 << 40, max_unpacked=1 << 36, max_cells=1 << 28)
"""For files from the machine's own disk: the command line, and what the wizard has already let in."""

"""Write database and uploaded files into one archive, while the product may be running."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from django.conf import settings

from xiaoguan.config import archive, schema
from xiaoguan.config.refused import Refused
from xiaoguan.kit import clock


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--to", type=Path, metavar="FILE", help="the archive (default: in XIAOGUAN_HOME/backups)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: Namespace) -> int:
    """Write the archive, readable for its owner only, and say where it is."""
    if schema.pending():
        raise Refused("The database's schema is not the one of this version; run: xiaoguan migrate")
    path = options.to
    if path is None:
        folder = settings.XIAOGUAN_HOME / "backups"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"xiaoguan-{clock.local(clock.machine_now()):%Y%m%d-%H%M%S}.tar.gz"
    note = archive.write(path)
    size = path.stat().st_size
    if options.json:
        print(json.dumps({"file": str(path), "bytes": size, "engine": note["engine"], "version": note["version"]}))
    else:
        print(f"{path} ({size / 2**20:.1f} MiB)")
    return 0

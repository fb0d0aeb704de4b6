"""The documentation speaks of what is there: pictures exist, commands and languages are complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    """Every local address a page names is a file; `name.md` may stand for its Chinese twin too."""
    missing = [
        target
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert missing == []


def test_every_guide_has_both_languages() -> None:
    """A page of docs/ has its Chinese twin, except records of measurements and decisions."""
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"measurements.md", "glossary.md"}
    assert {
        name for name in pages if not name.endswith(".zh.md") and name.replace(".md", ".zh.md") not in pages
    } == set()


def test_every_command_is_told() -> None:
    """Whoever reads the documentation meets every subcommand."""
    told = " ".join(page.read_text(encoding="utf-8") for page in PAGES)
    commands = (ROOT / "src" / "xiaoguan" / "config" / "commands").glob("[a-z]*.py")
    names = {path.stem.rstrip("_") for path in commands}
    assert {name for name in names if name not in told} == set()

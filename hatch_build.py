"""Build hook: makes what the product carries ready-made: browser files, message catalogues, the table of regions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent / "tools"))

import assets
import catalogue
import divisions


class Hook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before hatchling collects the files; a source distribution carries the sources instead."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring the generated files up to date."""
        if self.target_name == "sdist":
            return
        root = Path(self.root)
        catalogue.compile_all(root)
        divisions.write(root)
        if assets.build(root):
            self.app.display_info("front end built")

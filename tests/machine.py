"""What of the machine tests use beside Python."""

import os
import shutil

BROWSERS = ("chromium-headless-shell", "/usr/lib/chromium/chromium", "chromium", "chromium-browser")
"""Chromium by preference: without a window it starts three times quicker; Debian's own without the extensions that its
starter asks for."""
CHROMIUM = os.environ.get("XIAOGUAN_TEST_CHROMIUM") or next(
    (found for name in BROWSERS if (found := shutil.which(name))), None
)

"""Spark for the one test that asks it: ``python tools/spark.py`` puts pyspark into ``.tools/spark``.

Beside the environment, not into it: half a gigabyte that nothing but that test reads. Standard library only.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / ".tools" / "spark"
LOCK = ROOT / "requirements" / "spark.lock"
STAMP = PLACE / "made-from.txt"
NO_JAVA = "Spark needs Java 17 or newer, which is not on this machine (Debian: apt-get install default-jre-headless)."


def ready() -> bool:
    """Return whether Java and the locked pyspark are here."""
    return shutil.which("java") is not None and STAMP.exists() and STAMP.read_text("ascii") == _fingerprint()


def begin() -> subprocess.Popen[str]:
    """Start to fetch pyspark; the process ends with 0 when it is there."""
    return subprocess.Popen([sys.executable, str(Path(__file__))], stderr=subprocess.PIPE, encoding="utf-8")


def install() -> int:
    """Fetch and unpack the locked pyspark; returns pip's exit code."""
    fresh = PLACE.with_name("spark.new")
    shutil.rmtree(fresh, ignore_errors=True)
    # The registry has the source alone. What is packed here is unpacked at once: there is no use in making it small.
    packed = "--config-settings=--build-option=--compression=stored"
    words = ["--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps", "--require-hashes", packed]
    pip = [sys.executable, "-m", "pip", "install", *words, "--target", str(fresh), "-r", str(LOCK)]
    code = subprocess.call(pip, cwd=ROOT)
    if code == 0:
        (fresh / STAMP.name).write_text(_fingerprint(), encoding="ascii")
        shutil.rmtree(PLACE, ignore_errors=True)
        fresh.rename(PLACE)
    return code


def _fingerprint() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


if __name__ == "__main__":
    if shutil.which("java") is None:
        sys.exit(NO_JAVA)
    sys.exit(0 if ready() else install())

"""Writes and checks ``requirements/*.lock``: every package with its hashes, no registry addresses.

``make lock`` resolves anew; ``check`` needs no network: each lock carries the hash of the pins it was made from.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import bootstrap

ROOT = Path(__file__).resolve().parent.parent
SETS = {"core": (), "dev": ("columns", "notices", "s3", "test", "check"), "docs": ("docs",), "spark": ("spark",)}
ALONE = {"spark"}
"""Sets without the product's own dependencies: they lie beside an environment that has those."""
HEAD = "# Made by `make lock` from the pins of pyproject.toml, fingerprint "


def fingerprint(name: str) -> str:
    """Return the hash of the direct dependencies that a lock answers for."""
    extras = SETS[name]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    own = [] if name in ALONE else [project["dependencies"]]
    pins = [project["requires-python"], *own, *(optional[extra] for extra in extras)]
    return hashlib.sha256(json.dumps(pins).encode()).hexdigest()[:16]


def stale() -> list[str]:
    """Return the locks that were not made from today's pins."""
    found = []
    for name in SETS:
        path = ROOT / "requirements" / f"{name}.lock"
        first = path.read_text(encoding="utf-8").partition("\n")[0] if path.exists() else ""
        if first != HEAD + fingerprint(name):
            found.append(str(path.relative_to(ROOT)))
    return found


def alone(extras: tuple[str, ...]) -> str:
    """Return the pins of some extras as a file of requirements."""
    optional = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    return "\n".join(pin for extra in extras for pin in optional[extra])


def write() -> int:
    """Resolve every set for all platforms and Python versions at once."""
    uv = bootstrap.find_uv()
    if not uv:
        print("uv is needed to resolve the locks.", file=sys.stderr)
        return 1
    (ROOT / "requirements").mkdir(exist_ok=True)
    for name, extras in SETS.items():
        path = ROOT / "requirements" / f"{name}.lock"
        words = [word for extra in extras for word in ("--extra", extra)]
        command = [*uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"]
        command += ["--no-header", "--no-emit-index-url"]
        command += ["-"] if name in ALONE else [*words, "pyproject.toml"]
        command += ["--output-file", str(path)] if path.exists() else []
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=bootstrap.uv_env(),
            input=alone(extras) if name in ALONE else None,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            return done.returncode
        text = path.read_text(encoding="utf-8") if path.exists() else done.stdout
        body = "\n".join(line for line in text.splitlines() if not line.startswith(HEAD))
        path.write_text(f"{HEAD}{fingerprint(name)}\n{body}\n", encoding="utf-8")
        print(path.relative_to(ROOT))
    return 0


def main() -> int:
    """Write the locks, or name the stale ones."""
    if sys.argv[1:] == ["write"]:
        return write()
    if sys.argv[1:] == ["check"]:
        found = stale()
        if found:
            print(f"Not made from today's pins (run make lock): {', '.join(found)}", file=sys.stderr)
        return 1 if found else 0
    print("usage: python tools/lock.py write|check", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())

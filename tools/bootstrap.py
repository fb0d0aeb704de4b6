"""From a bare Python to a running, tested product: ``python3 tools/bootstrap.py run|test|check|bench|install``.

Standard library only, nothing that exists on one operating system alone. It keeps ``.venv`` at the repository's root
and a stamp of what was installed there, so that a second call installs nothing.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

import assets

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
XIAOGUAN = BIN / ("xiaoguan.exe" if os.name == "nt" else "xiaoguan")
STAMP = VENV / "xiaoguan-stamp.json"
TOOLS = ROOT / ".tools"
UV = "uv==0.13.9"
LEAST = (3, 11)
GRACE = 15  # seconds
# Which set of packages a command needs; the larger one contains the smaller.
NEEDS = {"run": "core", "docs": "docs"}
BUILT_FROM = ("pyproject.toml", "hatch_build.py", "tools/assets.py", "tools/catalogue.py", "tools/divisions.py")


def main() -> int:
    """Prepare the environment and hand over to the command."""
    commands = {
        "run": run,
        "test": test,
        "check": check,
        "bench": bench,
        "install": lambda: say(f"Ready: {XIAOGUAN.relative_to(ROOT)} and {PYTHON.relative_to(ROOT)}"),
        "messages": lambda: call([PYTHON, "tools/messages.py", "sync"]),
        "docs": lambda: call([PYTHON, "-m", "mkdocs", "build", "--strict"]),
        "audit": lambda: call([PYTHON, "-m", "pip_audit", "-r", "requirements/core.lock", "--require-hashes"]),
        "lock": lambda: call([PYTHON, "tools/lock.py", "write"]),
    }
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        print(f"usage: python3 tools/bootstrap.py {'|'.join(commands)}", file=sys.stderr)
        return 2
    if sys.version_info < LEAST:
        return with_newer_python()
    try:
        prepare(NEEDS.get(sys.argv[1], "dev"))
    except (subprocess.CalledProcessError, assets.BuildFailed, OSError) as error:
        print(f"The environment could not be made: {error}", file=sys.stderr)
        return 1
    return commands[sys.argv[1]]()


def run() -> int:
    """Serve the demonstration company, made first when the database is empty."""
    return call([XIAOGUAN, "serve", "--demo"])


def test() -> int:
    """Run the suite: quick on SQLite, everything with TEST=all, or the paths that TEST names."""
    return call([PYTHON, "tools/suite.py", *os.environ.get("TEST", "").split()])


def check() -> int:
    """Run every check that needs no running product."""
    return call([PYTHON, "tools/check.py"])


def bench() -> int:
    """Run a measurement; BENCH names the script of ``bench/`` and its arguments."""
    script, *words = os.environ.get("BENCH", "web").split()
    path = ROOT / "bench" / (script if script.endswith(".py") else f"{script}.py")
    return call([PYTHON, path, *words])


def prepare(needs: str) -> None:
    """Make ``.venv`` hold the locked packages and this product, doing only what the stamp says is missing."""
    lock = ROOT / "requirements" / f"{needs}.lock"
    stamp = read_stamp()
    have = stamp.get("packages", {})
    wanted = assets.fingerprint([lock])
    dev = ROOT / "requirements" / "dev.lock"
    if needs == "core" and have.get("dev") == assets.fingerprint([dev]) and PYTHON.exists():
        needs, wanted = "dev", have["dev"]
    if not PYTHON.exists():
        stamp = {}
        make_venv()
    if stamp.get("packages", {}).get(needs) != wanted:
        say(f"Installing packages ({needs}) …")
        install(["--require-hashes", "-r", str(lock)])
        stamp = {"packages": {**stamp.get("packages", {}), needs: wanted}}
    catalogues = (ROOT / "src" / "xiaoguan" / "locale").rglob("*.po")
    built_from = assets.fingerprint([*(ROOT / name for name in BUILT_FROM), *catalogues])
    if stamp.get("product") != built_from or not XIAOGUAN.exists() or not assets.current(ROOT):
        say("Building the product …")
        install(["--no-deps", "-e", str(ROOT)], fresh=True)
    stamp["product"] = built_from
    STAMP.write_text(json.dumps(stamp), encoding="ascii")


def read_stamp() -> dict:
    """Return what the last successful preparation left, or nothing."""
    try:
        return json.loads(STAMP.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {}


def make_venv() -> None:
    """Create ``.venv``: with uv where it can be had (a distribution's Python may lack venv), else by the library."""
    uv = find_uv()
    if uv:
        call([*uv, "venv", "--quiet", "--python", sys.executable, str(VENV)], check=True)
    else:
        venv.create(VENV, with_pip=True, symlinks=os.name != "nt")


def install(words: list, fresh: bool = False) -> None:
    """Install into ``.venv`` with uv, or with pip where uv cannot be had."""
    uv = find_uv()
    if uv:
        again = ["--reinstall-package", "xiaoguan"] if fresh else []
        call([*uv, "pip", "install", "--quiet", "--python", str(PYTHON), *again, *words], check=True, env=uv_env())
    else:
        call([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words], check=True)


def find_uv() -> list | None:
    """Return how to call uv: the machine's, or one put into ``.tools`` by pip; None when neither works."""
    if os.environ.get("XIAOGUAN_INSTALLER") == "pip":
        return None
    on_path = shutil.which("uv")
    if on_path:
        return [on_path]
    local = TOOLS / "bin" / ("uv.exe" if os.name == "nt" else "uv")
    if not local.exists() and importlib.util.find_spec("pip"):
        words = [
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--target",
            str(TOOLS),
            "--upgrade",
            UV,
        ]
        subprocess.run([sys.executable, "-m", "pip", *words], check=False)
    if local.exists():
        return [str(local)]
    os.environ["XIAOGUAN_INSTALLER"] = "pip"
    return None


def uv_env() -> dict:
    """Return the environment for uv, which does not read pip's settings: a mirror set there is handed over."""
    environment = dict(os.environ)
    if "UV_DEFAULT_INDEX" not in environment and "UV_INDEX_URL" not in environment:
        index = os.environ.get("PIP_INDEX_URL", "")
        if not index and importlib.util.find_spec("pip"):
            command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
            index = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
        if index:
            environment["UV_DEFAULT_INDEX"] = index
    environment.setdefault("UV_SYSTEM_CERTS", "1")
    return environment


def call(command: list, check: bool = False, env: dict | None = None) -> int:
    """Run a command at the repository's root, passing on interruptions, and return its exit code."""
    child = subprocess.Popen([str(word) for word in command], cwd=ROOT, env=env)
    before = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        code = child.wait()
    except KeyboardInterrupt:
        code = after_interruption(child)
    finally:
        signal.signal(signal.SIGTERM, before)
    if check and code:
        raise subprocess.CalledProcessError(code, str(command[0]))
    return code


def after_interruption(child: subprocess.Popen) -> int:
    """Let the child end in good order: a terminal has told it too; one that was not told is told now."""
    try:
        return child.wait(timeout=GRACE)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        child.terminate()
        return child.wait()


def with_newer_python() -> int:
    """Start again with a newer Python of this machine, or say that one is needed."""
    for minor in range(19, LEAST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return subprocess.call([found, *sys.argv])
    print(f"Python {LEAST[0]}.{LEAST[1]} or newer is needed; this is {sys.version.split()[0]}.", file=sys.stderr)
    return 1


def say(sentence: str) -> int:
    """Print one line at once and return the exit code of a success."""
    print(sentence, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

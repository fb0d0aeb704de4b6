"""A private PostgreSQL for one test run: own data folder, unix socket only, gone afterwards. Standard library only."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

# Durability is of no use to a run that throws its data away.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "2GB",
    "shared_buffers": "128MB",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}


class Unavailable(Exception):
    """No PostgreSQL can be started here; the text says why."""


def programs() -> Path | None:
    """Return the folder of initdb and postgres: on PATH, else the newest that Debian keeps aside."""
    kept_aside = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = [Path(found).parent for found in [shutil.which("initdb")] if found]
    for folder in [*kept_aside, *on_path]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def _unprivileged() -> dict[str, object]:
    """Return what subprocess needs to drop root's rights, which PostgreSQL refuses to have."""
    if os.geteuid() != 0:
        return {}
    import pwd  # absent on Windows, where this is never reached

    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise Unavailable("PostgreSQL refuses to run as root, and neither postgres nor nobody exists here.")


def _folder() -> Path:
    """Return a new folder, in memory where there is room for it."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 2**30
    return Path(tempfile.mkdtemp(prefix="xgpg", dir=memory if roomy else None))


@contextlib.contextmanager
def private() -> Iterator[str]:
    """Start a server and yield its DATABASE_URL; stop it and remove its data at the end."""
    folder = programs()
    if folder is None or not hasattr(os, "geteuid"):
        raise Unavailable("PostgreSQL's server programs are not on this machine (Debian: apt-get install postgresql).")
    rights = _unprivileged()
    home = _folder()
    try:
        if rights:
            os.chown(home, rights["user"], rights["group"])
        data = home / "data"
        initdb = [
            folder / "initdb",
            "-D",
            data,
            "-U",
            "xiaoguan",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ]
        done = subprocess.run(initdb, capture_output=True, text=True, check=False, cwd=home, **rights)
        if done.returncode:
            raise Unavailable(f"initdb failed: {done.stderr.strip()}")
        words = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
        server = subprocess.Popen(
            [folder / "postgres", "-D", data, "-k", home, *words],
            cwd=home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **rights,
        )
        try:
            _wait(folder, home, server)
            yield f"postgresql://xiaoguan@/postgres?host={quote(str(home), safe='')}"
        finally:
            server.terminate()
            server.wait(timeout=60)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _wait(folder: Path, home: Path, server: subprocess.Popen) -> None:
    """Return when the server answers; give up after a minute."""
    probe = [folder / "pg_isready", "-q", "-h", home, "-U", "xiaoguan", "-d", "postgres"]
    for _ in range(600):
        if subprocess.run(probe, check=False).returncode == 0:
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise Unavailable("The private PostgreSQL did not start.")

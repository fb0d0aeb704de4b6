"""The signing key of an installation: given by the environment, or made once and kept beside the data."""

import os
import secrets
import tempfile
from pathlib import Path


def secret_key(given: str, home: Path) -> str:
    """Return the given key, else the one kept in ``home``, else a new one written there for its owner only."""
    if given:
        return given
    path = home / "secret_key"
    if not path.exists():
        _make(path)
    return path.read_text(encoding="ascii").strip()


def _make(path: Path) -> None:
    """Write a new key; of several processes starting at once exactly one wins and the others read what it wrote."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret")  # mode 600
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)  # unlike a rename it never replaces a key that another process has just written
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()

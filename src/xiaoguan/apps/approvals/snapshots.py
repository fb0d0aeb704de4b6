"""What is approved, in one fixed spelling, and its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder


def frozen(values: Mapping[str, Any]) -> dict[str, Any]:
    """A snapshot as it will come back from the database: JSON values only."""
    found: dict[str, Any] = json.loads(json.dumps(values, cls=DjangoJSONEncoder))
    return found


def digest(snapshot: Mapping[str, Any]) -> str:
    """SHA-256 of a snapshot; whoever has the snapshot can compute it."""
    text = json.dumps(snapshot, sort_keys=True, ensure_ascii=False, separators=(",", ":"), cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()

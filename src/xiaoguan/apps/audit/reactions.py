"""The audit's jobs, registered when the app is ready."""

from __future__ import annotations

from xiaoguan.apps.audit import exporting

__all__ = ["exporting"]

"""The metric dictionary."""

from xiaoguan.apps.metrics.models.definition import Definition, SeenBy

__all__ = ["Definition", "SeenBy"]

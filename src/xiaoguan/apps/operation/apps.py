"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationConfig(AppConfig):
    """The administrator's view of the machine."""

    name = "xiaoguan.apps.operation"
    verbose_name = _("Operation")

    def ready(self) -> None:
        """Declare the job, watch statements and jobs, and put the pages into the navigation."""
        from xiaoguan.apps.operation import clearing, job_log, navigation, planning, statements  # noqa: F401  on import

"""Django's view of the kit."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KitConfig(AppConfig):
    """The machine's own tables: changes, feed, credits, jobs, search entries."""

    name = "xiaoguan.kit"
    label = "kit"
    verbose_name = _("Machine")

    def ready(self) -> None:
        """Register the checks of declarations, every entity's history, the search keys and the kit's own jobs."""
        from xiaoguan.kit import bulk, checks, history, search, shelf, worker  # noqa: F401  registration on import
        from xiaoguan.kit.own import definitions, rules  # noqa: F401  registration on import

        history.register_all()

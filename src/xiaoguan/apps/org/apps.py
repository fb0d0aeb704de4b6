"""Registers the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrgConfig(AppConfig):
    """The company, its teams and people, and who may see whose records."""

    name = "xiaoguan.apps.org"
    verbose_name = _("Organisation")

    def ready(self) -> None:
        """Answer the kit's questions about people, teams and days, and follow every change of them."""
        from xiaoguan.apps.org import (  # noqa: F401  registration on import
            consequences,
            navigation,
            panels,
            policy,
            reactions,
            reception,
            sharing,
            why_page,
        )
        from xiaoguan.apps.org.zone import zone
        from xiaoguan.kit import access, clock, fact

        access.use(policy.OrgPolicy())
        fact.use_units(policy.teams_on)
        clock.use_zone(zone)
        sharing.register_all()
        why_page.register_all()

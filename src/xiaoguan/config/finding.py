"""What a look of ``xiaoguan doctor`` found."""

from dataclasses import dataclass

from django.utils.translation import pgettext_lazy

SUBJECTS = {
    "program": pgettext_lazy("doctor", "program"),
    "environment": pgettext_lazy("doctor", "environment"),
    "browser files": pgettext_lazy("doctor", "browser files"),
    "messages": pgettext_lazy("doctor", "messages"),
    "translations": pgettext_lazy("doctor", "translations"),
    "home": pgettext_lazy("doctor", "home"),
    "time zone": pgettext_lazy("doctor", "time zone"),
    "typefaces": pgettext_lazy("doctor", "typefaces"),
    "database": pgettext_lazy("doctor", "database"),
    "schema": pgettext_lazy("doctor", "schema"),
    "cache": pgettext_lazy("doctor", "cache"),
    "jobs": pgettext_lazy("doctor", "jobs"),
    "integrity": pgettext_lazy("doctor", "integrity"),
    "disk": pgettext_lazy("doctor", "disk"),
    "files": pgettext_lazy("doctor", "files"),
    "backup": pgettext_lazy("doctor", "backup"),
    "leases": pgettext_lazy("doctor", "leases"),
    "failed jobs": pgettext_lazy("doctor", "failed jobs"),
    "schedules": pgettext_lazy("doctor", "schedules"),
    "webhooks": pgettext_lazy("doctor", "webhooks"),
    "mail": pgettext_lazy("doctor", "mail"),
    "clock": pgettext_lazy("doctor", "clock"),
    "figures": pgettext_lazy("doctor", "figures"),
    "rights": pgettext_lazy("doctor", "rights"),
    "search": pgettext_lazy("doctor", "search"),
    "columnar copy": pgettext_lazy("doctor", "columnar copy"),
    "secrets": pgettext_lazy("doctor", "secrets"),
}
"""What can be looked at: the word that programs read, and the one people do."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; ``state`` is ok, warn (works, but) or fail (does not work), ``mend`` what to do."""

    subject: str
    state: str
    text: str
    mend: str = ""

    @property
    def label(self) -> str:
        """The subject in the reader's language."""
        return str(SUBJECTS[self.subject])

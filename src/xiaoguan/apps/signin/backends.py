"""Who a user name or an e-mail address belongs to, and whether the password is right."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Q
from django.http import HttpRequest

from xiaoguan.apps.org.models import Person


def find(typed: str) -> Person | None:
    """The person of a user name, else of an e-mail address that only one person at work has; one query."""
    typed = typed.strip()
    if not typed:
        return None
    rows = list(Person.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed), deleted_at__isnull=True)[:20])
    named = [row for row in rows if row.username.casefold() == typed.casefold()]
    mailed = [row for row in rows if row.email.casefold() == typed.casefold() and row.is_active]
    if named:
        return named[0]
    return mailed[0] if len(mailed) == 1 else None


class PersonBackend(AuthenticationBackend):
    """Hashes one password for every try, whether the name is known or not: the time it takes tells nothing."""

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> Person | None:
        typed = credentials.get("username") or credentials.get("email") or ""
        person = find(typed)
        if person is None or not person.has_usable_password():
            return None  # the caller hashes once all the same
        checked: Person | None = self._check_password(person, credentials.get("password") or "")
        return checked

"""Passwords: what makes a good one, which are used up, and what follows when one is set."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext

from xiaoguan.apps.org import sessions
from xiaoguan.apps.org.models import Person, UsedPassword
from xiaoguan.apps.org.queries import company
from xiaoguan.kit import clock

SHORTEST_PART = 4
"""Shorter names are in too many honest passwords to forbid them."""


class LengthValidator(MinimumLengthValidator):
    """As long as the company wants it, ten characters at least."""

    def __init__(self, min_length: int = 10) -> None:
        super().__init__(min_length)
        self.least = min_length

    def validate(self, password: str, user: Person | None = None) -> None:
        """Raise ValidationError for a short one."""
        self.min_length = max(self.least, company().password_length)
        super().validate(password, user)

    def get_help_text(self) -> str:
        """The rule in words."""
        self.min_length = max(self.least, company().password_length)
        return super().get_help_text()


class OwnWordsValidator:
    """Not with the person's own name, the user name or the company's name in it."""

    def validate(self, password: str, user: Person | None = None) -> None:
        """Raise ValidationError where one of these words is in it."""
        spelt = password.casefold()
        if any(word in spelt for word in self._words(user)):
            raise ValidationError(
                gettext("Your name, user name or the company's name must not be in it."), code="own_words"
            )

    def _words(self, user: Person | None) -> set[str]:
        own = company()
        texts = [own.name, own.short_name]
        if user is not None:
            texts += [user.username, user.name, user.english_name, user.email.partition("@")[0], user.phone]
        words = {part for text in texts for part in [text, *text.split()]}
        return {word.casefold() for word in words if len(word) >= (SHORTEST_PART if word.isascii() else 2)}

    def get_help_text(self) -> str:
        """The rule in words."""
        return gettext("Your name, user name or the company's name must not be in it.")


class UsedValidator:
    """None of the last ones."""

    def validate(self, password: str, user: Person | None = None) -> None:
        """Raise ValidationError for a password that was set before."""
        if user is None or user.pk is None:
            return
        many = company().password_history
        used = list(
            UsedPassword.objects.filter(person=user).order_by("-at", "-pk").values_list("hash", flat=True)[:many]
        )
        if many and user.password and user.password not in used:
            used = [user.password, *used][:many]
        if any(check_password(password, each) for each in used):
            raise ValidationError(
                ngettext(
                    "This is your password already.",
                    "This is one of your last %(many)s passwords.",
                    many,
                )
                % {"many": many},
                code="used",
            )

    def get_help_text(self) -> str:
        """The rule in words; nothing where old ones are welcome."""
        many = company().password_history
        text = ngettext("Not the one you have.", "None of your last %(many)s.", many)
        return text % {"many": many} if many else ""


def store(person: Person, password: str, *, but: str | None = None) -> None:
    """Set a checked password: it is remembered as used, open links and other sessions end."""
    person.set_password(password)
    Person.objects.filter(pk=person.pk).update(password=person.password)
    UsedPassword.objects.create(person=person, hash=person.password, at=clock.machine_now())
    keep = UsedPassword.objects.filter(person=person).order_by("-at", "-pk").values_list("pk", flat=True)
    UsedPassword.objects.filter(person=person).exclude(pk__in=list(keep[:25])).delete()
    sessions.end(person, but=but)


def expired(person: Person) -> bool:
    """Whether the company lets passwords expire and this one has."""
    days = company().password_days
    if not days or not person.has_usable_password():
        return False
    newest: Any = UsedPassword.objects.filter(person=person).order_by("-at").values_list("at", flat=True).first()
    return newest is not None and newest < clock.machine_now() - dt.timedelta(days=days)

"""Who came in, from where and how; who is in; who tries too often; which passwords are used up."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What somebody showed at the door."""

    PASSWORD = "password", _("password")
    CODE = "code", _("code of an authenticator app")
    RECOVERY = "recovery", _("recovery code")
    PASSKEY = "passkey", _("passkey")
    LINK = "link", _("one-time link")
    ACCOUNT = "account", _("company account")
    CONFIRM = "confirm", _("confirmation while signed in")
    SIGN_OUT = "sign_out", _("signing out")
    UNNOTED = "unnoted", _("not noted")
    """Earlier versions did not write down by what somebody came in."""


class Outcome(models.TextChoices):
    """How it ended."""

    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    LOCKED = "locked", _("too many tries")
    REFUSED = "refused", _("refused")


class SignIn(models.Model):
    """One event at the door, the only place where it stands: pages of sign-in, the audit and the metrics read it.

    Rows are only ever added; `person` is empty where nobody of that name works here.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("person")
    )
    at = models.DateTimeField(_("time"))
    kind = models.CharField(_("by"), max_length=12, choices=Kind.choices)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    reason = models.CharField(_("reason"), max_length=80, blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)
    agent = models.CharField(_("device"), max_length=200, blank=True)
    name = models.CharField(max_length=150, blank=True, editable=False)
    """A user name as typed. Earlier versions kept it; nothing writes it any more, as it may have been a password."""

    class Meta:
        verbose_name = _("sign-in event")
        verbose_name_plural = _("sign-in events")
        indexes = [
            models.Index(fields=["-at"], name="org_signin_at"),
            models.Index(fields=["person", "-at"], name="org_signin_person"),
            models.Index(fields=["outcome", "-at"], name="org_signin_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind} {self.outcome}"


class Session(AbstractBaseSession):
    """A session and, once somebody is signed in, whose it is; `config.sessions` keeps the columns."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-seen_at"], name="org_session_person")]

    @classmethod
    def get_session_store_class(cls) -> None:
        """Unused: the engine of the settings reads and writes this table."""


class Attempts(models.Model):
    """Failed tries in a row for one account or from one address, and until when the next has to wait."""

    key = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    address = models.CharField(max_length=45, blank=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("lock")
        verbose_name_plural = _("locks")
        indexes = [models.Index(fields=["until"], name="org_attempts_until")]

    def __str__(self) -> str:
        return f"{self.person or self.address} × {self.failures}"


class UsedPassword(models.Model):
    """The hash of a password somebody has set, the newest being the one in use."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    hash = models.CharField(max_length=255)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="org_usedpassword_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.at:%Y-%m-%d}"

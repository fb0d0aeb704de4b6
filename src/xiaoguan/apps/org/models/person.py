"""People: everybody who sells, manages or serves, and signs in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy as _

from xiaoguan.apps.org.models.reach import Reach
from xiaoguan.apps.org.models.role import Role
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record

SYSTEM = "system"
"""The user name of the actor that jobs and repairs work as; nobody can sign in with it."""


class Position(models.TextChoices):
    """What somebody's job is, as far as pages and duties depend on it."""

    SALES_ENGINEER = "sales_engineer", _("sales engineer")
    SALES_MANAGER = "sales_manager", _("sales manager")
    SALES_DIRECTOR = "sales_director", _("sales director")
    GENERAL_MANAGER = "general_manager", _("general manager")
    SALES_ASSISTANT = "sales_assistant", _("sales assistant")
    HR = "hr", _("human resources")
    FINANCE = "finance", _("finance")
    SERVICE = "service", _("after-sales engineer")
    ADMINISTRATOR = "administrator", _("administrator")
    AUDITOR = "auditor", _("auditor")
    OTHER = "other", _("other position")


class Language(models.TextChoices):
    """The person's own choice; empty follows the browser."""

    BROWSER = "", _("As the browser asks")
    CHINESE = "zh-hans", _("Chinese")
    ENGLISH = "en", _("English")


class Theme(models.TextChoices):
    """Light or dark."""

    SYSTEM = "", _("As the device is set")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(models.TextChoices):
    """Height of table rows."""

    COMPACT = "compact", _("Compact")
    COMFORTABLE = "comfortable", _("Comfortable")


class UnitDisplay(models.TextChoices):
    """How amounts are shown on lists and homes; empty is what the language is used to."""

    SHORT = "", _("Short: ten thousands in Chinese, thousands in English")
    YUAN = "yuan", _("Whole yuan")


class PersonManager(BaseUserManager["Person"]):
    """People; the system's own actor is left out of every list."""

    def get_queryset(self) -> QuerySet[Person]:
        """Everybody but the system."""
        return super().get_queryset().filter(system=False)

    def get_by_natural_key(self, username: str | None) -> Person:
        """Find by user name whatever its case, so that Chen and chen are one."""
        return self.get(username__iexact=username)

    def create_user(self, username: str, password: str | None = None, **values: Any) -> Person:
        """Store a person directly, for the shell and tests of sign-in; actions.join is the way in of the product."""
        person = self.model(username=username, **{"name": username, **values})
        person.set_password(password)
        person.save(using=self._db)
        return person


def not_reserved(value: str) -> None:
    """Refuse the system's user name."""
    if value.casefold() == SYSTEM:
        raise ValidationError(_("This user name is reserved."), code="reserved")


class Person(AbstractBaseUser, Record):
    """Somebody of the company; without a password he is on the books but can't sign in."""

    username = models.CharField(
        _("user name"),
        max_length=80,
        unique=True,
        validators=[UnicodeUsernameValidator(), not_reserved],
        error_messages={"unique": _("Somebody else has this user name.")},
    )
    name = models.CharField(_("full name"), max_length=80)
    english_name = models.CharField(_("English name"), max_length=80, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    employee_no = models.CharField(_("employee number"), max_length=40, null=True, blank=True)
    position = models.CharField(_("position"), max_length=20, choices=Position.choices, blank=True)
    job_title = models.CharField(_("job title"), max_length=80, blank=True)
    joined_on = models.DateField(_("joined on"), null=True, blank=True)
    left_on = models.DateField(_("last working day"), null=True, blank=True, editable=False)
    is_active = models.BooleanField(_("may sign in"), default=True, editable=False)
    system = models.BooleanField(default=False, editable=False)
    roles = models.ManyToManyField(Role, blank=True, related_name="people", verbose_name=_("roles"))

    language = models.CharField(_("language"), max_length=10, choices=Language.choices, blank=True, editable=False)
    theme = models.CharField(_("appearance"), max_length=10, choices=Theme.choices, blank=True, editable=False)
    density = models.CharField(
        _("row height"), max_length=12, choices=Density.choices, default=Density.COMPACT, editable=False
    )
    unit_display = models.CharField(
        _("amounts"), max_length=10, choices=UnitDisplay.choices, blank=True, default=UnitDisplay.SHORT, editable=False
    )

    objects = PersonManager()
    anybody = models.Manager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    entity = Entity(
        slug="people",
        icon="users",
        nav="settings",
        scope="self",
        list="name username unit position phone email employee_no joined_on is_active",
        form="name username english_name position | phone email | employee_no job_title joined_on",
        filter="unit position joined_on left_on is_active",
        find="name username english_name phone employee_no",
        key="username",
        sort="name",
        title="name",
        subtitle="position unit",
    )

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                fields=["employee_no"],
                condition=models.Q(deleted_at__isnull=True),
                name="org_person_employee_no",
            ),
            models.UniqueConstraint(
                models.functions.Lower("username"),
                name="org_person_username_ci",
                violation_error_message=_("Somebody else has this user name."),
            ),
        ]
        indexes = [models.Index(fields=["name"], name="org_person_name")]

    def __str__(self) -> str:
        return gettext("System") if self.system else self.name

    def prepare(self) -> None:
        """Keep empty keys empty and the user name without stray blanks."""
        self.username = self.normalize_username(self.username.strip())
        self.employee_no = (self.employee_no or "").strip() or None
        if not self.password:
            self.set_unusable_password()

    def get_full_name(self) -> str:
        """The name as colleagues say it."""
        return str(self)

    def get_short_name(self) -> str:
        """The last two characters, as in the circle beside a name."""
        return self.name[-2:]

    @property
    def team_label(self) -> str:
        """The main team, for the frame."""
        return str(self.unit) if self.unit_id else ""

    def reach_ids(self) -> QuerySet[Any, int]:
        """Ids of the people whose records this person reaches, himself included, as a subquery."""
        return Reach.objects.filter(viewer_id=self.pk).values_list("person_id", flat=True)

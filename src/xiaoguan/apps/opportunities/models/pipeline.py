"""The sales process: a pipeline and its stages."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.opportunities.models.choosing import RolesField
from xiaoguan.kit.coded import Coded
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fields import RATE_ONE, PercentField
from xiaoguan.kit.record import Record


class Outcome(models.TextChoices):
    """What a deal in a stage is: still open, or how it ended."""

    OPEN = "open", pgettext_lazy("deal", "Open")
    WON = "won", _("Won")
    AFTER = "after", _("Won, being served")
    LOST = "lost", _("Lost")
    INVALID = "invalid", _("Invalid")


class Back(models.TextChoices):
    """Who may take a deal back from a stage to an earlier one."""

    ANYONE = "anyone", _("whoever may change the deal")
    OWNER = "owner", _("only its owner")
    MANAGER = "manager", _("only a manager of its owner")
    NOBODY = "nobody", _("nobody")
    ROLES = "roles", _("only certain roles")


WINNING = (Outcome.WON.value, Outcome.AFTER.value)


class Pipeline(Coded, Record):
    """A standard way from first contact to service; deals of different kinds may follow different ones."""

    names = {"default": _("Standard sales process")}

    position = models.PositiveSmallIntegerField(_("order"), default=0)

    entity = Entity(
        slug="pipelines",
        icon="git-branch",
        nav="settings",
        scope="all",
        list="name position",
        form="name position",
        key="name",
        sort="position",
    )

    class Meta:
        verbose_name = _("pipeline")
        verbose_name_plural = _("pipelines")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["code"], name="opportunities_pipeline_code")]


class Stage(Coded, Record):
    """One step of a pipeline; its outcome decides the status of the deals in it."""

    names = {
        "prospecting": _("Prospecting"),
        "needs": _("Needs analysis"),
        "solution": _("Solution design"),
        "contracting": _("Contracting"),
        "after_sales": _("After-sales"),
        "lost": _("Lost"),
        "invalid": _("Invalid"),
    }

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="stages", verbose_name=_("pipeline"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    probability = PercentField(
        _("win probability"), default=0, validators=[MinValueValidator(0), MaxValueValidator(RATE_ONE)]
    )
    expected_days = models.PositiveSmallIntegerField(
        _("usual days"), null=True, blank=True, help_text=_("A deal that stays longer is shown as stuck.")
    )

    back = models.CharField(_("who may move back"), max_length=8, choices=Back.choices, default=Back.ANYONE)
    back_roles = RolesField(
        _("roles that may move back"), max_length=200, null=True, blank=True,
        help_text=_("Counts where only certain roles may."),
    )  # fmt: skip
    skippable = models.BooleanField(
        _("may be skipped"), default=True, help_text=_("Whether a deal may go on without having been here.")
    )

    limit = models.PositiveSmallIntegerField(
        _("deals per person"),
        null=True,
        blank=True,
        help_text=_("More than this on one person's board is too much at once."),
    )

    entity = Entity(
        slug="stages",
        icon="stairs-up",
        nav="settings",
        scope="all",
        list="name pipeline outcome probability expected_days position",
        form="name pipeline position | outcome probability expected_days | back back_roles skippable limit",
        filter="pipeline outcome",
        key="pipeline name",
        sort="position",
        subtitle="pipeline",
        lines="criteria duties",
    )

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ["pipeline", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["pipeline", "code"], name="opportunities_stage_code")]

    def prepare(self) -> None:
        """Roles are kept where they count."""
        if self.back != Back.ROLES:
            self.back_roles = None

    def clean(self) -> None:
        """Whoever leaves it to roles names them."""
        if self.back == Back.ROLES and not self.back_roles:
            raise ValidationError({"back_roles": _("Choose at least one role.")})

    @property
    def is_open(self) -> bool:
        """Whether deals here still count in pipeline and forecast."""
        return self.outcome == Outcome.OPEN

    @property
    def wins(self) -> bool:
        """Whether a deal here is won."""
        return self.outcome in WINNING

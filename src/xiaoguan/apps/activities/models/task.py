"""What somebody is going to do by a day: the next step of a customer or a deal."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from xiaoguan.apps.customers.models import Contact, Customer
from xiaoguan.apps.opportunities.models import Deal, Duty
from xiaoguan.kit import clock
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.fact import Fact
from xiaoguan.kit.record import Record

ALIVE = Q(deleted_at__isnull=True)


class TaskKind(models.TextChoices):
    """How a task will be done."""

    TODO = "todo", _("To do")
    CALL = "call", _("Call")
    VISIT = "visit", _("Visit")
    MEETING = "meeting", _("Meeting")
    MESSAGE = "message", _("Message")
    MAIL = "mail", pgettext_lazy("way to be in touch", "E-mail")


class State(models.TextChoices):
    """Whether it is still to be done."""

    OPEN = "open", pgettext_lazy("task", "Open")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


class Priority(models.IntegerChoices):
    """What comes first among tasks of one day."""

    HIGH = 1, _("High")
    NORMAL = 2, _("Normal")
    LOW = 3, _("Low")


class Task(Record):
    """A task of its owner; the earliest open one is the next step of its customer and its deal."""

    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=8, choices=TaskKind.choices, default=TaskKind.TODO)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="tasks", db_index=False,
        verbose_name=_("customer"),
    )  # fmt: skip
    deal = models.ForeignKey(
        Deal, models.PROTECT, null=True, blank=True, related_name="tasks", db_index=False, verbose_name=_("deal")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("contact")
    )
    due_on = models.DateField(_("due on"))
    due_time = models.TimeField(_("time"), null=True, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN, editable=False)
    done_at = models.DateTimeField(_("done at"), null=True, editable=False)
    done_on = models.DateField(_("done on"), null=True, editable=False)
    note = models.TextField(_("note"), blank=True)
    duty = models.ForeignKey(
        Duty, models.PROTECT, null=True, blank=True, editable=False, related_name="tasks", db_index=False,
        verbose_name=_("standard action"),
    )  # fmt: skip

    entity = Entity(
        slug="tasks",
        icon="checkbox",
        nav="activities",
        list="title kind customer deal due_on state owner",
        form="title kind due_on due_time | customer deal contact owner | priority note",
        filter="state owner due_on kind priority customer deal done_on",
        find="title",
        key="",
        sort="due_on",
        subtitle="customer deal",
        facts=[
            Fact("task_done", _("Task done"), on="done_on", of="customer_id", watch="state"),
            Fact("task_on_time", _("Task done on time"), on="done_on", of="customer_id", watch="state due_on",
                 when=lambda task: task.done_on <= task.due_on),
        ],
    )  # fmt: skip

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            models.Index(fields=["owner", "state", "due_on"], condition=ALIVE, name="activities_task_mine"),
            models.Index(fields=["customer", "state", "due_on"], condition=ALIVE, name="activities_task_customer"),
            models.Index(fields=["deal", "state", "due_on"], condition=ALIVE, name="activities_task_deal"),
            models.Index(fields=["state", "due_on"], condition=ALIVE, name="activities_task_due"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state == State.OPEN

    def prepare(self) -> None:
        """Take the deal's customer; a finished task knows when, an open one has no such date."""
        self.title = " ".join(self.title.split())
        if self.customer_id is None and self.deal:
            self.customer_id = self.deal.customer_id
        if self.state == State.DONE:
            self.done_at = self.done_at or clock.now()
            self.done_on = clock.local(self.done_at).date()
        else:
            self.done_at = self.done_on = None

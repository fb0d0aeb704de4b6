"""Robots of groups in WeCom, DingTalk, Feishu and Slack."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.org.models import Team
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.record import Record


class Service(models.TextChoices):
    """Whose robot it is."""

    WECOM = "wecom", _("WeCom")
    DINGTALK = "dingtalk", _("DingTalk")
    FEISHU = "feishu", _("Feishu")
    SLACK = "slack", "Slack"
    OTHER = "other", _("Other (apprise)")


class Robot(Record):
    """A robot that tells a whole group what everybody in it may know; its address is kept apart, and never shown."""

    name = models.CharField(_("name"), max_length=80)
    service = models.CharField(_("service"), max_length=8, choices=Service.choices, default=Service.WECOM)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("about team"),
        help_text=_("With the teams below it; left empty it tells about the whole company."),
    )  # fmt: skip
    active = models.BooleanField(_("active"), default=True)
    kinds = models.JSONField(_("tells"), default=list, editable=False)

    owner_defaults = False

    entity = Entity(
        slug="robots",
        icon="message",
        scope="all",
        list="name service team active",
        form="name service team active",
        filter="service active team",
        find="name",
        sort="name",
        subtitle="service team",
    )

    class Meta:
        verbose_name = _("group robot")
        verbose_name_plural = _("group robots")

    def __str__(self) -> str:
        return self.name


class RobotAddress(models.Model):
    """Where a group's robot listens: whoever knows it may write into the group, so no log or list holds it."""

    robot = models.OneToOneField(Robot, models.CASCADE, primary_key=True, related_name="kept")
    address = models.CharField(max_length=400)
    signature = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.robot_id}"

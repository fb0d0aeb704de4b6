"""The job that takes notices out of the house: collects what is due into messages, then sends them.

Collecting and the message are one transaction. A message is marked as sent after the server took it, so a
crash between the two sends it again, under the same number; nothing is lost.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from xiaoguan.apps.notices import mail, robots
from xiaoguan.apps.notices.models import Message, Notice, Wish
from xiaoguan.apps.notices.models.message import Channel
from xiaoguan.apps.notices.sentences import Said, say
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import clock, job, outbound, schedule
from xiaoguan.kit.models.job import Job

DELAYS = (60, 300, 900, 3600, 10_800, 28_800, 86_400, 86_400)
"""Seconds until the next attempt, after the first, the second … one; then it is given up."""
PART = 100
MOST = 50
"""How many notices one message names; the rest are a number and a link."""
KEPT = dt.timedelta(days=90)


def delay(attempts: int) -> dt.timedelta | None:
    """How long to wait after so many attempts, spread a little; None when it was tried often enough."""
    if attempts > len(DELAYS):
        return None
    return dt.timedelta(seconds=DELAYS[attempts - 1] * random.uniform(1, 1.1))


@job.job("notices.deliver", label=gettext_lazy("Deliver notices"), lease=120)
def deliver(run: job.Run) -> dict[str, int]:
    """Collect and send everything that is due."""
    collected = _collect(run, Channel.MAIL) + _collect(run, Channel.ROBOT)
    sent = _send_mails(run) + _send_robots(run)
    return {"collected": collected, "sent": sent}


@job.job("notices.wake", label=gettext_lazy("Look for notices to deliver"))
def wake(run: job.Run) -> None:
    """Start the delivery where something is due: retries, what waited for morning, what a crash left behind."""
    now = clock.machine_now()
    with run.chunk():
        Job.objects.filter(kind="notices.wake", state=Job.State.DONE).delete()  # one a minute says nothing
        due = Q(mail_due__lte=now) | Q(robot_due__lte=now)
        if _due(now).exists() or Notice.objects.filter(due).exists():
            job.enqueue("notices.deliver", key="deliver", again=True)


schedule.every("* * * * *", "notices.wake", label=gettext_lazy("Look for notices to deliver"))


# Collecting ---------------------------------------------------------------------------------------------------------


def _collect(run: job.Run, channel: str) -> int:
    """Write the messages of everybody for whom something is due by a channel; one chunk per person."""
    due = f"{channel}_due"
    made = 0
    while True:
        now = clock.machine_now()
        waiting = Notice.objects.filter(**{f"{due}__lte": now}).order_by(due)
        people = list(dict.fromkeys(waiting.values_list("person_id", flat=True)[:PART]))
        if not people:
            return made
        known = {each.pk: each for each in Person.objects.filter(pk__in=people)}
        for pk in people:
            with run.chunk():
                made += _bundle(known.get(pk), pk, channel, now)


def _bundle(person: Person | None, pk: int, channel: str, now: dt.datetime) -> int:
    """Turn one person's due notices into one message; what he has read meanwhile stays here."""
    due = f"{channel}_due"
    found = list(
        Notice.objects.select_for_update(of=("self",))
        .filter(Q(**{f"{due}__lte": now}), person_id=pk)
        .select_related("actor")
        .order_by("at", "pk")
    )
    ids = [each.pk for each in found]
    unread = [each for each in found if each.read_at is None]
    message = compose(person, channel, unread, now) if person is not None and person.is_active and unread else None
    if message is not None:
        message.save()
    Notice.objects.filter(pk__in=ids).update(**{due: None, channel: message})
    return int(message is not None)


def compose(person: Person, channel: str, notices: list[Notice], now: dt.datetime) -> Message | None:
    """The message for a person in his language; None where he has no address for the channel any more."""
    if channel == Channel.MAIL and not person.email:
        return None
    with translation.override(person.language or settings.LANGUAGE_CODE):
        said = say(notices, person)
        if not said:
            return None
        message = Message(person=person, channel=channel, count=len(said), next_try=now, created_at=now)
        message.text = _plain(said)
        if channel == Channel.MAIL:
            context = {"said": said[:MOST], "more": max(0, len(said) - MOST), "server": mail.server(), "person": person}
            message.address = person.email
            message.subject = _subject(said)
            message.text = render_to_string("notices/mail.txt", context)
            message.html = render_to_string("notices/mail.html", context)
    return message


def _subject(said: list[Said]) -> str:
    if len(said) == 1:
        return " ".join(said[0].text.split())[:150]
    return ngettext("%(count)s notice from Xiaoguan", "%(count)s notices from Xiaoguan", len(said)) % {
        "count": len(said)
    }


def _plain(said: list[Said]) -> str:
    """The lines of a robot's message, with the way to each record."""
    lines = [f"{each.text}\n{mail.server()}{each.url}" if each.url else each.text for each in said[:10]]
    if len(said) > 10:
        lines.append(_("and %(count)s more") % {"count": len(said) - 10})
    return "\n".join(lines)


# Sending ------------------------------------------------------------------------------------------------------------


def _due(now: dt.datetime) -> Any:
    rows = Message.objects.filter(state=Message.State.WAITING, next_try__lte=now)
    return rows.order_by("next_try", "pk")


def _send_mails(run: job.Run) -> int:
    """Send mails until none is due or the server has had enough; then the rest wait without losing a try."""
    post, sent = mail.Post(), 0
    try:
        for message in _each(_due(clock.machine_now()).filter(channel=Channel.MAIL)):
            run.beat()
            try:
                post.send(message)
            except mail.Refused as problem:
                failed(message, problem.stored, final=problem.final)
            except mail.Away as problem:
                failed(message, problem.stored)
                _put_off(problem, Channel.MAIL)
                return sent
            else:
                arrived(message)
                sent += 1
    finally:
        post.close()
    return sent


def _put_off(problem: outbound.Unreachable, channel: str) -> None:
    """The server is away for everybody: whatever else is due waits a while, and says why."""
    now = clock.machine_now()
    _due(now).filter(channel=channel).update(next_try=now + dt.timedelta(seconds=DELAYS[0]), error=problem.stored[:400])


def _send_robots(run: job.Run) -> int:
    """Let robots speak; a machine that does not answer is left alone for the rest of this round."""
    sent, silent = 0, set()
    for message in _each(_due(clock.machine_now()).filter(channel=Channel.ROBOT)):
        run.beat()
        machine = ""
        try:
            target = target_of(message)
            machine = urlsplit(target.address).netloc
            if machine in silent:
                continue
            robots.say(target, message.text)
        except outbound.Unreachable as problem:
            failed(message, problem.stored, final=problem.code == "gone")
            silent.add(machine)
        else:
            arrived(message)
            sent += 1
    return sent


def _each(rows: Any) -> Iterable[Message]:
    """Messages one after the other, however many there are: the ids first, each row when its turn comes."""
    for pk in list(rows.values_list("pk", flat=True)[:1000]):
        found = Message.objects.select_related("person", "group__kept").filter(pk=pk, state=Message.State.WAITING)
        if (message := found.first()) is not None:
            yield message


def target_of(message: Message) -> robots.Target:
    """The robot a message goes to; Unreachable when there is none any more."""
    if message.group is not None:
        kept = getattr(message.group, "kept", None)
        if kept is not None and message.group.active and message.group.deleted_at is None:
            return robots.Target(message.group.service, kept.address, kept.signature)
    wish = Wish.objects.filter(pk=message.person_id).first() if message.person_id else None
    if wish is not None and wish.service and wish.address:
        return robots.Target(wish.service, wish.address, wish.signature)
    raise outbound.Unreachable("gone")


def arrived(message: Message) -> None:
    """The other side has it."""
    now = clock.machine_now()
    Message.objects.filter(pk=message.pk).update(
        state=Message.State.SENT, sent_at=now, attempts=message.attempts + 1, error=""
    )


def failed(message: Message, error: str, *, final: bool = False) -> None:
    """Note why, and when it is tried again, if it is."""
    attempts = message.attempts + 1
    wait = None if final else delay(attempts)
    values: dict[str, Any] = {"attempts": attempts, "error": error[:400]}
    values |= {"state": Message.State.FAILED} if wait is None else {"next_try": clock.machine_now() + wait}
    Message.objects.filter(pk=message.pk, state=Message.State.WAITING).update(**values)


def again(message: Message) -> bool:
    """Try a message once more, now; False for one that has arrived."""
    with transaction.atomic():
        rows = Message.objects.filter(pk=message.pk).exclude(state=Message.State.SENT)
        changed = rows.update(state=Message.State.WAITING, attempts=0, next_try=clock.machine_now())
        if changed:
            job.enqueue("notices.deliver", key="deliver", again=True)
    return bool(changed)


@job.job("notices.prune", label=gettext_lazy("Clear out old notices"))
def prune(run: job.Run) -> dict[str, int]:
    """Delete what was read or delivered long ago."""
    before = clock.machine_now() - KEPT
    with run.chunk():
        read = Notice.objects.filter(read_at__lt=before).delete()[0]
    with run.chunk():
        return {"notices": read, "messages": Message.objects.filter(created_at__lt=before).delete()[0]}


schedule.every("35 3 * * *", "notices.prune", label=gettext_lazy("Clear out old notices"))

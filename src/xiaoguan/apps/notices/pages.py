"""The inbox: what I was told, day by day and record by record; how many are unread; opening one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.notices.actions import mark
from xiaoguan.apps.notices.kinds import kinds
from xiaoguan.apps.notices.models import Notice
from xiaoguan.apps.notices.queries import inbox, unread
from xiaoguan.apps.notices.sentences import Said, say
from xiaoguan.apps.notices.waiting import waiting
from xiaoguan.kit import clock, render, toasts
from xiaoguan.kit.pages import answers

PAGE = 60


@dataclass(frozen=True)
class Heap:
    """Notices of one day about one record; most are alone."""

    title: str
    said: list[Said]

    @property
    def unread(self) -> int:
        """How many of them are not read yet."""
        return sum(each.notice.read_at is None for each in self.said)

    @property
    def ids(self) -> str:
        """Their ids, for the form that marks them all."""
        return ",".join(str(each.notice.pk) for each in self.said)


@dataclass(frozen=True)
class Day:
    """Everything of one day, the newest heap first."""

    heading: str
    heaps: list[Heap]


def inbox_page(request: HttpRequest) -> HttpResponse:
    """Notices by day and record; `?kind=` and `?state=unread` narrow, `?before=` goes on."""
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    before = request.GET.get("before", "")
    rows = inbox(request.user)
    if kind in kinds:
        rows = rows.filter(kind=kind)
    if state == "unread":
        rows = rows.filter(read_at=None)
    if before.isascii() and before.isdigit():
        last = Notice.objects.filter(person=request.user, pk=int(before)).first()
        rows = rows.filter(at__lte=last.at).exclude(pk__gte=last.pk, at=last.at) if last else rows
    found = list(rows[: PAGE + 1])
    shown = say(found[:PAGE], request.user)
    count, _newest = unread(request.user)
    context = {
        "page_title": _("Notices"),
        "page_fact": ngettext("%(count)s unread", "%(count)s unread", count) % {"count": count} if count else "",
        "days": list(_days(shown)),
        "unread": count,
        "kinds": _kinds(request.user),
        "kind": kind if kind in kinds else "",
        "state": state,
        "narrowed": bool(kind or state),
        "more": found[PAGE - 1].pk if len(found) > PAGE else None,
    }
    return TemplateResponse(request, "notices/inbox.html", context)


def _kinds(person: Any) -> list[Any]:
    """The kinds this person has notices of, for the filter."""
    codes = set(inbox(person).order_by().values_list("kind", flat=True).distinct())
    return [kind for kind in kinds.values() if kind.code in codes]


def _days(shown: Iterable[Said]) -> Iterable[Day]:
    for day, said in groupby(shown, key=lambda each: clock.local(each.notice.at).date()):
        yield Day(_heading(day), _heaps(list(said)))


def _heading(day: dt.date) -> str:
    today = clock.today()
    word = {today: _("Today"), today - dt.timedelta(days=1): _("Yesterday")}.get(day)
    return f"{word} · {render.day_heading(day)}" if word else render.day_heading(day)


def _heaps(said: list[Said]) -> list[Heap]:
    """What is about the same record stands together, where its newest notice stands."""
    heaps: dict[Any, list[Said]] = {}
    for each in said:
        notice = each.notice
        key = (notice.entity, notice.object_id) if notice.object_id is not None else notice.pk
        heaps.setdefault(key, []).append(each)
    return [Heap(_title(found), found) for found in heaps.values()]


def _title(found: list[Said]) -> str:
    if len(found) == 1:
        return ""
    words = ngettext("%(count)s notice about %(record)s", "%(count)s notices about %(record)s", len(found))
    return words % {"count": len(found), "record": found[0].record}


def count_page(request: HttpRequest) -> HttpResponse:
    """How many are unread and what waits, for the bell and the navigation; 304 while nothing has changed.

    `?after=` also gives what is newer.
    """
    count, newest = unread(request.user)
    waits = waiting(request.user)
    tag = '"{}"'.format("-".join(str(each) for each in (count, newest, *waits.values())))
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        response = HttpResponse(status=304)
    else:
        after = request.GET.get("after", "")
        fresh = newest > int(after) if after.isascii() and after.isdigit() else False
        response = JsonResponse(
            {"unread": count, "newest": newest, "fresh": _fresh(request, newest) if fresh else None, "waiting": waits}
        )
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


def _fresh(request: HttpRequest, newest: int) -> dict[str, str] | None:
    """The newest notice, for the toast of who is looking."""
    said = say(inbox(request.user).filter(pk=newest), request.user)
    return {"text": said[0].text, "url": reverse("inbox_open", args=[newest])} if said else None


def open_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to what a notice is about; that reads it."""
    found = inbox(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    mark(request.user, [found.pk])
    said = say([found], request.user)
    return redirect(said[0].url if said and said[0].url else "inbox")


def read_page(request: HttpRequest) -> HttpResponse:
    """Mark as read or unread: chosen ones, or everything (of a kind)."""
    ids = _ids(request.POST.getlist("ids"))
    read = request.POST.get("state") != "unread"
    everything = bool(request.POST.get("all"))
    done = mark(request.user, None if everything else ids, read=read, kind=request.POST.get("kind", ""))
    if everything:
        words = ngettext("%(count)s notice marked as read", "%(count)s notices marked as read", done)
        toasts.tell(request, words % {"count": done})
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return answers.go(request, back if safe else reverse("inbox"))


def _ids(raw: Iterable[str]) -> list[int]:
    parts = (part for text in raw for part in text.split(","))
    return [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 19]

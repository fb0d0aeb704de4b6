"""The pages of comments: writing, changing and deleting one's own, and whom one may name."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from xiaoguan.apps.collaboration import actions, panels
from xiaoguan.apps.collaboration.actions import VERB
from xiaoguan.apps.collaboration.models import Comment
from xiaoguan.apps.collaboration.models.comment import LONGEST
from xiaoguan.apps.collaboration.pages import counted
from xiaoguan.apps.collaboration.queries import record_of, row_of, seeing
from xiaoguan.apps.org.models import Person
from xiaoguan.kit import access, render, toasts
from xiaoguan.kit.action import Done
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import Denied, Invalid
from xiaoguan.kit.pages import answers
from xiaoguan.kit.pages.options import matching, note


def comments(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Older comments of a record, or a new one."""
    actor: Any = request.user
    record = record_of(slug, pk, actor)
    if request.method != "POST":
        context = panels.comment_rows(request, record, request.GET.get("before", ""))
        return HttpResponse(render_to_string("collaboration/comment_rows.html", context, request))
    verb = record.entity.actions["comment"]
    text, mentions = request.POST.get("text", ""), ",".join(request.POST.getlist("mentions"))
    try:
        done = verb(record, actor=actor, text=text, mentions=mentions)
    except Invalid as problem:
        if not request.htmx:
            raise
        said = " ".join(str(each) for texts in problem.errors.values() for each in texts)
        return HttpResponse(panels.comments_tab(request, record, draft=text, problem=said), status=422)
    return _answer(request, record, done, _("Comment added"), _untold(done.result, record))


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one's own comment."""
    actor: Any = request.user
    row, record = row_of(Comment, pk, actor)
    if row.owner_id != actor.pk or not access.may(actor, VERB, record):
        raise Denied(VERB, record)
    text = request.POST.get("text", row.text)
    problem = ""
    if request.method == "POST":
        try:
            done = actions.edit(row, record, text, actor=actor, mentions=",".join(request.POST.getlist("mentions")))
        except Invalid as refused:
            problem = " ".join(str(each) for texts in refused.errors.values() for each in texts)
        else:
            response = _answer(request, record, done, _("Comment changed"), _untold(row, record))
            if request.htmx:
                response["HX-Trigger-After-Settle"] = "close-dialog"
            return response
    context = {
        "page_title": _("Edit comment"), "draft": text, "problem": problem, "longest": LONGEST,
        "url": reverse("collaboration:edit", args=[pk]), "back": f"{record.entity.url('detail', record)}?tab=comments",
        "people": reverse("collaboration:people", args=[record.entity.slug, record.pk]),
    }  # fmt: skip
    status = 422 if problem else 200
    if request.htmx:
        return answers.dialog(request, "collaboration/comment_edit.html", context, status)
    name = "collaboration/comment_edit_page.html"
    return TemplateResponse(request, name, {**context, "dialog": False}, status=status)


def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one's own comment; the toast brings it back."""
    row, record = row_of(Comment, pk, request.user)
    done = actions.take_down(row, record, actor=request.user)
    return _answer(request, record, done, _("Comment deleted"))


def people(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Whom one may name: `?q=` by name, pinyin or initials; only people who may see the record."""
    actor: Any = request.user
    record = record_of(slug, pk, actor)
    if not access.may(actor, "view", Person):
        return JsonResponse([], safe=False)
    entity = Entity.of(Person)
    found = matching(entity, actor, request.GET.get("q", "").replace("\x00", "").strip()[:60])
    seen = [person for person in seeing(found, record) if not person.system]
    return JsonResponse(
        [{"value": person.pk, "text": person.name, "note": note(entity, person, actor)} for person in seen], safe=False
    )


def _untold(row: Comment, record: Any) -> str:
    """Who was named but may not see the record, and so hears nothing of it."""
    named = Person.objects.filter(pk__in=row.mentions)
    told = {person.pk for person in seeing(named, record)}
    names = [person.name for person in named if person.pk not in told]
    if not names:
        return ""
    said = ngettext(
        "%(names)s may not see this record and was not told.",
        "%(names)s may not see this record and were not told.",
        len(names),
    )
    return said % {"names": render.listed(names)}


def _answer(request: HttpRequest, record: Any, done: Done, said: str, untold: str = "") -> HttpResponse:
    """The tab anew for HTMX, with the count beside its title; without script the page of the tab."""
    if not request.htmx:
        toasts.tell(request, f"{said}. {untold}" if untold else said, done.change)
        return answers.go(request, f"{record.entity.url('detail', record)}?tab=comments")
    html = panels.comments_tab(request, record, untold=untold)
    response = HttpResponse(html + counted(record, "comments", panels.count_comments(request, record)))
    return toasts.attach(response, said, done.change, refresh=False)

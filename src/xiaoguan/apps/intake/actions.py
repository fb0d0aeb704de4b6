"""Verbs of scheduled imports: run now, pause, resume, take over, how it is read, what the address asks for."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xiaoguan.apps.intake.models import Source, SourceSecret
from xiaoguan.apps.signin.adapters import encrypt
from xiaoguan.kit import access, clock, job, schedule
from xiaoguan.kit.action import Work, action, working
from xiaoguan.kit.errors import Denied, Refusal
from xiaoguan.transfer import saved
from xiaoguan.transfer.models import SavedRecipe


@action(Source, _("Run now"), icon="player-play", undoable=False, shown=lambda row: not row.paused_at, position=10)
def run_now(work: Work, source: Source) -> Source:
    """Look now, whatever the clock says; a file at an address is read even if it was read before."""
    if source.paused_at is not None:
        raise Refusal(_("This import is paused"), _("Resume it first."), code="intake.paused")
    start(source, again=True)
    work.note(source, {}, {"run": "now"})
    return source


@action(Source, _("Pause"), icon="player-pause", shown=lambda row: not row.paused_at, position=20)
def pause(work: Work, source: Source) -> Source:
    """Look no more until somebody resumes it."""
    source.paused_at = clock.now()
    work.save(source)
    return source


@action(Source, _("Resume"), icon="player-play", shown=lambda row: row.paused_at is not None, position=10)
def resume(work: Work, source: Source) -> Source:
    """Look again from the next time on."""
    source.paused_at, source.trouble = None, ""
    source.next_run = schedule.following(source.line, clock.machine_now())
    work.save(source)
    return source


@action(Source, _("Take over"), name="take_over", icon="user-check", position=30)
def take_over(work: Work, source: Source) -> Source:
    """Import in one's own name from now on."""
    source.person = work.actor
    work.save(source)
    return source


def start(source: Source, *, again: bool = False) -> job.Job:
    """Queue a run; one under way goes round once more."""
    payload = {"source": source.pk, "again": again}
    return job.enqueue("intake.run", payload, actor=source.person, key=f"source {source.pk}", again=True)


def read_by(source: Source, recipe: SavedRecipe | None, *, actor: object) -> None:
    """Say by which recipe files are read; None recognises them as the wizard does. Raises Denied."""
    _may_change(actor, source)
    with working(Source, "read_by", actor=actor) as work:
        source.recipe = recipe
        work.save(source)


def usable_recipes(source: Source, actor: object) -> list[SavedRecipe]:
    """The recipes an actor may give to a source: of what it holds, his own and the shared ones."""
    return [each for each in saved.usable(actor) if each.entity == source.about]


def set_secret(source: Source, user: str, value: str, *, actor: object) -> None:
    """Keep what the address asks for, or forget it; the log says that, not what it is. Raises Denied."""
    _may_change(actor, source)
    with transaction.atomic():
        if value:
            kept = {"user": user.strip()[:80], "value": encrypt(value)}
            SourceSecret.objects.update_or_create(source=source, defaults=kept)
        else:
            SourceSecret.objects.filter(source=source).delete()
        with working(Source, "set_secret", actor=actor, undoable=False) as work:
            work.note(source, {}, {"secret": "new" if value else "none"})


def _may_change(actor: object, source: Source) -> None:
    if not access.may(actor, "change", source):
        raise Denied("change", source)

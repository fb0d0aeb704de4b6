"""What ``xiaoguan doctor`` says of the columnar copy of figures: whether it pays, whether it is whole and kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils.translation import gettext as _

from xiaoguan.apps.metrics.columns import engine, files, keeping
from xiaoguan.apps.metrics.models import Ahead, Copied
from xiaoguan.config.finding import Finding
from xiaoguan.kit import clock
from xiaoguan.kit.models import Job
from xiaoguan.kit.models.credit import Credit

SUBJECT = "columnar copy"
OLD = dt.timedelta(hours=1)


def columns() -> Iterator[Finding]:
    """Large companies ask much of their figures: the copy answers that, if it is there."""
    if not keeping.is_worth():
        return
    if not engine.is_installed():
        text = _("%(count)s credits: distinct counts and cuts by customer take seconds without it")
        hint = _("Install it beside the program: pip install 'xiaoguan[columns]', then start anew.")
        yield Finding(SUBJECT, "warn", text % {"count": f"{Credit.objects.count():,}"}, hint)
    elif not engine.is_on():
        yield Finding(SUBJECT, "ok", _("Switched off by XIAOGUAN_COLUMNS"))
    else:
        yield _state(Copied.objects.filter(pk=1).exclude(name="").first())


def _state(row: Copied | None) -> Finding:
    worker = _("Start a worker: xiaoguan worker")
    last = Job.objects.filter(kind=keeping.KIND, finished_at__isnull=False).order_by("-pk").first()
    if last is not None and last.state == Job.State.FAILED:
        return Finding(SUBJECT, "warn", _("It can't be made: %(why)s") % {"why": last.error}, _("See the job's page."))
    if row is None:
        return Finding(SUBJECT, "warn", _("Not made yet: figures come from the database"), worker)
    connected = engine.connect()
    try:
        found = files.opened(row.name)
        files.check(connected, found, engine.failures())
    except files.Damaged as error:
        text = _("%(file)s is damaged or not on this machine: figures come from the database") % {"file": error}
        return Finding(SUBJECT, "warn", text, _("Make it anew: xiaoguan doctor --rebuild"))
    finally:
        connected.close()
    age = clock.machine_now() - row.at
    if age > OLD + dt.timedelta(milliseconds=row.took * keeping.REST) and Ahead.objects.exists():
        hours = {"hours": age // dt.timedelta(hours=1)}
        return Finding(SUBJECT, "warn", _("%(hours)s hours old, and figures have changed since") % hours, worker)
    told = {"count": f"{found.rows:,}", "size": f"{found.size / 2**20:,.0f}"}
    return Finding(SUBJECT, "ok", _("%(count)s credits in %(size)s MB") % told)

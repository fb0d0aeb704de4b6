"""Background jobs that have ended, in the log and in the metrics."""

from __future__ import annotations

import logging

from django.conf import settings

from xiaoguan.apps.operation import metrics
from xiaoguan.kit import job
from xiaoguan.kit.models import Job

logger = logging.getLogger("xiaoguan.job")


def tell(row: Job) -> None:
    """One line per job, and its time for Prometheus."""
    if settings.METRICS:
        metrics.observe_job(row)
    if not settings.REQUEST_LOG:
        return
    took = (row.finished_at - row.started_at).total_seconds() if row.finished_at and row.started_at else 0.0
    facts = {
        "job": row.pk,
        "kind": row.kind,
        "state": row.state,
        "ms": round(took * 1000),
        "attempts": row.attempts,
        "actor": row.actor_id,
    }
    logger.info("job %s %s", row.kind, row.state, extra=facts)


job.ended.append(tell)

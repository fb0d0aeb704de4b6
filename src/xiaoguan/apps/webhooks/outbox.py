"""The outbox: a change that may interest an endpoint leaves a row in its own transaction."""

from __future__ import annotations

from functools import partial

from django.db import connection, transaction

from xiaoguan.apps.webhooks.models import Endpoint, Outgoing
from xiaoguan.kit import action, job
from xiaoguan.kit.models.change import Change

NOTE = (
    f"INSERT INTO {Outgoing._meta.db_table} (change_id) SELECT %s WHERE EXISTS "
    f"(SELECT 1 FROM {Endpoint._meta.db_table} WHERE active AND deleted_at IS NULL)"
)
"""One statement per change, and no row while nobody listens."""


def note(change: Change) -> None:
    """Remember a change for the endpoints, and start telling them once it is committed."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [change.pk])
        if cursor.rowcount > 0:
            transaction.on_commit(start)


start = partial(job.enqueue, "webhooks.expand", key="expand", again=True)
"""Write the deliveries of what waits in the outbox; the schedule does it too, should this call be lost."""


action.logged.append(note)

"""How deals left their stages so far; the way of a deleted deal goes where the deal went."""

from itertools import groupby, pairwise

from django.db import migrations

CHUNK = 5000


def forwards(apps, schema_editor):
    deals, entries, stages = (apps.get_model("opportunities", name) for name in ("Deal", "StageEntry", "Stage"))
    order = {
        stage.pk: (at, stage)
        for at, stage in enumerate(stages._base_manager.order_by("pipeline__position", "pipeline", "position", "pk"))
    }
    last = deals._base_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
    for start in range(0, last + 1, CHUNK):
        rows = entries._base_manager.filter(deal__gte=start, deal__lt=start + CHUNK, deleted_at__isnull=True)
        gone = dict(
            deals._base_manager.filter(pk__gte=start, pk__lt=start + CHUNK, deleted_at__isnull=False)
            .values_list("pk", "deleted_at")
        )
        changed = []
        for deal, stays in groupby(rows.order_by("deal", "entered_at", "pk"), key=lambda row: row.deal_id):
            found = list(stays)
            for stay, after in pairwise(found):
                _tell(stay, after.stage_id, order)
            for stay in found:
                stay.deleted_at = gone.get(deal)
            changed += found if deal in gone else found[:-1]
        entries._base_manager.bulk_update(changed, ["next_stage", "way", "late", "deleted_at"], batch_size=500)


def _tell(stay, to, order):
    """The same rule as that of every move since (`queries.left_by`)."""
    stay.next_stage_id, stay.way = to, "on"
    if stay.stage_id not in order or to not in order:
        return
    (at, before), (then, after) = order[stay.stage_id], order[to]
    stay.late = before.outcome == "open" and None not in (before.expected_days, stay.days) and (
        stay.days > before.expected_days
    )
    going = after.outcome in ("open", "won", "after")
    between = [stage for place, stage in order.values() if at < place < then and stage.outcome == "open"]
    if not going:
        stay.way = "end"
    elif after.outcome == "open" and then < at:
        stay.way = "back"
    elif between and before.outcome == "open":
        stay.way = "skip"


class Migration(migrations.Migration):
    dependencies = [("opportunities", "0007_ways")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop, elidable=True)]

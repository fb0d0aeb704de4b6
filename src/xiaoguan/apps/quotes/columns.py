"""How quotes look in lists: what waits and what was agreed stand out."""

from __future__ import annotations

from html import escape

from xiaoguan.apps.quotes.models import Quote, Status
from xiaoguan.kit import columns, render
from xiaoguan.kit.columns import Reading

TONES: dict[str, render.Tone] = {
    Status.APPROVING: "amber", Status.APPROVED: "accent", Status.SENT: "accent", Status.ACCEPTED: "green",
}  # fmt: skip


@columns.cell(Quote, "status", needs="status")
def status_cell(row: Quote, reading: Reading) -> str:
    """Drafts and what has ended without a contract are plain words."""
    label = Status(row.status).label
    return render.tag(label, TONES[row.status]) if row.status in TONES else escape(label)

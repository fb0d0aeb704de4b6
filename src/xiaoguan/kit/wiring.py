"""The list of what apps have registered upwards: events, guards, panels, timelines, jobs and schedules."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from xiaoguan.kit import event, guard, job, panel, schedule, timeline


@dataclass(frozen=True)
class Wire:
    """One registered thing; `where` names the functions behind it, module and all."""

    kind: str
    name: str
    label: str
    where: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The same for JSON."""
        return asdict(self)


def everything() -> list[Wire]:
    """All wires, kind by kind and by name."""
    return [
        *(_event(name) for name in sorted({*event.events, *event.reactions})),
        *(
            Wire("guard", f"{each.action} {each.code}", str(each.label), (each.where,))
            for name in sorted(guard.guards)
            for each in guard.guards[name]
        ),
        *(
            Wire("panel", f"{each.model._meta.label_lower} {each.code}", str(each.title), (_name(each.render),))
            for each in panel.everyone()
        ),
        *(
            Wire("timeline", f"{each.model._meta.label_lower} {each.kind}", str(each.label), (each.where,))
            for each in timeline.everyone()
        ),
        *(Wire("job", each.name, str(each.label), (_name(each.run),)) for each in job.kinds.values()),
        *(
            Wire("schedule", each.name, f"{each.label} ({each.cron})", (each.kind,))
            for each in schedule.declared.values()
        ),
    ]


def _event(name: str) -> Wire:
    declared = event.events.get(name)
    answers = tuple(f"{each.where}{' (inline)' if each.inline else ''}" for each in event.reactions.get(name, ()))
    return Wire("event", name, str(declared.label) if declared else "(not declared)", answers)


def _name(func: Any) -> str:
    return f"{func.__module__}.{func.__qualname__}"

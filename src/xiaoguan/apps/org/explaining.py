"""Why somebody can or can't do something with a record: the chain of rules in plain words, and the way out.

The answer is found from roles, memberships, stand-ins and shares by themselves, not by asking `may`: a test compares
both for everybody and every entity, so neither can drift.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from xiaoguan.apps.org import paths
from xiaoguan.apps.org.models import Deputy, Person, Role
from xiaoguan.apps.org.policy import EVERYTHING, stood_in, widened
from xiaoguan.apps.org.role_grid import SCOPE_WORDS, verb_word
from xiaoguan.apps.org.seeds import BASELINE
from xiaoguan.kit import access, clock, columns
from xiaoguan.kit.access import SCOPES
from xiaoguan.kit.entity import Entity
from xiaoguan.kit.errors import WayOut
from xiaoguan.kit.models import ChangeRow
from xiaoguan.kit.models.collaborator import Collaborator, Level

TITLE = gettext_lazy("Who may do what, and why")


@dataclass(frozen=True)
class Step:
    """One link of the chain: what it says, since and until when, and whether it opens, closes or just tells."""

    text: str
    detail: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    opens: bool | None = None


@dataclass
class Explanation:
    """The answer with its chain; `ways` are what an administrator or manager can do about it."""

    person: Person
    verb: str
    asker: Any = None
    allowed: bool = False
    answer: str = ""
    steps: list[Step] = field(default_factory=list)
    ways: list[WayOut] = field(default_factory=list)


@dataclass(frozen=True)
class Held:
    """A role somebody has, by himself or as a stand-in."""

    name: str
    rules: access.Rules
    masks: Any
    since: dt.date | None = None
    deputy: Deputy | None = None


def explain(person: Person, verb: str, record: Any, *, name: str = "", asker: Any = None) -> Explanation:
    """Why somebody may or may not `verb` a record (or, for a model, any record), or see its field `name`.

    Records that the asker may not see are not named.
    """
    model = record if isinstance(record, type) else type(record)
    entity = Entity.of(model)
    found = Explanation(person, verb, asker)
    if not person.is_active:
        found.steps.append(Step(_("%(name)s can't sign in.") % {"name": person}, opens=False))
        return _said(found, entity, [])
    roles = held_roles(person)
    scope = _grants(found, roles, entity, verb)
    if scope == "none":
        return _said(found, entity, [_give_role(person)])
    prefix, root = access.owning(entity)
    ways: list[WayOut] = []
    if scope == "all" or (root.scope == "all" and verb == "view"):
        found.allowed = True
    elif root.scope == "all":
        text = _("These records are nobody's own: only a role with the scope “all” may do this.")
        found.steps.append(Step(text, opens=False))
        ways = [_give_role(person)]
    elif isinstance(record, type):
        found.allowed = True
    else:
        ways = _reached(found, record, prefix, root, verb, scope)
    if found.allowed and name:
        _field(found, roles, entity, name)
    return _said(found, entity, ways)


def held_roles(person: Person) -> list[Held]:
    """The roles of somebody with their dates, those he has as a stand-in behind his own."""
    if person.system:
        return [Held(str(person), EVERYTHING, {})]
    given = since_when([person.pk])
    serving = list(stood_in(person).select_related("person"))
    shape = widened if serving else dict
    found = [
        Held(str(role), shape(role.grants), role.masks, given.get((person.pk, role.pk)))
        for role in person.roles.filter(deleted_at__isnull=True).order_by("pk")
    ]
    for deputy in serving:
        for role in deputy.person.roles.filter(deleted_at__isnull=True).order_by("pk"):
            found.append(Held(str(role), widened(role.grants), role.masks, deputy.start, deputy))
    return [*found, Held(_("Everybody"), BASELINE, {})]


def since_when(people: Iterable[int]) -> dict[tuple[int, int], dt.date]:
    """(person, role) → the day the role was given last, as far as the audit knows; a joiner's from the day he came."""
    wanted = list(people)
    found: dict[tuple[int, int], dt.date] = {}
    rows = ChangeRow.objects.filter(Q(after__has_key="roles"), entity="org.person", object_id__in=wanted)
    for pk, before, after, at in rows.order_by("id").values_list("object_id", "before", "after", "change__at"):
        for role in set(after["roles"] or ()) - set((before or {}).get("roles") or ()):
            found[pk, role] = clock.local(at).date()
    held = Person.roles.through.objects.filter(person__in=wanted).values_list("person", "role", "person__created_at")
    for pk, role, created in held:
        if (pk, role) not in found and created is not None:
            found[pk, role] = clock.local(created).date()
    return found


def _grants(found: Explanation, roles: list[Held], entity: Entity, verb: str) -> str:
    """Tell what each role says about the verb; the widest scope counts."""
    widest = "none"
    for held in roles:
        rule = access.rule(held.rules, entity.name, verb)
        scope = rule[2] if rule else "none"
        if SCOPES.index(scope) > SCOPES.index(widest):
            widest = scope
        if rule is None and held.rules is BASELINE:
            continue
        words = {"role": held.name, "verb": verb_word(entity, verb), "records": entity.plural}
        text = _("%(role)s: %(verb)s %(records)s") % words
        if held.deputy is not None:
            text = _("%(text)s, as stand-in for %(name)s") % {"text": text, "name": held.deputy.person}
        until = held.deputy.end if held.deputy else None
        detail = f"{SCOPE_WORDS[scope]} · {written_for(rule, entity)}" if rule else _("no rule")
        found.steps.append(Step(text, detail, held.since, until, scope != "none"))
    if len(found.steps) == 0:
        found.steps.append(Step(_("%(name)s has no role.") % {"name": found.person}, opens=False))
    return widest


def written_for(rule: tuple[str, str, str], entity: Entity) -> str:
    """Where a rule stands: for the record type itself, its whole group, or everything."""
    where, _verb, _scope = rule
    if where == entity.name:
        return _("set for %(records)s") % {"records": entity.plural}
    if where == "*":
        return _("set for everything")
    group = entity.model._meta.app_config.verbose_name
    return _("set for all of “%(group)s”") % {"group": group}


def _reached(found: Explanation, record: Any, prefix: str, root: Entity, verb: str, scope: str) -> list[WayOut]:
    """Follow the record's owner or team through posts, stand-ins and shares."""
    row = record
    for step in prefix.split("__"):
        if step and row is not None:
            row = getattr(row, step)
    if row is None:
        found.steps.append(Step(_("The record hangs on no other record, so it is nobody's."), opens=False))
        return []
    if row is not record:
        known = found.asker is None or access.may(found.asker, "view", row)
        words = {"record": root.label, "name": row if known else _("not visible to you")}
        found.steps.append(Step(_("It belongs to the %(record)s “%(name)s”, which decides.") % words))
    owner = row if root.scope == "self" else row.owner
    ways = paths.to_person(found.person, owner.pk) if owner else _unit_ways(found.person, row, verb)
    _tell_owner(found, root, row, owner)
    usable = ways if scope == "team" else [way for way in ways if way.post is None and way.deputy is None]
    for way in usable[:3]:
        found.steps.append(_step(way))
        found.allowed = True
    if not usable and ways:
        text = _("%(name)s is in reach, but the role lets only her or his own records be touched.")
        found.steps.append(Step(text % {"name": owner or row.unit}, opens=False))
    if root.scope == "owner":
        _shares(found, row, root, access.sharing_level(verb, prefix))
    if why := access.lies_open(found.person, verb, record):
        found.steps.append(Step(str(why), opens=True))
        found.allowed = True
    if found.allowed:
        return []
    if not ways:
        text = _("%(name)s leads no team above, and stands in for nobody who does.") % {"name": found.person}
        found.steps.append(Step(text, opens=False))
    return _ways_out(found.person, row, owner, root, verb)


def _unit_ways(person: Person, row: Any, verb: str) -> list[paths.Way]:
    """How somebody reaches a record without an owner; only leaders may do more than look."""
    if row.unit_id is None:
        return []
    return [way for way in paths.to_unit(person, row.unit_id) if verb == "view" or way.leads]


def _tell_owner(found: Explanation, root: Entity, row: Any, owner: Person | None) -> None:
    if root.scope == "self":
        return
    if owner is not None:
        words = {"name": owner, "team": owner.unit or _("no team")}
        found.steps.append(Step(_("The owner is %(name)s, in %(team)s.") % words))
    elif row.unit_id is not None:
        text = _("Nobody owns it: it lies in the pool of %(team)s. Its members see it, its leaders may act on it.")
        found.steps.append(Step(text % {"team": row.unit}))
    else:
        found.steps.append(Step(_("Nobody owns it, and it belongs to no team.")))


def _step(way: paths.Way) -> Step:
    """One way to the owner or team in words."""
    if way.post is None and way.deputy is None:
        return Step(_("It is her or his own."), opens=True)
    if way.deputy is not None and way.post is None:
        return Step(_("Stands in for %(name)s.") % {"name": way.deputy.person}, "", way.start, way.end, True)
    post = way.post
    assert post is not None
    words = {"post": post.get_post_display(), "team": post.team, "name": post.person}
    if way.deputy is not None:
        return Step(_("Stands in for %(name)s, %(post)s of %(team)s.") % words, "", way.start, way.end, True)
    below = way.place is not None and way.place.pk != post.team_id
    detail = _("%(below)s is below %(team)s") % {"below": way.place, "team": post.team} if below else ""
    return Step(_("Is %(post)s of %(team)s.") % words, detail, way.start, way.end, True)


def _shares(found: Explanation, row: Any, root: Entity, level: str | None) -> None:
    """Tell what was shared, with the person or with whom he stands in for."""
    people = [found.person.pk, *stood_in(found.person).values_list("person", flat=True)]
    rows = Collaborator.objects.filter(about=root.name, object_id=row.pk, person__in=people, deleted_at__isnull=True)
    for share in rows.select_related("person"):
        over = share.until is not None and share.until < clock.today()
        enough = level is not None and Level.values.index(share.level) >= Level.values.index(level)
        opens = enough and not over
        found.allowed = found.allowed or opens
        words = {"name": share.person, "level": share.get_level_display()}
        since = clock.local(share.created_at).date() if share.created_at else None
        text = _("It was shared with %(name)s: %(level)s.") % words
        found.steps.append(Step(text, _("over") if over else "", since, share.until, opens))


def _field(found: Explanation, roles: list[Held], entity: Entity, name: str) -> None:
    """Whether a field of a record somebody sees is hidden: every role that shows the record must hide it."""
    label = columns.heading(entity.column(name))
    seeing = [held for held in roles if (access.rule(held.rules, entity.name, "view") or ("", "", "none"))[2] != "none"]
    hiding = [held for held in seeing if name in held.masks.get(entity.name, ())]
    for held in hiding:
        words = {"role": held.name, "field": label}
        found.steps.append(Step(_("%(role)s hides the field “%(field)s”.") % words, opens=False))
    if hiding and len(hiding) == len(seeing):
        found.allowed = False
    elif hiding:
        shown = next(held for held in seeing if held not in hiding)
        text = _("%(role)s shows it, and one role that shows is enough.") % {"role": shown.name}
        found.steps.append(Step(text, opens=True))


def _said(found: Explanation, entity: Entity, ways: list[WayOut]) -> Explanation:
    """Put the answer before its reasons."""
    words = {"name": found.person, "verb": verb_word(entity, found.verb)}
    yes, no = _("Yes: %(name)s may do this (%(verb)s)."), _("No: %(name)s may not do this (%(verb)s).")
    found.answer = (yes if found.allowed else no) % words
    found.ways = [] if found.allowed else ways
    return found


def _give_role(person: Person) -> WayOut:
    url = f"{person.entity.url('detail', person)}?tab=access"
    return WayOut(_("Give %(name)s a role that allows it") % {"name": person}, url, icon="shield-lock")


def _ways_out(person: Person, row: Any, owner: Person | None, root: Entity, verb: str) -> list[WayOut]:
    """Share, stand in, transfer: whichever would open this record."""
    found = []
    if root.scope == "owner" and access.sharing_level(verb, "") is not None:
        label = _("Share the record with %(name)s") % {"name": person}
        url = f"{root.url('do', row, 'share')}?person={person.pk}"
        found.append(WayOut(label, url, icon="user-plus"))
    if owner is not None and owner.pk != person.pk:
        label = _("Make %(name)s stand in for %(owner)s until a day") % {"name": person, "owner": owner}
        found.append(
            WayOut(label, f"{reverse('org:deputies')}?person={owner.pk}&deputy={person.pk}", icon="user-share")
        )
    if "transfer" in root.actions and root.scope == "owner":
        label = _("Transfer the record to %(name)s") % {"name": person}
        found.append(WayOut(label, f"{root.url('do', row, 'transfer')}?to={person.pk}", icon="arrows-exchange"))
    return [*found, _give_role(person)] if owner is None else found


def reaching_verbs(entity: Entity) -> list[tuple[str, str]]:
    """The verbs one can ask about, with their words: the kit's and those of declared actions."""
    names = dict.fromkeys([*access.VERBS, *(each.verb for each in entity.actions.values())])
    return [(name, capfirst(verb_word(entity, name))) for name in names]


def holders(role: Role) -> list[tuple[Person, dt.date | None]]:
    """Who has a role and may sign in, with the day it was given."""
    people = list(role.people.filter(is_active=True, deleted_at__isnull=True).select_related("unit").order_by("name"))
    given = since_when([person.pk for person in people])
    return [(person, given.get((person.pk, role.pk))) for person in people]

"""Which column goes where: guessed from names first, from values second, each guess with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import override

from xiaoguan.kit import kinds
from xiaoguan.kit.entity import Entity
from xiaoguan.lexicon import headers, sheets
from xiaoguan.tables.header import HeaderColumn, normal
from xiaoguan.tables.layout import Layout
from xiaoguan.tables.profile import DateOrder, Profile, date_order, profile_columns, settle_orders
from xiaoguan.transfer.options import Options
from xiaoguan.transfer.parts import Part, guess as guess_parts
from xiaoguan.transfer.slots import Slot

YEARS = re.compile(r"^(1[89]|20)\d\d$")

# Why a column goes where it goes; sentences are made where they are shown.
CHOSEN, REMEMBERED, SAME_NAME, SYNONYM = "chosen", "remembered", "same_name", "synonym"
LIKELY, VALUES = "likely", "values"
EMPTY, UNKNOWN, TAKEN, PERIOD = "empty", "unknown", "taken", "period"


@dataclass
class ColumnMap:
    """One column of the file: where it goes (`slot`, empty when it stays out), why, and how it is read."""

    column: HeaderColumn
    slot: str = ""
    reason: str = UNKNOWN
    unit: str = ""
    order: str = ""
    order_sure: bool = True
    styles: int = 0
    filled: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def index(self) -> int:
        """Position in the row, from 0."""
        return self.column.index

    @property
    def header(self) -> str:
        """The column's name in the file."""
        return self.column.name


def known_word(entity_slug: str) -> Any:
    """A test for header words of one entity, for the layout."""

    def known(text: str) -> bool:
        return bool(headers.guess(text, entity_slug))

    return known


def map_columns(
    layout: Layout,
    slots: Mapping[str, Slot],
    options: Options,
    entity_slug: str,
    *,
    remembered: Mapping[str, str] | None = None,
    period_columns: Iterable[int] = (),
    parts: Sequence[Part] = (),
) -> list[ColumnMap]:
    """Decide every column of the sheet; a decision in `options.columns` always wins."""
    profiles = profile_columns(layout.data(), len(layout.columns))
    maps = [
        ColumnMap(column, filled=profile.filled, examples=profile.examples)
        for column, profile in zip(layout.columns, profiles, strict=True)
    ]
    for each in maps:
        if each.index in set(period_columns):
            each.reason = PERIOD
    _place(maps, profiles, slots, options, entity_slug, remembered or {}, parts)
    _read_styles(maps, profiles, slots, layout, options)
    return maps


def _place(
    maps: list[ColumnMap],
    profiles: list[Profile],
    slots: Mapping[str, Slot],
    options: Options,
    entity_slug: str,
    remembered: Mapping[str, str],
    parts: Sequence[Part],
) -> None:
    """Put columns into slots, the surest reasons first; a slot is filled by one column only."""
    labels = _labels(slots)
    guesses: list[tuple[str, Any]] = [
        (CHOSEN, lambda m: options.columns.get(m.header, options.columns.get(m.column.leaf))),
        (REMEMBERED, lambda m: remembered.get(normal(m.header))),
        (SAME_NAME, lambda m: labels.get(_bare(m.column.leaf)) or labels.get(_bare(m.header))),
    ]
    taken: set[str] = set()
    left = [each for each in maps if each.reason != PERIOD]
    for reason, guess in guesses:
        for each in list(left):
            slot = guess(each)
            if slot is None or (slot and slot not in slots):
                continue
            if slot == "" and reason in (CHOSEN, REMEMBERED):
                each.reason = reason
                left.remove(each)
            elif slot and reason != CHOSEN and not each.filled:
                each.reason = EMPTY
            elif slot and slot in taken:
                each.reason = TAKEN
            elif slot:
                each.slot, each.reason = slot, reason
                taken.add(slot)
                left.remove(each)
    _place_by_words(left, slots, entity_slug, taken)
    _place_by_noun(left, labels, slots, entity_slug, taken)
    _place_parts(maps, left, slots, parts, taken)
    for each in left:
        profile = profiles[each.index]
        if not profile.filled:
            each.reason = EMPTY
        elif slot := _by_values(profile, slots, taken):
            each.slot, each.reason = slot, VALUES
            taken.add(slot)


def _place_by_words(left: list[ColumnMap], slots: Mapping[str, Slot], entity_slug: str, taken: set[str]) -> None:
    """Put what the lexicon knows, the likeliest pair of column and slot first, file order where they are even."""
    pairs = [
        (candidate.score, -each.index, each, candidate)
        for each in left
        for text in dict.fromkeys((each.column.leaf, each.header))
        for candidate in headers.candidates(text, entity_slug)
        if candidate.score >= headers.SURE and candidate.field in slots
    ]
    for _score, _place, each, candidate in sorted(pairs, key=lambda pair: pair[:2], reverse=True):
        if each.slot or not each.filled:
            continue
        if candidate.field in taken:
            each.reason = TAKEN
            continue
        each.slot, each.reason = candidate.field, SYNONYM if candidate.why == "same" else LIKELY
        taken.add(candidate.field)
    left[:] = [each for each in left if not each.slot]


def _place_by_noun(
    left: list[ColumnMap], labels: Mapping[str, str], slots: Mapping[str, Slot], entity_slug: str, taken: set[str]
) -> None:
    """Put headers that only say the noun of the records once more: «territory name» among territories is the name."""
    nouns = _nouns(entity_slug)
    for each in list(left):
        bare = _bare(each.column.leaf)
        found = (labels.get(bare.removeprefix(noun).strip()) for noun in nouns if bare.startswith(noun))
        slot = next((name for name in found if name in slots and name not in taken), None)
        if slot and each.filled:
            each.slot, each.reason = slot, LIKELY
            taken.add(slot)
            left.remove(each)


def _nouns(entity_slug: str) -> list[str]:
    """What a record is called, in each language."""
    found = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.append(_bare(str(Entity.by_slug(entity_slug).model._meta.verbose_name)))
    return [noun for noun in found if noun]


def _place_parts(
    maps: list[ColumnMap],
    left: list[ColumnMap],
    slots: Mapping[str, Slot],
    parts: Sequence[Part],
    taken: set[str],
) -> None:
    """Put what names a record beside the main one into its places."""
    claimed = {each.index: each.slot for each in maps if each.slot}
    found = guess_parts([each.column for each in maps], claimed, parts, slots)
    for each in list(left):
        slot = found.get(each.index)
        if slot and slot not in taken and each.filled:
            each.slot, each.reason = slot, SYNONYM
            taken.add(slot)
            left.remove(each)


def _labels(slots: Mapping[str, Slot]) -> dict[str, str]:
    """Every way a header may repeat a slot: its name, its further words, its label in each language."""
    found: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            for name, slot in slots.items():
                for word in (str(slot.label), name, *slot.words):
                    found.setdefault(_bare(word), name)
    return found


def _bare(text: str) -> str:
    return normal(sheets.without_unit(text)).replace("_", "").replace("-", "")


def _by_values(profile: Profile, slots: Mapping[str, Slot], taken: set[str]) -> str:
    """Phone numbers and addresses of mail can't be mistaken; other values say too little."""
    for look, names in (("phone", ("mobile", "phone")), ("email", ("email",))):
        if profile.mostly(look):
            return next((name for name in names if name in slots and name not in taken), "")
    return ""


def _read_styles(
    maps: list[ColumnMap], profiles: list[Profile], slots: Mapping[str, Slot], layout: Layout, options: Options
) -> None:
    """Unit and date order per column: the user's, else what header and values say."""
    orders: list[DateOrder | None] = []
    for each in maps:
        slot, profile = slots.get(each.slot), profiles[each.index]
        dated = slot is not None and slot.is_date
        orders.append(date_order(profile.distinct) if dated else None)
        if slot is None:
            continue
        if slot.is_amount:
            each.unit = options.units.get(each.header, "") or headers_unit(each.column) or layout.unit
        elif slot.kind is kinds.PERCENT and _fractions(profile):
            each.unit = "fraction"
    for each, profile, order in zip(maps, profiles, settle_orders(orders), strict=True):
        chosen = options.orders.get(each.header, "")
        if chosen:
            each.order = chosen
        elif order:
            each.order, each.order_sure = order.order, order.sure
        elif each.slot and slots[each.slot].is_date and profile.filled and all(map(YEARS.match, profile.distinct)):
            each.order = "year"
        each.styles = _styles(profile)


def headers_unit(column: HeaderColumn) -> str:
    """The unit in a header or in the group above it."""
    return sheets.unit_of_header(column.leaf) or sheets.unit_of_header(column.group)


def _fractions(profile: Profile) -> bool:
    """Whether all numbers are between 0 and 1, as a spreadsheet stores per cents."""
    try:
        return bool(profile.distinct) and all(0 <= float(text) <= 1 for text in profile.distinct)
    except ValueError:
        return False


def _styles(profile: Profile) -> int:
    """In how many styles the values are written."""
    return len({re.sub(r"\d+", "9", text) if len(text) < 24 else "" for text in profile.distinct} - {""})

"""One tile of a dashboard as data: which figures, how to look at them, cut by what, of which time, how large.

A dashboard keeps its tiles as a list of such values in their order, so that arranging, history and undo are those of
one record. What is no tile is refused with the reason, before anything is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from xiaoguan.apps.dashboards import periods
from xiaoguan.apps.metrics.dimensions import dimensions
from xiaoguan.apps.metrics.shipped import metrics
from xiaoguan.apps.metrics.spec import DIMENSIONS, Metric

TIME = "time"
TIMES = ("day", "week", "month", "quarter", "year")
MOST_TILES = 24
WIDTHS = (3, 4, 6, 8, 12)
HEIGHTS = (1, 2, 3)


@dataclass(frozen=True)
class Look:
    """One way to draw figures: how many metrics it takes (0: none), and by what it may be cut ("" is by nothing)."""

    code: str
    label: Any
    icon: str
    most: int
    by: tuple[str, ...]
    width: int = 6
    height: int = 2
    alike: bool = True
    """Whether its metrics must share a unit, as they share an axis."""


CUTS = tuple(name for name in DIMENSIONS if name not in TIMES)
LOOKS = {
    look.code: look
    for look in (
        Look("number", pgettext_lazy("chart", "Number"), "hash", 1, ("",), width=3, height=1),
        Look("gauge", pgettext_lazy("chart", "Against target"), "target", 1, ("",), width=6, height=1),
        Look("columns", pgettext_lazy("chart", "Columns"), "chart-bar", 4, (TIME, *CUTS), width=8),
        Look("line", pgettext_lazy("chart", "Line"), "chart-line", 4, (TIME,), width=8),
        Look("stack", pgettext_lazy("chart", "Stacked"), "layout-kanban", 1, CUTS, width=8),
        Look("bars", pgettext_lazy("chart", "Bars"), "list-numbers", 1, CUTS, width=4),
        Look("funnel", pgettext_lazy("chart", "Funnel"), "filter", 6, ("",), width=4),
        Look("stages", pgettext_lazy("chart", "Funnel of stages"), "git-branch", 0, ("",), width=4),
        Look("table", pgettext_lazy("chart", "Table"), "table", 6, (*CUTS, TIME), width=6, alike=False),
        Look("leaderboard", pgettext_lazy("chart", "Leaderboard"), "trophy", 1, ("person", "unit"), width=4),
    )
}
AGAINST = {
    "before": gettext_lazy("The period before"),
    "year": gettext_lazy("The same time last year"),
    "none": gettext_lazy("Not compared"),
}


@dataclass(frozen=True)
class Tile:
    """A tile; `span` is its own time (empty: the dashboard's), `most` how many groups it shows.

    `pipeline` is the one whose stages it shows; 0 is the first.
    """

    id: str
    look: str
    metrics: tuple[str, ...]
    by: str = ""
    title: str = ""
    span: str = ""
    against: str = "before"
    width: int = 6
    height: int = 2
    most: int = 10
    pipeline: int = 0

    @property
    def how(self) -> Look:
        """The way it is drawn."""
        return LOOKS[self.look]

    @property
    def specs(self) -> list[Metric]:
        """Its metrics as far as the dictionary still has them."""
        return [metrics[code] for code in self.metrics if code in metrics]

    @property
    def heading(self) -> str:
        """What stands above it: its title, else what it shows and by what."""
        if not self.how.most:
            return self.title or str(self.how.label)
        named = _(", ").join(str(metric.label) for metric in self.specs) or _("A metric that is no more")
        if self.title or not self.specs:
            return self.title or named
        if self.look == "leaderboard":
            return _("Leaderboard: %(metric)s") % {"metric": named}
        cut = dimensions.get(self.by)
        return _("%(what)s by %(cut)s") % {"what": named, "cut": str(cut.label).lower()} if cut else named

    def plain(self) -> dict[str, Any]:
        """The tile as it is stored."""
        return {**asdict(self), "metrics": list(self.metrics)}


def sound(raw: Mapping[str, Any]) -> Tile:
    """The tile that some values mean; ValidationError says what is wrong, under the name of the value."""
    look = LOOKS.get(str(raw.get("look", "")))
    if look is None:
        raise ValidationError({"look": _("Choose how to look at it.")})
    codes = tuple(dict.fromkeys(str(code) for code in raw.get("metrics") or () if code)) if look.most else ()
    by = str(raw.get("by") or look.by[0])
    tile = Tile(
        id=str(raw.get("id", ""))[:12],
        look=look.code,
        metrics=codes,
        by=by if by in look.by else look.by[0],
        title=" ".join(str(raw.get("title", "")).split())[:60],
        span=str(raw.get("span") or ""),
        against=str(raw.get("against") or "before"),
        width=_among(raw.get("width"), WIDTHS, look.width),
        height=_among(raw.get("height"), HEIGHTS, look.height),
        most=_among(raw.get("most"), range(3, 51), 10),
        pipeline=_number(raw.get("pipeline")) if not look.most else 0,
    )
    _check(tile)
    return tile


def _among(raw: Any, known: Sequence[int], otherwise: int) -> int:
    text = str(raw if raw is not None else "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 and int(text) in known else otherwise


def _number(raw: Any) -> int:
    text = str(raw or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _check(tile: Tile) -> None:
    """What no look can draw."""
    specs = tile.specs
    if tile.how.most and (not tile.metrics or len(specs) < len(tile.metrics)):
        raise ValidationError({"metrics": _("Choose a metric of the dictionary.")})
    if len(specs) > tile.how.most:
        words = _("%(look)s shows %(n)s metrics at most.") % {"look": tile.how.label, "n": tile.how.most}
        raise ValidationError({"metrics": words})
    if tile.how.alike and len({metric.unit for metric in specs}) > 1:
        raise ValidationError(
            {"metrics": _("Metrics of one chart share a unit: choose a table, or one tile for each.")}
        )
    if tile.look == "funnel" and len(specs) < 2:
        raise ValidationError({"metrics": _("A funnel takes at least two metrics, from the first step to the last.")})
    if tile.look == "stack" and not specs[0].additive:
        words = _("Parts of %(metric)s don't add up, so they can't be stacked.") % {"metric": specs[0].label}
        raise ValidationError({"metrics": words})
    if tile.span and tile.span not in periods.WORDS:
        raise ValidationError({"span": _("Choose a time from the list.")})
    if tile.against not in AGAINST:
        raise ValidationError({"against": _("Choose what to compare with.")})


def read(raw: Iterable[Mapping[str, Any]]) -> list[Tile]:
    """The tiles of a dashboard as they are stored; one that lost its metric stays and says so."""
    return [Tile(**{**each, "metrics": tuple(each["metrics"])}) for each in raw]


def check_all(raw: Any) -> None:
    """The validator of what a dashboard stores: sound tiles with ids of their own, not too many."""
    if not isinstance(raw, list) or not all(isinstance(each, dict) for each in raw):
        raise ValidationError(_("Tiles are a list."), code="not_tiles")
    if len(raw) > MOST_TILES:
        words = _("A dashboard has at most %(n)s tiles; make another one.") % {"n": MOST_TILES}
        raise ValidationError(words, code="too_many_tiles")
    known = set(Tile.__dataclass_fields__)
    if any(set(each) - known or not each.get("id") or each.get("look") not in LOOKS for each in raw):
        raise ValidationError(_("Tiles are a list."), code="not_tiles")
    if len({each["id"] for each in raw}) < len(raw):
        raise ValidationError(_("Tiles are a list."), code="not_tiles")


def fresh_id(tiles: Sequence[Tile]) -> str:
    """An id that no tile of the dashboard has."""
    return f"t{max((int(tile.id[1:]) for tile in tiles if tile.id[1:].isdigit()), default=0) + 1}"


def put(tiles: Sequence[Tile], tile: Tile) -> list[Tile]:
    """The tiles with one added at the end, or in the place of the one with its id."""
    if any(each.id == tile.id for each in tiles):
        return [tile if each.id == tile.id else each for each in tiles]
    return [*tiles, replace(tile, id=tile.id or fresh_id(tiles))]


def moved(tiles: Sequence[Tile], pk: str, by: int) -> list[Tile]:
    """The tiles with one so many places later (earlier if negative), as far as there is room."""
    found = list(tiles)
    at = next(place for place, tile in enumerate(found) if tile.id == pk)
    tile = found.pop(at)
    found.insert(min(max(at + by, 0), len(found)), tile)
    return found


def ordered(tiles: Sequence[Tile], ids: Sequence[str]) -> list[Tile]:
    """The tiles in the order of some ids; those not named keep their order behind."""
    places = {pk: place for place, pk in enumerate(ids)}
    return sorted(tiles, key=lambda tile: places.get(tile.id, len(places)))


def sized(tile: Tile, width: int, height: int) -> Tile:
    """The tile in the nearest size there is."""
    near = min(WIDTHS, key=lambda each: (abs(each - width), each))
    return replace(tile, width=near, height=min(max(height, HEIGHTS[0]), HEIGHTS[-1]))


def stepped(tile: Tile, wider: int, taller: int) -> Tile:
    """The tile one size wider or narrower, taller or lower."""
    at = min(max(WIDTHS.index(tile.width) + wider, 0), len(WIDTHS) - 1)
    return replace(tile, width=WIDTHS[at], height=min(max(tile.height + taller, HEIGHTS[0]), HEIGHTS[-1]))

"""Figures, dates, tags and gauges as people read them; no database."""

from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from django.utils import translation
from django.utils.safestring import SafeString
from hypothesis import given, strategies as st

from xiaoguan.apps.goals import pace_bar
from xiaoguan.kit import blocks, charts, render
from xiaoguan.kit.errors import Refusal, WayOut
from xiaoguan.kit.tests.gallery import cast

pytestmark = pytest.mark.once
NOW = cast.NOW  # 09:20 in Shanghai on 18 November 2026
WAN = 1_000_000


@pytest.fixture(autouse=True)
def _at_the_desk():
    with cast.at_the_desk(), translation.override("en"):
        yield


@pytest.fixture
def chinese():
    """The reader reads Chinese; words come from the catalogue, figures from the rules."""
    with translation.override("zh-hans"):
        yield


class _Outline(HTMLParser):
    """Fails on markup that does not nest."""

    VOID = {"br", "hr", "img", "input", "meta", "link"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def well_formed(html: str) -> bool:
    """Whether every element is closed in order."""
    outline = _Outline()
    outline.feed(html)
    outline.close()
    return not outline.open


def words(html: str) -> str:
    """The text of a piece of HTML."""
    parts: list[str] = []
    parser = HTMLParser()
    parser.handle_data = parts.append  # type: ignore[method-assign]
    parser.feed(html)
    return "".join(parts)


# --- Money -----------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("chinese")
def test_chinese_amounts_are_in_ten_thousands():
    """Lists say 62.80 with the unit once; documents say every fen."""
    assert render.amount(62_800_000) == "62.80"
    assert words(render.money(62_800_000)).startswith("62.80")
    assert 'title="628,000.00' in render.money(62_800_000)
    assert render.money_exact(1_088_820).startswith("10,888.20")
    assert render.money_short(120 * WAN) == "120"
    assert render.money_short(68_571_400) == "68.6"


def test_english_amounts_are_in_thousands():
    """628.0 k with a space that does not break."""
    assert render.amount(62_800_000) == "628.0"
    assert words(render.money(62_800_000)) == "628.0\N{NO-BREAK SPACE}k"
    assert render.money_unit() == "k"
    assert render.money_brief(-5_770_000) == "−57.7\N{NO-BREAK SPACE}k"


@pytest.mark.usefixtures("chinese")
def test_a_person_may_prefer_yuan():
    """The preference holds inside the block only."""
    with render.money_in("yuan"):
        assert render.amount(62_800_000) == "628,000.00"
    assert render.amount(62_800_000) == "62.80"


def test_unknown_is_a_dash_and_zero_stays_zero():
    """Zero is a figure, nothing is not."""
    assert render.money(None) == render.number(None) == render.percent(None) == "—"
    assert render.amount(0) == "0"
    assert render.number(-1234) == "−1,234"


# --- Dates -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "chinese_text", "english_text"),
    [
        (date(2026, 11, 24), "11/24", "24 Nov"),
        (date(2027, 1, 15), "27/01/15", "15 Jan 2027"),
        (date(2025, 3, 4), "25/03/04", "4 Mar 2025"),
    ],
)
def test_dates(value, chinese_text, english_text):
    """This year without the year, other years with it."""
    assert render.day(value) == english_text
    with translation.override("zh-hans"):
        assert render.day(value) == chinese_text


def test_today_and_yesterday_are_words():
    """Near days are words, moments near add the time of the company's clock."""
    assert render.day(date(2026, 11, 18)) == "Today"
    assert words(render.moment(datetime(2026, 11, 17, 8, 5, tzinfo=UTC))) == "Yesterday 16:05"
    assert words(render.moment(datetime(2026, 11, 13, 8, 5, tzinfo=UTC))) == "13 Nov"
    assert render.day_edit(date(2026, 11, 27)) == "2026-11-27"


def test_a_moment_counts_in_the_companys_zone():
    """17:30 UTC is already tomorrow in Shanghai."""
    assert words(render.moment(datetime(2026, 11, 17, 17, 30, tzinfo=UTC))) == "Today 01:30"


# --- Marks -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "circle"),
    [("陈思远", "思远"), ("周敏", "周敏"), ("欧阳若曦", "若曦"), ("Alice Wong", "AW"), ("Bob", "BO"), ("", "")],
)
def test_a_circle_holds_two_characters(name, circle):
    """The last two of a Chinese name, the initials of a Latin one."""
    assert render.initials(name) == circle


@pytest.mark.parametrize(
    ("due", "state"),
    [
        (date(2026, 11, 17), "overdue"),
        (date(2026, 11, 18), "today"),
        (date(2026, 11, 19), "later"),
        (None, "none"),
    ],
)
def test_next_step_states(due, state):
    """Shape and words tell the state, never the colour alone."""
    html = render.next_step(due, "Call", plan_url="/plan/")
    assert f"dot-{state}" in html
    assert words(html).strip()
    assert ("/plan/" in html) is (due is None)


def test_overdue_is_said_in_days_on_boards_and_aloud_in_lists():
    """A red date alone would be colour alone."""
    assert "3 days overdue" in words(render.next_step(date(2026, 11, 15), late_in_days=True))
    assert words(render.next_step(date(2026, 11, 15))) == "Overdue15 Nov"


@given(st.text())
def test_nothing_typed_becomes_markup(text):
    """What people type is text wherever it stands."""
    with cast.at_the_desk():
        pieces = [
            render.tag(text), render.person(text), render.next_step(NOW.date(), text), render.chip(text, "/x/"),
            blocks.empty(text, text), blocks.toast(text, "/undo/"), blocks.nothing_here(text),
        ]  # fmt: skip
    for piece in pieces:
        assert isinstance(piece, SafeString)
        assert "<script" not in piece.lower()
        if "\0" not in text:
            assert well_formed(piece)


# --- Gauges ----------------------------------------------------------------------------------------------------
MONTH = pace_bar.Pace(62_800_000, 68_571_400, 120 * WAN, 94 * WAN, 126 * WAN)


def test_a_pace_bar_reads_all_its_figures():
    """Whoever does not see the bar hears the same."""
    html = pace_bar.pace(MONTH, words=True, done_word="Won")
    for figure in ("Won 628.0", "685.7", "1,200.0", "940.0", "1,260.0"):
        assert figure in html
    assert well_formed(html)


def test_bars_of_a_table_share_one_scale():
    """At 140 % of the target the dashed line stands at the same place in every row."""
    places = {
        pace_bar.pace(pace_bar.Pace(done, 60, target), compact=True)
        .split("pace-goal")[1]
        .split("left:")[1]
        .split("%")[0]
        for done, target in ((10, 90), (80, 120), (200, 100))
    }
    assert places == {"71.43"}


@given(
    done=st.integers(-(10**12), 10**13),
    expected=st.integers(0, 10**13),
    target=st.integers(0, 10**13),
    low=st.integers(0, 10**13),
    width=st.integers(0, 10**12),
)
def test_no_part_of_a_pace_bar_leaves_it(done, expected, target, low, width):
    """Refunds, zero targets and runaway months stay inside the bar."""
    html = pace_bar.pace(pace_bar.Pace(done, expected, target, low, low + width), compact=True)
    lefts = [float(part.split("%")[0]) for part in html.split("left:")[1:]]
    widths = [float(part.split("%")[0]) for part in html.split("width:")[1:]]
    assert all(0 <= value <= 100 for value in lefts + widths)


@given(first=st.floats(0, 100), second=st.floats(0, 100))
def test_words_over_a_pace_bar_never_touch(first, second):
    """Wherever the marks stand, both words stay readable and inside the bar."""
    low, high = sorted((first, second))
    places = pace_bar._pair(low, high)
    if isinstance(places, str):
        assert (low if places == "end" else 100 - high) > 100 - pace_bar._WORD
        return
    spans = []
    for at, side in places:
        start = at if side == "start" else at - pace_bar._WORD if side == "end" else at - pace_bar._HALF
        spans.append((start, start + pace_bar._WORD))
    (a, b), (c, d) = spans
    assert a >= 0
    assert b <= c + 1e-9
    assert d <= 100 + 1e-9


def test_pace_in_words():
    """Behind and ahead are said, not coloured."""
    assert pace_bar.pace_words(MONTH).startswith("Behind 57.7")
    assert pace_bar.pace_words(pace_bar.Pace(20 * WAN, 10 * WAN, 100 * WAN)).startswith("Ahead 100.0")
    assert pace_bar.pace_words(pace_bar.Pace(5, 5, 10)) == "Exactly on pace"


# --- Pieces ----------------------------------------------------------------------------------------------------
def test_a_refusal_names_rule_and_ways_out():
    """Cause, rule, code and what one can do."""
    html = blocks.refusal_card(
        Refusal("Not yet", "Until 2 December.", code="POOL", rule="Clause 3", ways_out=[WayOut("Ask", "/ask/", "soon")])
    )
    for said in ("Not yet", "Until 2 December.", "POOL", "Clause 3", "/ask/", "soon"):
        assert said in html
    assert "Set by" not in html
    assert well_formed(html)


def test_undo_works_without_script():
    """The button is a form with the page's token."""
    html = blocks.toast("Moved", "/undo/5/", token="abc")
    assert 'method="post" action="/undo/5/"' in html
    assert 'value="abc"' in html
    assert "<form" not in blocks.toast("Moved")


def test_chart_data_can_not_end_its_template():
    """Names of customers may contain anything."""
    spec = {"kind": "bars", "labels": ["</template><b>"], "series": [{"name": "a", "values": [3]}]}
    html = charts.chart(spec, title="T", sentence="S")
    assert html.count("</template>") == 1
    assert "<b>" not in html
    assert "&lt;/template&gt;" in html  # in the table
    assert well_formed(html)


@pytest.mark.usefixtures("chinese")
def test_a_charts_table_shows_what_the_bars_show():
    """Stored fen go out whole; the browser and the table divide them alike."""
    spec = {"kind": "columns", "measure": "money", "labels": ["1"], "series": [{"name": "a", "values": [62_800_000]}]}
    assert '"divisor": 1000000' in charts.chart_data(spec)
    assert "62.80" in words(charts.chart_table(spec))

# ruff: noqa: E501 (lines of markup)
"""The gallery: every component with the people and numbers of the design pictures, rendered without a database.

`python -m xiaoguan.kit.tests.gallery.shoot OUT` writes the pages as files and, with Chromium, pictures of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from pkgutil import iter_modules
from types import SimpleNamespace
from typing import Any

from django.template.backends.django import DjangoTemplates
from django.test import RequestFactory
from django.utils import translation
from django.utils.safestring import SafeString

import xiaoguan
from xiaoguan.apps.goals import pace_bar
from xiaoguan.apps.opportunities import stage_path
from xiaoguan.kit import blocks, charts, clock, gauges, render, templatetags
from xiaoguan.kit.errors import Refusal, WayOut

NOW = datetime(2026, 11, 18, 1, 20, tzinfo=UTC)  # 09:20 in Shanghai, a Wednesday
WAN = 1_000_000
PAGES = (
    "home",
    "manager",
    "deals",
    "board",
    "customer",
    "targets",
    "importing",
    "dashboard",
    "empty",
    "refusal",
    "forms",
)


def wan(value: float) -> int:
    """Fen from ten thousands of yuan."""
    return round(value * WAN)


def on(text: str) -> date:
    """A date from its edit form."""
    return date.fromisoformat(text)


@dataclass(frozen=True)
class Deal:
    """A row of picture 04."""

    name: str
    customer: str
    stage: str
    amount: float
    probability: int
    closes: str
    due: str
    note: str
    stuck: int = 0


DEALS = [
    Deal("夜游步道照明", "汐岚文旅", "客户开发", 32.00, 20, "2027-01-15", "2026-11-15", "电话回访报价意向"),
    Deal("钢桥亮化工程", "拓岳钢构", "客户开发", 21.50, 15, "2026-12-28", "2026-11-17", "约技术交流"),
    Deal("高新区研发楼泛光照明", "宏砺建工", "合同签订", 26.80, 75, "2026-11-24", "2026-11-18", "电话：盖章进度"),
    Deal("智造园二期厂房照明", "启昉智造园", "方案制定", 18.60, 55, "2026-11-26", "2026-11-18", "送报价 V2"),
    Deal("人民路下穿道照明", "汀禾市政设计院", "客户开发", 18.00, 20, "2027-01-20", "2026-11-18", "催图纸版本"),
    Deal("连廊与雨棚照明", "恒岑钢构", "合同签订", 14.50, 70, "2026-11-27", "2026-11-18", "拜访：确认二标方案"),
    Deal("汇昌公馆泛光照明", "湖语置业", "需求分析", 28.00, 35, "2026-12-25", "2026-11-19", "确认灯具档次"),
    Deal("校园风雨操场照明", "同砌建筑", "方案制定", 13.80, 50, "2026-12-10", "2026-11-19", "补眩光计算书", 23),
    Deal("码头灯光秀", "汐岚文旅", "方案制定", 52.00, 40, "2026-12-22", "2026-11-20", "汇报方案初稿"),
    Deal("人才公寓公区照明", "同砌建筑", "客户开发", 9.80, 15, "2027-02-05", "2026-11-20", "首次拜访"),
    Deal("河滨小游园照明", "筑序建设", "合同签订", 7.40, 80, "2026-12-03", "2026-11-20", "送合同"),
    Deal("动力站照明", "晗光半导体", "需求分析", 16.40, 40, "2026-12-20", "2026-11-21", "收负荷清单"),
    Deal("体育公园二期照明", "筑序建设", "客户开发", 45.00, 20, "2027-01-30", "2026-11-23", "现场踏勘"),
    Deal("雨棚灯具采购", "鼎穹钢结构", "方案制定", 8.60, 60, "2026-12-05", "2026-11-23", "样灯送检"),
    Deal("浩晨光谷二期园区照明", "鼎穹钢结构", "需求分析", 38.50, 30, "2027-01-10", "2026-11-24", "见项目总", 21),
    Deal("接待中心照明", "栖野文旅", "合同签订", 19.20, 65, "2026-12-08", "2026-11-24", "谈付款比例", 19),
    Deal("民宿集群庭院灯", "栖野文旅", "客户开发", 12.60, 10, "2027-02-28", "", ""),
    Deal("滨河绿道照明", "汀禾市政设计院", "需求分析", 15.60, 25, "2027-01-12", "", "", 16),
]
STAGES = ("客户开发", "需求分析", "方案制定", "合同签订")
TEAM = [
    ("林知夏", 96.40, 120, 115, 135, "97%", "已达 80%，本月多半超额", "green"),
    ("何嘉木", 61.30, 100, 92, 120, "71%", "", ""),
    ("孙雨桐", 66.00, 110, 98, 126, "59%", "", ""),
    ("赵一鸣", 71.50, 120, 105, 137, "53%", "", ""),
    ("许念", 49.80, 90, 70, 103, "41%", "", ""),
    ("吴承泽", 58.20, 110, 82, 113, "24%", "", ""),
    ("陈思远", 62.80, 120, 94, 126, "34%", "三单可补缺口", "faint"),
    ("唐果", 31.00, 90, 43, 74, "4%", "入职第 3 个月", "faint"),
    ("郑怀安", 24.60, 100, 37, 69, "2%", "9 天没有新拜访", "red"),
]
GRID = [
    (0, "华辰光环境", [48000, 9022.60, 3075.58, 1891.19, 4055.83, 12799.67, 12481.84, 13695.89], "相等"),
    (1, "龙队", [13600, 2562.22, 877.92, 535.75, 1148.55, 3624.66, 3534.66, 3878.46], "相等"),
    (1, "虎队", [12200, 2277.92, 764.58, 480.90, 1032.44, 3258.29, 3177.36, 3486.43], "相等"),
    (2, "林知夏", [1680, 316.51, 108.45, 66.18, 141.88, 447.75, 436.63, 479.11], ""),
    (2, "陈思远", [1540, 289.57, 99.46, 60.00, 130.11, 410.62, 400.43, 439.38], ""),
    (2, "赵一鸣", [1500, 282.60, 96.83, 59.09, 126.68, 399.78, 389.85, 427.77], ""),
    (2, "孙雨桐", [1400, 263.75, 90.37, 55.15, 118.23, 373.14, 363.86, 399.25], ""),
    (2, "唐果", [1100, 187.27, 48.00, 44.30, 94.97, 299.73, 292.29, 320.71], ""),
    (1, "豹队", [11500, 2166.59, 742.36, 453.03, 971.20, 3064.97, 2988.87, 3279.57], "相等"),
    (1, "狼队", [10700, 2015.87, 690.72, 421.51, 903.64, 2851.75, 2780.95, 3051.43], "差"),
]
LOCKED = {("林知夏", 0), ("陈思远", 3), ("唐果", 0), ("唐果", 2)}


def _nav(active: str) -> list[list[dict[str, Any]]]:
    """The whole navigation; `active` is an icon."""
    words = [
        [("home", "今天")],
        [("target", "目标"), ("building", "客户"), ("briefcase", "商机"), ("checklist", "行动"), ("map-pin", "外勤"),
         ("refresh", "流程"), ("award", "绩效"), ("trophy", "激励"), ("school", "学习"), ("heart-handshake", "关怀"),
         ("chart-bar", "分析")],
        [("settings", "设置")],
    ]  # fmt: skip
    phone = ("home", "building", "briefcase")
    return [
        [
            {"icon": icon, "label": label, "url": f"#{icon}", "active": icon == active, "phone": icon in phone}
            for icon, label in group
        ]
        for group in words
    ]


def _deal_rows() -> SafeString:
    parts = []
    for index, deal in enumerate(DEALS):
        due = on(deal.due) if deal.due else None
        stuck = f' <span class="amber small">{deal.stuck} 天</span>' if deal.stuck else ""
        parts.append(
            f'<tr data-record="{index}" data-open="/deals/{index}/">'
            f'<td class="col-check"><input type="checkbox" class="check" name="ids" value="{index}" aria-label="{deal.name}"></td>'
            f'<td class="col-key p1"><a href="/deals/{index}/">{deal.name}</a></td>'
            f'<td class="dim p0">{deal.customer}</td><td class="p0">{deal.stage}{stuck}</td>'
            f'<td class="num p1r">{render.amount(wan(deal.amount))}</td><td class="num dim p0">{deal.probability}%</td>'
            f'<td class="num p2r" data-edit="/deals/{index}/cell/" tabindex="-1">{render.day(on(deal.closes))}</td>'
            f'<td class="p2">{render.next_step(due, deal.note, plan_url="#plan")}</td></tr>'
        )
    return SafeString("".join(parts))


def _board() -> SafeString:
    columns = []
    for stage in STAGES:
        deals = [deal for deal in DEALS if deal.stage == stage]
        total = render.money(sum(wan(deal.amount) for deal in deals))
        cards = "".join(_board_card(deal) for deal in deals)
        columns.append(
            f'<section class="board-col" data-stage="{stage}" aria-label="{stage}"><header class="board-head"><h2>{stage}</h2>'
            f'<span class="count">{len(deals)}</span><span class="push num">{total}</span></header>'
            f'<ol class="board-cards">{cards}</ol></section>'
        )
    return SafeString("".join(columns))


def _board_card(deal: Deal) -> str:
    due = on(deal.due) if deal.due else None
    when = stage_path.days_in_stage(deal.stuck, 14) if deal.stuck else f"{render.day(on(deal.closes))} 签"
    step = render.next_step(due, deal.note, plan_url="#plan", late_in_days=True)
    moves = "".join(f'<button class="menu-item">{stage}</button>' for stage in STAGES if stage != deal.stage)
    return (
        f'<li class="board-card" data-record="{deal.name}" data-open="/deals/1/" data-move="/deals/1/do/move/">'
        f'<a class="board-title" href="/deals/1/">{deal.name}</a><span class="board-amount">{render.amount(wan(deal.amount))}</span>'
        f'<span class="board-sub">{deal.customer}</span><span class="board-when">{when}</span>'
        f'<div class="board-next">{step}</div><details class="menu board-menu" x-data="menu">'
        f'<summary aria-label="移到…">{render.icon("dots")}</summary><div class="menu-box menu-end">'
        f'<p class="menu-label">移到…</p><form method="post">{moves}</form></div></details></li>'
    )


def _team_rows() -> SafeString:
    parts = []
    for name, done, target, low, high, chance, note, tone in TEAM:
        of = pace_bar.Pace(wan(done), round(wan(target) * 12 / 21), wan(target), wan(low), wan(high))
        said = f' <span class="small {tone}">{note}</span>' if note else ""
        bad = " red" if chance in ("4%", "2%") else ""
        parts.append(
            f'<tr><td class="col-key"><a href="#p">{name}</a>{said}</td><td class="num medium">{render.amount(wan(done))}</td>'
            f'<td class="num dim">{render.amount(wan(target))}</td><td style="width:230px">{pace_bar.pace(of, compact=True)}</td>'
            f'<td class="num">{render.percent(round(done / target * 100_000))}</td><td class="num{bad}">{chance}</td></tr>'
        )
    return SafeString("".join(parts))


def _grid_cell(name: str, column: int, value: float) -> str:
    shown = f"{value:,.2f}"
    if (name, column) in LOCKED:
        return f'<td class="num cell is-locked">{render.icon("lock", "已锁定")}{shown}</td>'
    if column in (1, 5, 6, 7):
        return f'<td class="num sub">{shown}</td>'
    if column == 0:
        return f'<td class="num total">{shown}</td>'
    return (
        f'<td class="cell"><input class="cell-input" name="{name}-{column}" value="{value:.2f}" inputmode="decimal" '
        f'aria-label="{name} {column - 1}月"></td>'
    )


def _grid_rows() -> SafeString:
    kinds = ("grid-total", "grid-team", "grid-leaf")
    parts = []
    for level, name, values, check in GRID:
        cells = "".join(
            _grid_cell(name, column, value)
            if level == 2
            else f'<td class="num{" sub" if column in (1, 5, 6, 7) else ""}">{value:,.2f}</td>'
            for column, value in enumerate(values)
        )
        fold = f'<button type="button" class="grid-fold" aria-expanded="true" aria-label="收起 {name}">{render.icon("chevron-down")}</button>'
        said = (
            f"{render.icon('check')} 相等" if check == "相等" else '<span class="red">差 120.00</span>' if check else ""
        )
        head = f'<th class="col-key" scope="row">{fold if level < 2 else ""}{name}</th>'
        parts.append(
            f'<tr class="{kinds[level]}" data-level="{level}">{head}{cells}<td class="grid-check">{said}</td></tr>'
        )
    return SafeString("".join(parts))


def _year_chart() -> SafeString:
    won = [2700, 1650, 3560, 3700, 3400, 4100, 3300, 3620, 4020, 3480, 2168.7, None]
    target = [2600, 1800, 3600, 3500, 3600, 3900, 3500, 3500, 3900, 3400, 3800, 4900]
    landing = [None] * 10 + [1556.3, None]
    fen = [[None if value is None else wan(value) for value in row] for row in (won, target, landing)]
    return charts.chart(
        {
            "kind": "columns", "measure": "money", "labels": [f"{month}月" for month in range(1, 13)],
            "series": [{"name": "已签", "values": fen[0], "links": ["#"] * 12}, {"name": "预计落点", "kind": "hatch", "values": fen[2]},
                       {"name": "目标", "kind": "step", "values": fen[1]}],
        },
        title="签约额与目标", fact="2026 年，万元；全年已签 3.57 亿 / 4.20 亿", sentence="2026 年各月签约额与目标，11 月预计 3,725 万", size="tile-7",
    )  # fmt: skip


def _funnel() -> SafeString:
    values = [1284, 806, 473, 231, 164]
    notes = ["", "63%", "59%", "49%", "71%"]
    spec = {
        "kind": "bars",
        "fade": True,
        "labels": [*STAGES, "售后服务"],
        "notes": notes,
        "series": [{"name": "个数", "values": values}],
    }
    return charts.chart(spec, title="漏斗", fact="近 12 个月，个数", sentence="漏斗，从 1,284 到 164", size="tile-5")


def _heat() -> SafeString:
    rows = [[9, 49, 74, 54, 7, 32, 69, 61, 39, 22, 15], [15, 61, 108, 80, 12, 37, 100, 89, 59, 35, 12],
            [18, 70, 113, 91, 16, 43, 105, 101, 67, 41, 15], [18, 62, 98, 71, 16, 39, 91, 80, 60, 37, 15],
            [16, 44, 67, 49, 6, 29, 63, 55, 35, 28, 13]]  # fmt: skip
    spec = {
        "kind": "heat",
        "x": [f"{hour} 点" for hour in range(8, 19)],
        "y": ["周一", "周二", "周三", "周四", "周五"],
        "values": rows,
    }
    return charts.chart(
        spec, title="行动热度", fact="近 4 周，拜访与电话", sentence="每周各时段的拜访与电话次数", size="tile-7"
    )


def _rank() -> SafeString:
    people = [("顾北辰", "龙队", 118.20, "90.9%"), ("陆星野", "豹队", 97.60, "88.7%"), ("林知夏", "虎队", 96.40, "80.3%"),
              ("叶舒", "龙队", 88.00, "73.3%"), ("贺兰", "龙队", 84.60, "70.5%"), ("江屿", "豹队", 79.50, "72.3%"),
              ("苗青", "龙队", 78.30, "65.3%"), ("白川", "龙队", 75.20, "62.7%")]  # fmt: skip
    items = "".join(
        f'<li><span class="rank-name">{name}</span><span class="rank-note">{team}</span>'
        f'{gauges.bar(wan(done), wan(130), name, thin=True)}<span class="num">{render.amount(wan(done))}</span>'
        f'<span class="num rank-note">{rate}</span></li>'
        for name, team, done, rate in people
    )
    return SafeString(f'<ol class="rank">{items}</ol>')


def refusal() -> Refusal:
    """The refusal of picture 12b."""
    return Refusal(
        "现在还不能领「墨汀规划设计院」",
        "你 11 月 2 日退回过它。前负责人 30 天内不能再领，12 月 2 日起可以。",
        code="POOL-COOLDOWN",
        rule="华东公海 · 第 3 条 前负责人冷却 30 天",
        set_by="沈立群，2026-07-01 起生效",
        ways_out=[
            WayOut("请周敏特批", "#ask", "说一句理由，她通常 2 小时内回", "user-check"),
            WayOut("到 12/02 提醒我", "#remind", "那时若被别人领走，会告诉你是谁", "bell"),
            WayOut("让队友领，你做协作人", "#mate", "虎队还有 6 人有名额", "users"),
        ],
    )


def _empty() -> SafeString:
    rows = [("2026-11-18", "禾澜建筑设计院", "今天 拜访"), ("2026-11-20", "拓岳钢构", "11/20 电话"),
            ("2026-11-24", "同砌建筑", "11/24 报价"), ("", "栖野文旅", "没有下一步")]  # fmt: skip
    items = "".join(
        f"<li>{render.next_dot(render.step_state(on(due) if due else None))}<span>{name}</span><span class='push'>{said}</span></li>"
        for due, name, said in rows
    )
    return blocks.empty(
        "还没有客户。把手头的表格拖进来就行。",
        "Excel 或 CSV 都认，表头在哪一行、金额带不带「万」、日期怎么写都不用先整理。导错了 30 天内可以整批撤回。",
        action=blocks.Act("导入我的客户表", "#import", "upload"),
        other=blocks.Act("先用 20 个样例看看", "#sample"),
        note="公海里有 36 个客户可以领，你今天还能领 5 个。",
        preview=f'<h3>导入后会是这样</h3><ul class="rows">{items}</ul>',
    )


def _parts() -> dict[str, Callable[[], Any]]:
    """What the pages need beyond their own markup."""
    month = pace_bar.Pace(wan(62.8), wan(68.5714), wan(120), wan(94), wan(126))
    steps = [
        stage_path.StageStep(name, days) for name, days in zip([*STAGES, "售后服务"], [9, 14, 18, 6, None], strict=True)
    ]
    return {
        "pace": lambda: pace_bar.pace(month, words=True, done_word="已签"),
        "pace_words": lambda: pace_bar.pace_words(month),
        "pace_legend": lambda: pace_bar.pace_legend("已签"),
        "deal_rows": _deal_rows, "board": _board, "team_rows": _team_rows, "grid_rows": _grid_rows, "legend": render.legend,
        "stages": lambda: stage_path.drawn(steps, 3, expected_days=10),
        "year_chart": _year_chart, "funnel": _funnel, "heat": _heat, "rank": _rank, "empty": _empty,
        "band": lambda: gauges.bar(wan(41.6), wan(50), "41.60 / 50.00 万"),
        "complete": lambda: gauges.bar(82, 100, "82%"),
        "company_pace": lambda: pace_bar.pace(pace_bar.Pace(wan(2168.7), wan(2171.4), wan(3800), wan(3560), wan(3890))),
        "undo_toast": lambda: blocks.toast("已把「汇昌公馆泛光照明」从客户开发移到需求分析", "/undo/1/"),
    }  # fmt: skip


ACTIVE = {
    "home": "home", "manager": "home", "deals": "briefcase", "board": "briefcase", "customer": "building",
    "targets": "target", "importing": "briefcase", "dashboard": "chart-bar", "empty": "building", "refusal": "building",
    "forms": "briefcase",
}  # fmt: skip
TITLES = {
    "home": "今天要做什么", "manager": "虎队今天", "deals": "商机", "board": "商机", "customer": "恒岑钢构",
    "targets": "2027 年签约额目标", "importing": "导入商机", "dashboard": "公司看板", "empty": "客户", "refusal": "客户",
    "forms": "新建商机",
}  # fmt: skip


def _tags() -> list[str]:
    """The tag libraries of the kit; in a test Django would find them by the installed apps."""
    return [module.name for module in iter_modules(templatetags.__path__)]


@contextmanager
def at_the_desk() -> Iterator[None]:
    """The hour of the pictures in Shanghai, whatever company a database may hold."""
    source = clock._zone_source[:]
    clock._zone_source[:] = []
    try:
        with clock.at(NOW):
            yield
    finally:
        clock._zone_source[:] = source


def engine() -> DjangoTemplates:
    """Templates of the product and of this gallery, without the apps."""
    package = Path(xiaoguan.__file__).parent
    return DjangoTemplates(
        {
            "NAME": "gallery",
            "DIRS": [package / "templates", Path(__file__).parent],
            "APP_DIRS": False,
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request"],
                "libraries": {name: f"xiaoguan.kit.templatetags.{name}" for name in _tags()},
            },
        }
    )


def render_page(name: str, *, theme: str = "light") -> str:
    """One page of the gallery as HTML in the active language."""
    request = RequestFactory().get("/")
    request.COOKIES["xiaoguan_theme"] = theme
    person = ("周敏", "虎队 · 销售经理") if name in ("manager", "importing") else ("陈思远", "虎队 · 销售工程师")
    request.user = SimpleNamespace(name=person[0], team_label=person[1], is_authenticated=True)
    context = {
        "nav": _nav(ACTIVE[name]),
        "quick_create": [
            {"label": "客户", "url": "#new", "icon": "building"},
            {"label": "商机", "url": "#new", "icon": "briefcase"},
        ],
        "page_title": TITLES[name],
        "company": SimpleNamespace(name="华辰光环境", city="昆山"),
        "refusal": refusal(),
        "today": NOW.date(),
        **{key: make() for key, make in _parts().items()},
    }
    return engine().get_template(f"{name}.html").render(context, request)


def write(out: Path, names: list[str]) -> None:
    """Every page, or the named ones, in light and dark as files of a folder."""
    out.mkdir(parents=True, exist_ok=True)
    with translation.override("zh-hans"), at_the_desk():
        for name in names or PAGES:
            for theme in ("light", "dark"):
                (out / f"{name}-{theme}.html").write_text(render_page(name, theme=theme))
        parts = {key: make() for key, make in _parts().items()}
        (out / "panel_deal.html").write_text(engine().get_template("panel_deal.html").render(parts))

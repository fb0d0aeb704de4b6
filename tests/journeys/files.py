"""The files of a company that begins today, and what must be seen once they are in, computed from the rows alone."""

from __future__ import annotations

import calendar
import csv
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from openpyxl import Workbook

DIRECTOR = "高远航"
TEAMS = {"虎队": "周敏", "狼队": "林青山"}
SELLERS = {"陈思远": "虎队", "王磊磊": "虎队", "徐静怡": "狼队", "何嘉木": "狼队"}
CUSTOMERS = ("恒岑钢构（昆山）有限公司", "同砌建筑设计院", "晗光半导体（苏州）有限公司", "墨汀建工集团有限公司")
PRODUCTS = (("泛光照明", "户外", "1280"), ("智能控制柜", "控制", "9600"), ("安装调试", "服务", "500"))
TARGETS = {"陈思远": 50, "王磊磊": 40, "徐静怡": 60, "何嘉木": 30}
BAD_DATE = "2026.13.02"


@dataclass(frozen=True)
class Row:
    """One deal of the file: `wan` is ten-thousands of yuan, `stage` the file's word, `days` how long ago it closed."""

    number: str
    seller: str
    customer: str
    wan: str
    stage: str
    closed: date | None = None
    expected: date | None = None

    @property
    def fen(self) -> int:
        """The amount in fen."""
        whole, _, part = self.wan.partition(".")
        return int(whole) * 1_000_000 + int(part.ljust(6, "0") if part else 0)


@dataclass
class Files:
    """Where the files lie and the rows they were made from; `today` is the company's."""

    folder: Path
    today: date
    deals: list[Row] = field(default_factory=list)
    receipts: list[tuple[str, str, str]] = field(default_factory=list)

    def path(self, name: str) -> Path:
        """One file."""
        return self.folder / name

    def won(self, *sellers: str) -> int:
        """What these people won this month, in fen; every amount, as no row was won earlier."""
        return sum(row.fen for row in self.deals if row.seller in sellers and row.stage == "赢单")

    def open_amount(self, *sellers: str) -> int:
        """What these people have open, in fen."""
        return sum(row.fen for row in self.deals if row.seller in sellers and row.stage not in ("赢单", "输单"))

    def target(self, *sellers: str) -> int:
        """What these people are to win this month, in fen."""
        return sum(TARGETS[name] for name in sellers) * 1_000_000

    def team(self, team: str) -> list[str]:
        """The sellers of a team."""
        return [name for name, where in SELLERS.items() if where == team]


def wan(fen: int) -> str:
    """Fen as the pages write them, in ten-thousands of yuan with two places; no test amount needs rounding."""
    assert fen % 10_000 == 0
    return f"{fen // 1_000_000:,}.{fen % 1_000_000 // 10_000:02d}"


def percent(part: int, whole: int) -> str:
    """A share with one place, half up."""
    tenths = (part * 2000 + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


def write(folder: Path, *, workbook: bool) -> Files:
    """Write all files; the deals as a GBK CSV or as a workbook with titles, blank rows and a subtotal."""
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    files = Files(folder, today)
    files.deals = _deals(today)
    _people(files)
    _csv(files.path("products.csv"), "utf-8", ["产品名称", "类别", "单价"], PRODUCTS)
    owners = list(SELLERS)
    _csv(files.path("customers.csv"), "utf-8-sig", ["客户名称", "城市", "负责人"],
         [(name, "昆山", owners[place]) for place, name in enumerate(CUSTOMERS)])  # fmt: skip
    head = ["商机编号", "项目名称", "客户（全称）", "合同额（万）", "成交日期", "预计签约", "业务员", "阶段", "产品"]
    lines = [_line(place, row) for place, row in enumerate(files.deals)]
    lines.append(["D99", "写错日期的项目", CUSTOMERS[0], "3.00", "", BAD_DATE, "陈思远", "需求分析", "泛光照明"])
    if workbook:
        _workbook(files.path("deals.xlsx"), head, lines)
    else:
        _csv(files.path("deals.csv"), "gbk", head, lines)
    first = today.replace(day=1)
    _csv(files.path("contracts.csv"), "gb18030", ["合同编号", "客户", "合同金额（万元）", "签订日期", "负责人"],
         [("HT-1", CUSTOMERS[0], "20.5", first.strftime("%Y/%m/%d"), "陈思远")])  # fmt: skip
    files.receipts = [("HK-1", "￥102,500.00", "陈思远"), ("HK-2", "4.5万", "徐静怡")]
    lines = [(number, CUSTOMERS[0], amount, first.isoformat(), who) for number, amount, who in files.receipts]
    _csv(files.path("receipts.csv"), "utf-8", ["回款编号", "客户", "回款金额", "回款日期", "负责人"], lines)
    _targets(files)
    return files


def _deals(today: date) -> list[Row]:
    first, later = today.replace(day=1), today + timedelta(days=20)
    last = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    return [
        Row("D01", "陈思远", CUSTOMERS[0], "20.50", "赢单", first),
        Row("D02", "陈思远", CUSTOMERS[1], "8.86", "赢单", today),
        Row("D03", "陈思远", CUSTOMERS[2], "15.00", "需求分析", None, last),
        Row("D04", "陈思远", CUSTOMERS[3], "6.00", "输单", today),
        Row("D05", "王磊磊", CUSTOMERS[1], "44.00", "赢单", first),
        Row("D06", "王磊磊", CUSTOMERS[0], "9.90", "方案制定", None, later),
        Row("D07", "徐静怡", CUSTOMERS[2], "31.20", "赢单", today),
        Row("D08", "徐静怡", CUSTOMERS[3], "12.34", "客户开发", None, later),
        Row("D09", "何嘉木", CUSTOMERS[3], "7.00", "输单", first),
        Row("D10", "何嘉木", CUSTOMERS[1], "5.50", "需求分析", None, last),
    ]


def _line(place: int, row: Row) -> list[str]:
    """One row as somebody typed it: amounts and dates in turn in another style."""
    amounts = (row.wan, f"￥{row.fen // 100}元", f"{row.wan}万")
    styles = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d", "%Y.%m.%d")
    closed = row.closed.strftime(styles[place % 5]) if row.closed else ""
    expected = row.expected.strftime(styles[place % 5]) if row.expected else ""
    name = f"{row.customer[:2]}{row.number}照明"
    return [row.number, name, row.customer, amounts[place % 3], closed, expected, row.seller, row.stage, "泛光照明"]


def _people(files: Files) -> None:
    rows = [(DIRECTOR, "销售总监", "", "")]
    rows += [(name, "销售工程师", team, TEAMS[team]) for name, team in SELLERS.items()]
    _csv(files.path("people.csv"), "gbk", ["姓名", "岗位", "团队", "经理"], rows)


def _targets(files: Files) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = f"{files.today.year}目标"
    sheet.append([f"{files.today.year}年度签约额目标表（单位：万元）"])
    sheet.merge_cells("A1:N1")
    sheet.append([])
    sheet.append(["姓名", *[f"{month}月" for month in range(1, 13)], "合计"])
    lines = {**TARGETS, **{team: sum(TARGETS[one] for one in files.team(team)) for team in TEAMS}}
    lines["全公司"] = sum(TARGETS.values())
    for name, value in lines.items():
        sheet.append([name, *[value] * 12, value * 12])
    book.save(files.path("targets.xlsx"))


def _workbook(path: Path, head: list[str], lines: list[list[str]]) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "项目明细"
    sheet.append(["在手与成交项目一览表"])
    sheet.merge_cells("A1:I1")
    sheet.append(["制表：销售部"])
    sheet.append([])
    sheet.append(head)
    for place, line in enumerate(lines):
        if place == 5:
            sheet.append([])
        sheet.append(line)
    sheet.append(["小计", "", "", "999", "", "", "", "", ""])
    book.create_sheet("说明").append(["导出时间：仅供内部使用"])
    book.save(path)


def _csv(path: Path, encoding: str, head: list[str], rows: object) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)  # type: ignore[arg-type]

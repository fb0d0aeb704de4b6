"""Company names for comparison: a key for exact matching and the core without region, brackets and legal form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from opencc import OpenCC

from xiaoguan.lexicon.places import is_region, places_in, without_region

LEGAL_FORMS = (
    "集团股份有限责任公司 股份有限责任公司 集团股份有限公司 集团有限责任公司 控股集团有限公司 控股股份有限公司 有限责任公司 股份有限公司 "
    "集团有限公司 控股有限公司 集团总公司 有限合伙企业 普通合伙企业 特殊普通合伙 集团股份公司 股份公司 集团公司 控股公司 总公司 有限公司 "
    "有限合伙 普通合伙 合伙企业 个体工商户 个人独资企业 个人独资 工商户 控股集团 集团控股 控股 股份 集团 公司"
).split()
"""Endings of a company name that say what it is by law, longest first."""

GENERIC = frozenset(
    "农村 城市 村镇 银行 保险 证券 信托 基金 期货 租赁 投资 控股 资本 金融 电力 电气 电器 电子 电网 电信 通信 通讯 移动 联通 网络 信息 软件 计算机 科技 技术 数码 "
    "数据 智能 互联 石油 石化 化工 化学 化纤 煤炭 煤业 煤电 焦化 能源 新能源 太阳能 光电 光伏 风电 燃气 天然气 水务 水利 环保 环境 生态 钢铁 钢构 "
    "钢结构 金属 有色 有色金属 铝业 铜业 矿业 冶金 黄金 矿机 机械 机电 机床 机器人 设备 装备 重工 重型 仪器 仪表 汽车 汽车零部件 客车 船舶 造船 航空 航天 机场 "
    "铁路 高速 高速公路 公路 路桥 桥梁 港口 港务 海运 航运 运输 物流 快递 交通 建设 建筑 建工 建材 工程 施工 安装 设计 设计院 建筑设计院 规划 勘察 "
    "监理 装饰 装修 照明 灯饰 灯具 幕墙 门窗 玻璃 水泥 陶瓷 木业 家具 家居 家电 地产 房地产 置业 开发 物业 城投 园林 市政 医药 制药 药业 中药 生物 "
    "医疗 医院 器械 食品 饮料 乳业 酒业 啤酒 白酒 粮油 农业 农机 种业 牧业 渔业 水产 饲料 糖业 盐业 烟草 茶业 纺织 服装 服饰 鞋业 皮革 针织 印染 "
    "纸业 造纸 印刷 包装 塑料 塑胶 橡胶 轮胎 涂料 材料 新材料 复合材料 贸易 商贸 商业 百货 零售 超市 进出口 国际 国际贸易 外贸 旅游 酒店 餐饮 文化 "
    "传媒 广告 出版 影视 教育 培训 体育 咨询 管理 服务 人力资源 实业 工业 产业 发展 制造 制品 集成 系统 自动化 控制 检测 测试 安防 消防 电缆 线缆 "
    "电线 电源 电池 轴承 模具 泵业 阀门 锅炉 电梯 空调 制冷 热电 热力 供热 发电 核电 水电 自来水 供水".split()
)
"""Lines of business: what is left of a name must be more than these."""

_ENGLISH = re.compile(
    r"(?:[\s,]+(?:&\s*)?|(?<=\S)\s*&\s*)(?:co\.?[\s,]*,?\s*ltd|co\.?\s*(?:,\s*)?limited|company\s+limited|pty\.?\s*ltd|pte\.?\s*ltd|private\s+limited|sdn\.?\s*bhd"
    r"|limited|ltd|inc|incorporated|corp|corporation|company|companies|co|llc|l\.l\.c|llp|lp|plc|gmbh|mbh|kgaa|kg|ag|se|s\.?a\.?r\.?l|s\.?a\.?s"
    r"|s\.?p\.?a|s\.?r\.?l|s\.?a|b\.?v|n\.?v|a\.?b|a/s|aps|oyj|oy|k\.?k|pty|group|groups|holding|holdings|enterprises?|international)\.?$"
)
_BRACKETS = re.compile(r"[(\[【「《〔]([^)\]】」》〕]*)[)\]】」》〕]")
_FORMS = frozenset(LEGAL_FORMS)
_FORM_SIZES = sorted({len(form) for form in LEGAL_FORMS}, reverse=True)
_OPENS = re.compile(r"[(\[【「《〔]")
_LATIN = re.compile(r"[a-z]")
_NOISE = re.compile(r"[\W_]+")
_WORDS = re.compile("|".join(sorted(GENERIC, key=len, reverse=True)))
_BRANCH = re.compile(r"(?:分公司|办事处|营业部|分院|分店|项目部)$")


COMMON_PAIRS = ("有限", "限公", "公司", "股份", "份有", "限责", "责任", "任公", "集团")
"""Pairs of characters that stand in nearly every company's name."""


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def plain(text: str) -> str:
    """Return a text in simplified characters, half width and lower case, with single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if any("\u3400" <= char <= "\u9fff" for char in folded):
        folded = _simplifier().convert(folded)
    return " ".join(folded.split())


def match_key(text: str) -> str:
    """Return the key under which two spellings of one name meet: ``GTXPro`` and ``GTX Pro``, `` CANCITY `` and ``Cancity``.

    Only width, case, script, spaces and punctuation are ignored; nothing is guessed.
    """
    return _NOISE.sub("", plain(text))


@dataclass(frozen=True, slots=True)
class Parts:
    """What a company's name says: its core and the places it names, by their short names."""

    core: str
    places: tuple[str, ...]


def core(name: str) -> str:
    """Return what tells a company apart: no region in front, no region or legal form in brackets, no legal form at the end.

    ``恒岑钢构（昆山）有限公司`` → ``恒岑钢构``; ``江苏省苏州市禾澜设计院`` → ``禾澜设计院``; ``Acme Co., Ltd.`` → ``acme``. A region stays
    where only lines of business would be left (``桂林旅游``); a branch keeps its name. Never empty for a name.
    """
    return _parts(plain(name)).core or match_key(name)


def parts(names: Sequence[str]) -> list[Parts]:
    """Return the parts of many names; what they are simplified with is called once for all."""
    folded = unicodedata.normalize("NFKC", "\n".join(name.replace("\n", " ") for name in names)).casefold()
    lines = _simplifier().convert(folded).split("\n") if names else []
    found = [_parts(" ".join(line.split())) for line in lines]
    return [each if each.core else Parts(match_key(name), ()) for each, name in zip(found, names, strict=True)]


def _parts(written: str) -> Parts:
    """Return the parts of a plain name; no core where nothing but signs is written."""
    places: list[str] = []
    text = written
    if _OPENS.search(written):
        text = _BRACKETS.sub(lambda found: _bracketed(found, places), written)
        if text.startswith("市") and text != written:  # 市华帝（中山）: the city moved to the end and left this behind
            text = text[1:]
    previous = "" if _LATIN.search(text) else text
    while text != previous:
        previous = text
        text = _ENGLISH.sub("", text)
    whole = _NOISE.sub("", text)
    stem = whole if _BRANCH.search(whole) else _without_form(whole)
    short = without_region(stem)
    if len(short) >= 2 and _WORDS.sub("", short):
        places = [*places_in(stem[: len(stem) - len(short)]), *places]
        stem = short
    return Parts(stem or whole, tuple(dict.fromkeys(places)))


def _bracketed(found: re.Match[str], places: list[str]) -> str:
    """Return what stays of brackets: nothing of a region (noted in `places`) or a legal form, else what they hold."""
    inside = _NOISE.sub("", found[1])
    if is_region(inside):
        places.extend(places_in(inside))
        return ""
    return "" if inside in _FORMS else inside


def _without_form(text: str) -> str:
    """Drop legal forms from the end as long as two characters remain."""
    for size in _FORM_SIZES:
        if len(text) - size >= 2 and text[-size:] in _FORMS:
            return _without_form(text[:-size])
    return text

"""Company names for comparison: the core without region, brackets and legal form, and a key for exact matching."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

LEGAL_FORMS = (
    "股份有限责任公司 集团股份有限公司 集团有限责任公司 有限责任公司 股份有限公司 集团有限公司 控股有限公司 集团总公司 "
    "有限合伙企业 有限公司 总公司 分公司 股份公司 集团公司 股份 集团 公司 有限合伙 合伙企业 个体工商户"
).split()
ENGLISH_FORMS = re.compile(
    r"[\s,]+(?:co\.?,?\s*ltd|company\s+limited|limited|ltd|inc|incorporated|corp|corporation|company|llc|llp|plc|gmbh"
    r"|ag|s\.?a|b\.?v|pty|group|holdings?)\.?$"
)
PROVINCES = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 "
    "陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门"
).split()
CITIES = (
    "石家庄 唐山 太原 大同 沈阳 大连 长春 哈尔滨 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 昆山 太仓 "
    "常熟 张家港 吴江 江阴 宜兴 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 义乌 合肥 芜湖 蚌埠 马鞍山 滁州 宣城 "
    "福州 厦门 泉州 漳州 南昌 赣州 济南 青岛 淄博 烟台 潍坊 临沂 郑州 洛阳 武汉 宜昌 襄阳 长沙 株洲 广州 深圳 珠海 佛山 东莞 "
    "中山 惠州 汕头 海口 三亚 成都 绵阳 贵阳 昆明 西安 兰州 西宁 南宁 桂林 柳州 拉萨 银川 乌鲁木齐 呼和浩特 包头"
).split()

_PLACE = "|".join(sorted((*PROVINCES, *CITIES), key=len, reverse=True))
_PLACE_SUFFIX = "(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|省|市|县|区)?"
_LEAD = re.compile(rf"^(?:中国)?(?:(?:{_PLACE}){_PLACE_SUFFIX})+")
_BRACKETS = re.compile(r"[(\[【「《][^)\]】」》]*[)\]】」》]")
_NOISE = re.compile(r"[\W_]+")


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def plain(text: str) -> str:
    """Return a text in simplified characters, half width and lower case, with single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    if any("\u3400" <= char <= "\u9fff" for char in folded):
        folded = _simplifier().convert(folded)
    return re.sub(r"\s+", " ", folded)


def match_key(text: str) -> str:
    """Return the key under which two spellings of one name meet: ``GTXPro`` and ``GTX Pro``, `` CANCITY `` and ``Cancity``.

    Only width, case, script, spaces and punctuation are ignored; nothing is guessed.
    """
    return _NOISE.sub("", plain(text))


def core(name: str) -> str:
    """Return what tells a company apart: no region in front, no brackets, no legal form; never empty for a name.

    ``恒岑钢构（昆山）有限公司`` → ``恒岑钢构``; ``江苏省苏州市禾澜设计院`` → ``禾澜设计院``; ``Acme Co., Ltd.`` → ``acme``.
    """
    whole = plain(name)
    text = _BRACKETS.sub("", whole) or whole
    previous = ""
    while text != previous:
        previous = text
        text = ENGLISH_FORMS.sub("", text)
    text = _NOISE.sub("", text)
    stem = _without_form(text)
    lead = _LEAD.match(stem)
    if lead and len(stem) - lead.end() >= 3:
        stem = stem[lead.end() :]
    return stem or text or match_key(name)


def _without_form(text: str) -> str:
    """Drop legal forms from the end as long as two characters remain."""
    for form in LEGAL_FORMS:
        if text.endswith(form) and len(text) - len(form) >= 2:
            return _without_form(text[: -len(form)])
    return text

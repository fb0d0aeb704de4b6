"""Provinces, prefecture-level cities and the larger county-level cities of China, by the names companies carry."""

from __future__ import annotations

import re
from functools import cache

_PROVINCES = {
    "北京": "北京市", "天津": "天津市", "上海": "上海市", "重庆": "重庆市", "河北": "河北省", "山西": "山西省", "辽宁": "辽宁省",
    "吉林": "吉林省", "黑龙江": "黑龙江省", "江苏": "江苏省", "浙江": "浙江省", "安徽": "安徽省", "福建": "福建省", "江西": "江西省",
    "山东": "山东省", "河南": "河南省", "湖北": "湖北省", "湖南": "湖南省", "广东": "广东省", "海南": "海南省", "四川": "四川省",
    "贵州": "贵州省", "云南": "云南省", "陕西": "陕西省", "甘肃": "甘肃省", "青海": "青海省", "台湾": "台湾省",
    "内蒙古": "内蒙古自治区", "广西": "广西壮族自治区", "西藏": "西藏自治区", "宁夏": "宁夏回族自治区", "新疆": "新疆维吾尔自治区",
    "香港": "香港特别行政区", "澳门": "澳门特别行政区",
}  # fmt: skip

_CITIES = {
    "河北": "石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 雄安 三河 任丘 迁安 辛集 定州",
    "山西": "太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁",
    "内蒙古": "呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 兴安 锡林郭勒 阿拉善",
    "辽宁": "沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛 瓦房店 海城",
    "吉林": "长春 四平 辽源 通化 白山 松原 白城 延边 延吉",
    "黑龙江": "哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 大兴安岭",
    "江苏": """南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 昆山 太仓 常熟 张家港 吴江 江阴 宜兴 丹阳 溧阳 靖江 泰兴
        如皋 海门 启东 海安 如东 高邮 仪征 句容 扬中 兴化 东台 邳州 新沂""",
    "浙江": """杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 义乌 慈溪 余姚 诸暨 乐清 瑞安 海宁 桐乡 平湖 嘉善 海盐 永康 东阳 温岭 玉环
        临海 嵊州 上虞 萧山 余杭 富阳 长兴 德清 安吉""",
    "安徽": "合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城 巢湖 宁国 天长 桐城 广德",
    "福建": "福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德 晋江 石狮 南安 福清 长乐",
    "江西": "南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶 丰城 樟树",
    "山东": """济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽 莱芜 胶州 即墨 平度 莱西 龙口 招远 莱州 寿光 诸城
        高密 青州 邹城 滕州 新泰 肥城 荣成 文登 乳山 邹平""",
    "河南": "郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 济源 巩义 新郑 长葛",
    "湖北": "武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 仙桃 潜江 天门 神农架 宜都 大冶",
    "湖南": "长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西 浏阳 宁乡 醴陵",
    "广东": "广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮 顺德 南海 增城 普宁",
    "广西": "南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左",
    "海南": "海口 三亚 三沙 儋州 文昌 琼海 洋浦",
    "四川": "成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 阿坝 甘孜 凉山 西昌 都江堰",
    "贵州": "贵阳 六盘水 遵义 安顺 毕节 铜仁 黔西南 黔东南 黔南 凯里 都匀 兴义 仁怀",
    "云南": "昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 楚雄 红河 文山 西双版纳 大理 德宏 怒江 迪庆",
    "西藏": "拉萨 日喀则 昌都 林芝 山南 那曲 阿里",
    "陕西": "西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛 杨凌",
    "甘肃": "兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏 甘南",
    "青海": "西宁 海东 海北 黄南 海南藏族自治州 果洛 玉树 海西 格尔木",
    "宁夏": "银川 石嘴山 吴忠 固原 中卫",
    "新疆": "乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉 博尔塔拉 巴音郭楞 阿克苏 克孜勒苏 喀什 和田 伊犁 塔城 阿勒泰 石河子 库尔勒 阿拉尔",
    "台湾": "台北 新北 桃园 台中 台南 高雄 基隆 新竹 嘉义",
}  # fmt: skip

_COUNTIES = """
    廊坊:三河 沧州:任丘 唐山:迁安 石家庄:辛集 保定:定州,雄安 大连:瓦房店 鞍山:海城 延边:延吉 苏州:昆山,太仓,常熟,张家港,吴江 无锡:江阴,宜兴
    镇江:丹阳,句容,扬中 常州:溧阳 泰州:靖江,泰兴,兴化 南通:如皋,海门,启东,海安,如东 扬州:高邮,仪征 盐城:东台 徐州:邳州,新沂 金华:义乌,永康,东阳
    宁波:慈溪,余姚 绍兴:诸暨,嵊州,上虞 温州:乐清,瑞安 嘉兴:海宁,桐乡,平湖,嘉善,海盐 台州:温岭,玉环,临海 杭州:萧山,余杭,富阳 湖州:长兴,德清,安吉
    合肥:巢湖 宣城:宁国,广德 滁州:天长 安庆:桐城 泉州:晋江,石狮,南安 福州:福清,长乐 宜春:丰城,樟树 济南:莱芜 青岛:胶州,即墨,平度,莱西
    烟台:龙口,招远,莱州 潍坊:寿光,诸城,高密,青州 济宁:邹城 枣庄:滕州 泰安:新泰,肥城 威海:荣成,文登,乳山 滨州:邹平 郑州:巩义,新郑 许昌:长葛
    宜昌:宜都 黄石:大冶 长沙:浏阳,宁乡 株洲:醴陵 佛山:顺德,南海 广州:增城 揭阳:普宁 成都:都江堰 凉山:西昌 遵义:仁怀 黔东南:凯里 黔南:都匀
    黔西南:兴义 咸阳:杨凌 海西:格尔木 巴音郭楞:库尔勒"""
"""County-level cities and districts by the city they belong to."""

# Names that are words, brands or something else in front of a company as often as they are places.
_TOO_COMMON = frozenset(
    "兴安 长兴 海城 南海 海安 天门 山南 海东 海北 海西 黄南 天长 阿里 朝阳 白银 文山 怒江 中山 泰安 宝鸡 东阳 三明 安康".split()
)
_ENDINGS = "特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|地区|新区|省|市|县|区"


def provinces() -> dict[str, str]:
    """Return the full name of each province by its short name."""
    return dict(_PROVINCES)


@cache
def _places() -> dict[str, str]:
    """Return the province's short name by short place name, provinces included."""
    found = {name: name for name in _PROVINCES}
    for province, cities in _CITIES.items():
        for city in cities.split():
            found.setdefault(city, province)
    return found


@cache
def _prefix() -> re.Pattern[str]:
    names = sorted(_places(), key=len, reverse=True)
    alone = "|".join(name for name in names if name not in _TOO_COMMON)
    marked = "|".join(name for name in names if name in _TOO_COMMON)
    return re.compile(rf"(?:中国|中华|(?:{alone})(?:{_ENDINGS})?|(?:{marked})(?:省|市|县|区|地区))*")


@cache
def _whole() -> re.Pattern[str]:
    return re.compile(rf"(?:中国)?(?:(?:{'|'.join(sorted(_places(), key=len, reverse=True))})(?:{_ENDINGS})?)+|中国")


def province_of(place: str) -> str:
    """Return the full province name of a city or province (``昆山``, ``苏州市``, ``江苏``), or an empty string."""
    name = place.strip()
    for short in (name, re.sub(rf"(?:{_ENDINGS})$", "", name)):
        if short in _places():
            return _PROVINCES[_places()[short]]
    return ""


def without_region(text: str) -> str:
    """Return a simplified text without the places at its front: 江苏省苏州市昆山 … falls, one after the other."""
    found = _prefix().match(text)
    return text[found.end() :] if found else text


def is_region(text: str) -> bool:
    """Tell whether a simplified text is nothing but places: 厦门, 江苏省昆山市, 中国."""
    return _whole().fullmatch(text) is not None


@cache
def _each() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_places(), key=len, reverse=True)))


def places_in(text: str) -> list[str]:
    """Return the short names of the places a simplified text is made of: 江苏省昆山市 → 江苏, 昆山."""
    return _each().findall(text)


def located(place: str) -> tuple[str, str]:
    """Return province and city of a short place name: 昆山 → (江苏, 昆山); a province has no city, the unknown neither.

    A municipality is its own city.
    """
    province = _places().get(place, "")
    municipality = province in ("北京", "天津", "上海", "重庆")
    return province, place if province and (place != province or municipality) else ""


def short_names() -> list[str]:
    """Return the short names of all places known, in a fixed order."""
    return list(_places())


@cache
def _above() -> dict[str, str]:
    lines = (line.partition(":") for line in _COUNTIES.split())
    return {county: city for city, _colon, counties in lines for county in counties.split(",")}


def city_above(place: str) -> str:
    """Return the city a county-level one belongs to: 昆山 → 苏州; for others the place itself."""
    return _above().get(place, place)

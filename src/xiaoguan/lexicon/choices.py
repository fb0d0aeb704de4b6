"""What people write where a record has a closed list of codes: 电话回访 for ``call``, 重点客户 for tier A, 承兑 for a bill.

Codes are those of the models' choices, as text; stages and positions have modules of their own. Labels and codes themselves need
no entry, whoever shows a choice knows them.
"""

from __future__ import annotations

from functools import cache

from xiaoguan.lexicon.companies import match_key
from xiaoguan.lexicon.headers import slug_of

_CONTACT_KIND = {
    "call": "电话|打电话|电话拜访|电话回访|电话沟通|电访|去电|来电|致电|通话|call|phone|phone call|telephone",
    "visit": "拜访|上门|上门拜访|现场拜访|实地拜访|外勤|走访|回访|客户拜访|visit|site visit|field visit|on site|in person",
    "meeting": "会议|开会|面谈|会谈|洽谈|视频会议|线上会议|meeting|conference|video call|online meeting",
    "message": "微信|消息|短信|qq|钉钉|企业微信|企微|聊天|线上沟通|wechat|message|sms|chat|im|whatsapp",
    "mail": "邮件|电子邮件|发邮件|email|e-mail|mail",
}

_CHOICES: dict[tuple[str, str], dict[str, str]] = {
    ("customers", "tier"): {
        "A": "A|A类|A级|甲|一级|重要|重点|重点客户|重要客户|vip|大客户|战略客户|key|key account|high|1",
        "B": "B|B类|B级|乙|二级|普通|一般|普通客户|一般客户|normal|medium|2",
        "C": "C|C类|C级|丙|三级|次要|low|3",
        "D": "D|D类|D级|丁|四级|4",
    },
    ("customers", "source"): {
        "design_institute": "设计院推荐|设计院|设计院介绍|设计师推荐",
        "referral": "老客户介绍|客户介绍|转介绍|介绍|朋友介绍|推荐|客户推荐|referral|referred|word of mouth|recommendation",
        "prospecting": "自主开发|自拓|自己开发|陌拜|陌生拜访|扫街|电话开发|电销|主动开发|outbound|cold call|cold calling|self generated",
        "tender": "招标|招投标|招标公告|招标网|公开招标|标讯|tender|rfp|bid|public tender",
        "exhibition": "展会|展览|展销会|行业展会|会展|exhibition|trade show|fair|expo|event",
        "website": "网站|官网|网络|网络推广|百度|搜索|线上|互联网|在线咨询|website|web|online|internet|search|organic search|seo",
        "campaign": "广告|市场活动|活动|推广|市场推广|campaign|advertisement|ads|marketing|email campaign|paid search|social",
        "partner": "经销商|代理商|合作伙伴|渠道|伙伴|分销商|partner|reseller|distributor|channel|agent",
        "returning": "老客户|复购|回头客|续约|existing|existing customer|repeat|renewal|returning",
        "other": "其他|其它|other|others|unknown",
    },
    ("contacts", "role"): {
        "decides": "决策者|决策人|拍板人|关键决策人|最终决策|老板|decision maker|decider|approver",
        "recommends": "影响者|推荐者|建议者|技术把关|技术负责人|influencer|recommender|evaluator",
        "champions": "支持者|内线|教练|内部支持者|champion|coach|supporter",
        "uses": "使用者|使用人|用户|最终用户|user|end user",
        "buys": "采购|采购人|采购员|采购经理|采购负责人|商务|buyer|purchaser|purchasing",
        "blocks": "反对者|阻碍者|blocker|opponent",
    },
    ("follow-ups", "kind"): {**_CONTACT_KIND, "note": "备注|记录|笔记|其他|其它|note|other|remark"},
    ("follow-ups", "result"): {
        "forward": "有进展|推进|积极|顺利|成功|good|positive|progress",
        "unchanged": "无变化|没有变化|正常|一般|无进展|neutral|no progress",
        "problem": "有问题|遇到问题|受阻|消极|失败|negative|bad|problem|issue",
    },
    ("tasks", "kind"): {**_CONTACT_KIND, "todo": "待办|任务|事项|其他|其它|task|todo|to do|other"},
    ("tasks", "priority"): {
        "1": "高|紧急|重要|加急|急|高优先级|high|urgent|important|critical|p0|p1|a",
        "2": "中|普通|一般|正常|中优先级|medium|normal|p2|b",
        "3": "低|不急|低优先级|low|minor|p3|c",
    },
    ("tasks", "state"): {
        "open": "未完成|进行中|未开始|待办|待处理|处理中|否|open|to do|pending|in progress|not started|no|false|0",
        "done": "已完成|完成|已办|办结|是|done|completed|complete|finished|closed|yes|true|1",
        "dropped": "取消|已取消|作废|放弃|不做了|cancelled|canceled|dropped|void",
    },
    ("contracts", "status"): {
        "draft": "草稿|拟定中|审批中|待签|未签|未生效|draft|pending|in review",
        "active": "执行中|履行中|生效|已生效|有效|已签|已签订|已签约|进行中|正常|active|in force|signed|executing|effective",
        "completed": "已完成|完成|完结|已完结|履行完毕|执行完毕|结束|已结束|completed|complete|finished|closed|fulfilled",
        "cancelled": "作废|已作废|终止|已终止|取消|已取消|解除|cancelled|canceled|terminated|void",
    },
    ("receipts", "method"): {
        "transfer": "转账|银行转账|电汇|汇款|网银|对公转账|银行汇款|tt|bank transfer|wire|wire transfer|transfer|ach",
        "acceptance": "承兑|承兑汇票|银行承兑|银承|商承|商业承兑|电子承兑|汇票|acceptance|bill|draft",
        "cheque": "支票|转账支票|现金支票|cheque|check",
        "wechat": "微信|微信支付|微信转账|wechat|wechat pay",
        "alipay": "支付宝|alipay",
        "cash": "现金|cash",
        "other": "其他|其它|刷卡|other|card",
    },
    ("teams", "badge"): {
        "dragon": "龙|龙队|dragon", "tiger": "虎|虎队|老虎|tiger", "leopard": "豹|豹队|猎豹|leopard", "wolf": "狼|狼队|wolf",
    },
    ("memberships", "post"): {
        "member": "成员|队员|组员|员工|member", "manager": "经理|主管|队长|组长|负责人|部门经理|manager|lead|leader|head",
        "deputy": "副经理|副主管|副队长|副组长|deputy|vice",
    },
    ("target-lines", "level"): {
        "company": "公司|全公司|集团|company", "team": "团队|部门|战队|小组|team|department", "person": "个人|员工|人员|person|individual|personal",
        "territory": "区域|大区|片区|territory|region", "customer": "客户|customer|account", "product": "产品|product",
    },
    ("target-lines", "kind"): {
        "month": "月|月度|按月|每月|month|monthly", "quarter": "季|季度|按季|每季|quarter|quarterly", "year": "年|年度|全年|按年|year|yearly|annual",
    },
}  # fmt: skip
_CHOICES["deals", "source"] = _CHOICES["customers", "source"]


@cache
def codes(entity: str, field: str) -> dict[str, str]:
    """Return the code by plain key of every word for a field of an entity (slug or any of its other names)."""
    found: dict[str, str] = {}
    for code, words in _CHOICES.get((slug_of(entity), field), {}).items():
        for word in words.split("|"):
            found.setdefault(match_key(word), code)
    return found


def code_of(entity: str, field: str, word: str) -> str:
    """Return the code a word means in a field, empty when it is none of the known ones."""
    return codes(entity, field).get(match_key(word), "")

"""Words for where a deal stands, to the codes of the stages that every installation begins with."""

from __future__ import annotations

from functools import cache

from xiaoguan.lexicon.companies import match_key

WORDS: dict[str, str] = {
    "prospecting": """初步接触|初次接触|接触|初访|线索|潜在|潜在客户|意向|新建|待跟进|未开始|客户开发|prospecting|prospect|prospects|new|lead
        |identified|open""",
    "needs": """跟进中|跟进|进行中|洽谈中|在谈|接洽|接洽中|需求确认|需求调研|需求沟通|需求分析|engaging|engaged|in progress|qualification
        |qualified|qualifying|discovery|needs analysis|working""",
    "solution": """方案|方案报价|方案/报价|方案制定|方案设计|方案提交|提案|报价|已报价|报价中|投标|投标中|solution|proposal|proposed|quote|quoted
        |quotation|demo|presentation""",
    "contracting": "合同签订|合同|合同谈判|签约中|合同审批|合同流程|待签约|contracting|contract|contract sent|verbal|commit",
    "after_sales": """赢单|赢|已赢单|成交|已成交|签单|已签单|签约|已签约|已签|中标|已中标|成功|已完成|完成|结单|售后|售后服务|won|win|closed won|close won
        |closed-won|success|successful|completed|done|yes|是""",
    "lost": """输单|输|已输单|丢单|已丢单|失单|失败|未成交|未中标|落标|流失|已流失|战败|放弃|lost|lose|loss|closed lost|close lost|closed-lost
        |failed|dead|no|否""",
    "invalid": "无效|作废|已作废|取消|已取消|重复|搁置|invalid|void|cancelled|canceled|duplicate|disqualified|abandoned",
}
"""Words by code, separated by ``|``; compared in their plain key, so case, width and script don't matter."""


@cache
def _codes() -> dict[str, str]:
    return {match_key(word): code for code, words in WORDS.items() for word in words.split("|")}


def code_of(word: str) -> str:
    """Return the stage code a word means, empty when it is none of the known ones."""
    return _codes().get(match_key(word), "")

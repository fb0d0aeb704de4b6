"""Words for what somebody's job is, to the codes of positions."""

from __future__ import annotations

from functools import cache

from xiaoguan.lexicon.companies import match_key

WORDS: dict[str, str] = {
    "sales_engineer": """销售工程师|业务员|销售员|销售|销售代表|业务代表|客户经理|业务经理|大客户经理|销售顾问|业务|客户代表|渠道经理|sales engineer
        |sales|salesperson|sales agent|sales rep|sales representative|account manager|account executive|seller|rep""",
    "sales_manager": """销售经理|经理|主管|销售主管|团队经理|部门经理|区域经理|大区经理|队长|组长|销售组长|sales manager|manager|team manager|team leader
        |team lead|supervisor|regional manager|area manager""",
    "sales_director": "销售总监|总监|营销总监|大区总监|销售副总|营销副总|sales director|director|head of sales|vp sales|vp of sales",
    "general_manager": "总经理|总裁|董事长|老板|副总经理|副总|厂长|general manager|ceo|president|owner|managing director",
    "sales_assistant": "销售助理|内勤|销售内勤|商务|商务助理|助理|文员|跟单|跟单员|sales assistant|assistant|sales support|coordinator",
    "hr": "人事|人力资源|人事经理|人力资源经理|行政人事|行政|招聘|招聘专员|hr|human resources|hr manager|recruiter",
    "finance": "财务|会计|出纳|财务经理|财务总监|finance|accountant|accounting|cashier|controller|cfo",
    "service": "售后|售后工程师|售后服务|客服|技术支持|安装工程师|服务工程师|after-sales engineer|service|support|service engineer|customer service",
    "administrator": "管理员|系统管理员|信息管理员|administrator|admin|system administrator|it",
    "auditor": "审计|审计员|内审|auditor|audit",
    "other": "其他|其它|other",
}
"""Words by code, separated by ``|``; compared in their plain key, so case, width and script don't matter."""

SUFFIXES = ("专员", "人员", "主管", "员", "岗")


@cache
def _codes() -> dict[str, str]:
    return {match_key(word): code for code, words in WORDS.items() for word in words.split("|")}


def code_of(word: str) -> str:
    """Return the position a word means, empty when it is none of the known ones.

    What stands behind a known word and only says that somebody does it (客服专员, 财务人员) changes nothing.
    """
    key = match_key(word)
    plain = [key, *(key.removesuffix(suffix) for suffix in SUFFIXES if key.endswith(suffix))]
    return next((code for each in plain if (code := _codes().get(each))), "")

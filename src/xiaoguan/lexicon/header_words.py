"""What people call the columns of their spreadsheets, per record type and field, in Chinese and English.

Words are compared in their plain key (see ``headers``): case, width, script, spaces and punctuation don't matter, so
``sales_agent``, ``Sales Agent`` and ``SalesAgent`` are one word. Names of fields are those of the models; a few columns
that an importer reads by itself have names of their own: ``team``, ``manager``, ``office``, ``status``, ``contact`` …
"""

from __future__ import annotations

_SELLER = """负责人|销售员|业务员|销售|销售人员|业务人员|销售代表|业务代表|销售工程师|销售经理|客户经理|业务经理|所属销售|归属人|所有人|责任人
    |跟进人|跟单人|销售负责人|业务负责人|归属销售|owner|account owner|deal owner|sales agent|agent|salesperson|sales person|sales rep
    |sales representative|rep|account manager|account executive|assigned to|assignee|seller|salesman|responsible"""
_CUSTOMER = """客户|客户名称|客户名|客户全称|客户单位|公司|公司名称|公司全称|企业名称|单位|单位名称|所属客户|所属公司|关联客户|甲方|甲方名称|甲方单位|建设单位|付款单位|购货单位
    |购买方|采购方|最终客户|account|account name|customer|customer name|company|company name|client|client name|organization|organisation"""
_DEAL = """商机|商机名称|商机编号|关联商机|对应商机|所属商机|项目|项目名称|项目编号|所属项目|机会|销售机会|deal|deal name|deal number|opportunity
    |opportunity name|opportunity id|project|project name"""
_CONTRACT = """合同|合同编号|合同号|合同名称|关联合同|对应合同|所属合同|contract|contract number|contract no|contract id|contract name"""
_CONTACT = "联系人|联系人姓名|客户联系人|对接人|拜访对象|关键人|contact|contact name|contact person"
_PRODUCT = """产品|产品名称|主要产品|意向产品|产品型号|型号|商品|商品名称|品名|货品|货品名称|物料|物料名称|product|product name|item|item name"""
_PHONE = "电话|联系电话|电话号码|联系方式|固定电话|座机|固话|phone|phone number|telephone|tel|contact number"
_MOBILE = "手机|手机号|手机号码|移动电话|联系手机|mobile|mobile phone|mobile number|cell|cell phone|cellphone"
_MAIL = "邮箱|电子邮箱|电子邮件|邮件|邮箱地址|邮件地址|email|e-mail|mail|email address|e-mail address|work email"
_NOTE = "备注|备注信息|备注说明|说明|描述|附注|其他说明|note|notes|remark|remarks|comment|comments|description|memo"
_FOREIGN: dict[str, str] = {
    "currency": "币种|币别|货币|货币种类|currency|ccy|currency code",
    "original": "外币金额|原币金额|原币|外币|本位币外金额|foreign amount|amount in currency|original amount|amount in original currency",
    "exchange_rate": "汇率|折算汇率|记账汇率|exchange rate|fx rate|fx|conversion rate",
}
_SOURCE = (
    """来源|客户来源|商机来源|线索来源|渠道来源|信息来源|获客渠道|获客方式|渠道|source|lead source|origin|channel"""
)
_POSITION = "顺序|排序|序|次序|order|position|sort|sort order"

NOUNS: dict[str, str] = {
    "people": "员工|人员|销售人员|employee|staff|person|user",
    "teams": "团队|部门|team|department",
    "customers": "客户|公司|企业|单位|customer|account|company|client",
    "contacts": "联系人|客户联系人|contact",
    "products": "产品|商品|货品|物料|product|item",
    "deals": "商机|项目|机会|销售机会|订单|deal|opportunity|project|order",
    "deal-lines": "明细|行|line",
    "contracts": "合同|contract",
    "receipts": "回款|收款|到账|receipt|payment",
    "refunds": "退款|退货|refund",
    "follow-ups": "跟进|拜访|沟通|联系|活动|activity|visit|call|follow up",
    "tasks": "任务|待办|task|todo",
    "target-lines": "目标|任务|指标|target|goal|quota",
}
"""What a record itself is called; a header may put it in front of a field: 客户 + 地址."""

WORDS: dict[str, dict[str, str]] = {
    "people": {
        "name": """姓名|名字|员工|员工姓名|人员|人员姓名|销售|销售员|业务员|销售人员|业务人员|销售代表|销售工程师|成员|队员|name|full name|employee
            |employee name|sales agent|agent|sales rep|sales representative|salesperson|sales person|seller|rep|staff|staff name|member""",
        "english_name": "英文名|英文姓名|english name|latin name",
        "username": "用户名|账号|帐号|登录名|登录账号|用户账号|username|user name|login|login name|user id",
        "phone": f"{_MOBILE}|{_PHONE}",
        "email": _MAIL,
        "employee_no": """工号|员工编号|员工号|人员编号|职工号|职工编号|编号|employee no|employee number|employee id|staff id|staff no|emp id|emp no
            |id|no""",
        "position": "职位|岗位|岗位名称|职位名称|职务类别|position|role in sales|job",
        "job_title": "职务|头衔|职称|名片职务|title|job title",
        "joined_on": """入职日期|入职时间|到岗日期|到岗时间|加入日期|入司日期|入司时间|hire date|hired on|date hired|joined on|join date|date joined
            |joining date|start date""",
        "left_on": "离职日期|离职时间|最后工作日|leave date|left on|termination date|end date|last day",
        "team": """部门|团队|所属部门|所属团队|所在部门|战队|队伍|小组|组别|销售团队|销售部门|班组|department|team|dept|group|sales team|unit|division""",
        "manager": """上级|直属上级|直接上级|上级领导|上级姓名|经理|主管|直属主管|直接主管|销售经理|团队经理|部门经理|领导|汇报对象|汇报给|队长|manager
            |manager name|sales manager|supervisor|reports to|report to|line manager|team lead|team leader|leader|boss""",
        "office": """区域|大区|销售区域|销售大区|办事处|所属区域|地区|片区|分公司|regional office|office|region|sales region|branch|area|territory""",
        "roles": "角色|权限|系统角色|权限角色|roles|role|permission",
    },
    "teams": {
        "name": "团队|团队名称|部门|部门名称|战队|战队名称|小组|小组名称|名称|team|team name|department|department name|name",
        "parent": "上级团队|上级部门|所属部门|所属团队|父级|上级|parent|parent team|parent department|belongs to",
        "motto": "口号|团队口号|标语|motto|slogan",
        "badge": "徽章|队徽|图腾|标志|badge|emblem",
        "kind": "类型|团队类型|部门类型|kind|type",
        "manager": "经理|主管|负责人|团队经理|部门经理|队长|团队负责人|部门负责人|manager|lead|leader|head|team lead",
        "position": _POSITION,
    },
    "customers": {
        "name": f"{_CUSTOMER}|名称|全称|企业|企业全称|单位全称|厂商|厂家|name|full name|firm",
        "short_name": "简称|客户简称|公司简称|企业简称|单位简称|证券简称|股票简称|A股简称|short name|alias|abbreviation|known as",
        "number": """客户编号|客户代码|客户编码|客户号|客户ID|编号|编码|代码|customer number|customer no|customer id|customer code
            |account number|account id|account no|id|code|no""",
        "kind": """客户类型|客户性质|客户类别|客户分类|类型|类别|性质|单位性质|customer type|account type|customer kind|kind|type|category|segment""",
        "tier": """级别|客户级别|客户等级|等级|分级|客户分级|重要程度|ABC|ABC分类|星级|tier|level|grade|rating|customer level|customer tier""",
        "industry": "行业|所属行业|行业分类|行业类别|所在行业|industry|sector|vertical|line of business",
        "source": _SOURCE,
        "province": "省份|省|所在省|所在省份|所属省份|省/直辖市|省市|province|state|state province|state/province",
        "city": "城市|市|所在城市|所在市|所属城市|地市|地级市|所在地|city|town",
        "district": "区县|区|县|县区|区/县|所在区县|district|county",
        "address": """地址|详细地址|公司地址|办公地址|注册地址|通讯地址|通信地址|联系地址|收货地址|单位地址|address|street|street address
            |office location|location|billing address|office address|mailing address""",
        "phone": f"{_PHONE}|公司电话|单位电话|总机|客户电话|main phone|company phone|office phone",
        "website": "网址|网站|公司网址|公司网站|官网|主页|website|web site|web|url|homepage|home page|site",
        "annual_purchase": """年采购额|采购额|年采购|年度采购额|年采购金额|预计年采购额|年用量金额|annual purchase|annual purchases|yearly purchases
            |purchase volume|annual spend""",
        "annual_revenue": """年营业额|营业额|年收入|营收|年营收|年产值|产值|年销售额|营业收入|年度营收|revenue|annual revenue|turnover
            |yearly revenue|annual turnover""",
        "employees": """员工数|员工人数|人数|人员规模|员工规模|企业规模|公司规模|在职人数|employees|employee count|number of employees|headcount
            |company size""",
        "founded_on": """成立日期|成立时间|成立年份|创立时间|创立年份|注册日期|注册时间|founded|founded on|year established|established
            |year founded|established on|incorporated|date founded""",
        "credit_code": """统一社会信用代码|社会信用代码|信用代码|税号|纳税人识别号|营业执照号|credit code|tax id|tax number|tax no|vat
            |vat number|registration number""",
        "parent": """上级公司|母公司|上级客户|所属集团|集团|集团公司|总公司|上级单位|subsidiary of|parent|parent account|parent company
            |parent customer|group""",
        "since": """建档日期|建档时间|创建日期|创建时间|录入日期|录入时间|登记日期|登记时间|开户日期|开发日期|合作日期|合作开始|首次合作日期
            |合作时间|customer since|since|created|created on|created at|created date|create date|date added|date created""",
        "owner": _SELLER,
        "note": _NOTE,
        "contact": f"{_CONTACT}|主要联系人|主联系人|首要联系人|primary contact|main contact",
        "contact_mobile": f"联系人手机|联系人手机号|联系人电话|{_MOBILE}|contact phone|contact mobile",
    },
    "contacts": {
        "name": "姓名|联系人|联系人姓名|名字|称呼|客户联系人|name|full name|contact|contact name|contact person|person",
        "customer": _CUSTOMER,
        "title": "职务|职位|职称|岗位|头衔|职务名称|title|job title|position|job",
        "department": "部门|所在部门|所属部门|科室|department|dept|division",
        "role": "角色|决策角色|决策作用|购买角色|影响力|role|decision role|buying role",
        "mobile": _MOBILE,
        "phone": f"{_PHONE}|办公电话|单位电话|分机|work phone|office phone",
        "email": _MAIL,
        "wechat": "微信|微信号|wechat|we chat|weixin|wechat id",
        "birthday": "生日|出生日期|出生年月|birthday|birth date|birthdate|date of birth|dob",
        "left": "已离职|是否离职|离职|left|has left",
        "owner": _SELLER,
        "note": _NOTE,
    },
    "products": {
        "name": f"{_PRODUCT}|名称|产品名|规格型号|name|model|sku name",
        "code": """产品编码|产品编号|产品代码|产品货号|料号|货号|物料编码|物料编号|商品编码|商品编号|编码|编号|代码|product code|product id
            |product number|product no|item code|item number|part number|sku|code|id""",
        "category": """系列|产品系列|产品类别|产品分类|类别|分类|品类|大类|产品线|产品大类|series|category|family|product family|product line
            |product category|product series|group|type""",
        "unit_name": "单位|计量单位|销售单位|unit|uom|unit of measure|sales unit",
        "price": """单价|价格|标准价|标准价格|售价|定价|销售单价|销售价格|目录价|标价|含税单价|参考价|参考价格|指导价|price|sales price
            |selling price|unit price|list price|standard price|base price|msrp""",
        "active": "在售|是否在售|启用|是否启用|上架|是否上架|active|on sale|enabled|available",
        "note": _NOTE,
    },
    "deals": {
        **_FOREIGN,
        "name": """商机名称|商机|商机主题|项目名称|项目|工程名称|工程项目|机会名称|销售机会|机会|订单名称|名称|主题|标题|deal|deal name|opportunity
            |opportunity name|project|project name|name|title|subject""",
        "number": """商机编号|商机号|商机ID|项目编号|项目号|机会编号|订单编号|订单号|单号|编号|opportunity id|opportunity number|opportunity no
            |deal id|deal number|deal no|project number|order id|order number|order no|id|number|no""",
        "customer": f"{_CUSTOMER}|业主|业主单位",
        "product": _PRODUCT,
        "stage": """阶段|销售阶段|商机阶段|项目阶段|当前阶段|所处阶段|跟进阶段|进展|进度|项目进度|项目进展|stage|deal stage|sales stage
            |opportunity stage|pipeline stage|phase""",
        "status": """状态|商机状态|项目状态|订单状态|结果|赢单状态|输赢|输赢状态|是否成交|是否赢单|status|deal status|opportunity status|outcome
            |result|won/lost|state""",
        "pipeline": "销售流程|流程|销售管道|管道|pipeline|sales process|process",
        "amount": """金额|商机金额|项目金额|预计金额|预估金额|预计成交金额|预计合同额|预计合同金额|预计签约金额|预计销售额|成交金额|成交额|合同额
            |合同金额|签约额|签约金额|签单金额|订单金额|销售额|销售金额|业绩|总价|总额|总金额|含税金额|amount|value|deal value|deal amount
            |close value|closed value|opportunity amount|opportunity value|expected revenue|expected value|order amount|contract value
            |sales amount|sales|revenue|total|total amount|total price|price""",
        "probability": """赢率|赢单率|成功率|成交概率|成交率|赢单概率|概率|可能性|把握|把握度|probability|win probability|win rate|chance
            |confidence|likelihood""",
        "margin_rate": "毛利率|利润率|毛利|margin|gross margin|margin rate",
        "source": _SOURCE,
        "competitor": "竞争对手|竞品|竞争品牌|竞争厂家|对手|competitor|competitors|competition",
        "opened_on": """接洽日期|接洽时间|立项日期|立项时间|开始日期|开始时间|商机日期|发现日期|发现时间|首次接触日期|接触日期|首次联系日期|登记日期
            |录入日期|建档日期|创建日期|创建时间|engage date|engaged on|opened on|open date|created|created on|created at|created date
            |create date|start date|first contact""",
        "expected_on": """预计签约|预计签约日期|预计签约时间|预计成交|预计成交日期|预计成交时间|预计签单日期|预计签单时间|预计结单日期|预计关闭日期
            |预计下单日期|预计下单时间|计划签约日期|计划成交日期|预计完成日期|预计日期|expected close|expected close date|expected closing
            |expected on|expected date|estimated close date|forecast date|forecast close|target date|planned close""",
        "closed_on": """成交日期|成交时间|签约日期|签约时间|签单日期|签单时间|结单日期|结单时间|关闭日期|关闭时间|完成日期|订单日期|下单日期|销售日期
            |close date|closed on|closed date|closing date|date closed|order date|sale date""",
        "won_on": "赢单日期|赢单时间|中标日期|中标时间|won on|won date|date won",
        "lost_on": "输单日期|输单时间|丢单日期|丢单时间|lost on|lost date|date lost",
        "loss_reason": "输单原因|丢单原因|失败原因|流失原因|失单原因|lost reason|loss reason|reason lost|reason for loss",
        "owner": _SELLER,
        "note": _NOTE,
        "contact": _CONTACT,
        "quantity": "数量|台数|件数|套数|quantity|qty|units",
        "next_due": "下次跟进|下次跟进时间|下次跟进日期|下一步日期|下一步时间|下次联系时间|next step date|next follow up|next activity",
        "next_note": "下一步|下一步计划|下步计划|下一步行动|跟进计划|next step|next action|next steps",
    },
    "deal-lines": {
        "deal": _DEAL,
        "product": _PRODUCT,
        "quantity": "数量|台数|件数|套数|quantity|qty|units|count",
        "price": "单价|价格|成交单价|含税单价|报价|price|unit price|sales price",
        "amount": "金额|小计金额|行金额|amount|line amount|line total",
        "note": _NOTE,
    },
    "stages": {
        "name": "阶段|阶段名称|名称|stage|stage name|name",
        "pipeline": "销售流程|流程|pipeline",
        "position": _POSITION,
        "outcome": "结果|类型|outcome|result|type",
        "probability": "赢率|概率|成功率|probability|win probability",
        "expected_days": "正常天数|预计天数|标准天数|停留天数|天数|expected days|usual days|days",
    },
    "contracts": {
        **_FOREIGN,
        "number": "合同编号|合同号|合同ID|编号|单号|contract number|contract no|contract id|number|no|id",
        "name": "合同名称|合同|合同标题|项目名称|名称|标题|contract|contract name|contract title|name|title",
        "customer": f"{_CUSTOMER}|签约客户|签约单位|对方单位",
        "deal": _DEAL,
        "amount": """合同金额|合同额|签约金额|签约额|合同总价|合同总额|合同价款|合同总金额|金额|总价|总额|含税金额|contract amount
            |contract value|amount|value|total|total amount""",
        "signed_on": """签订日期|签约日期|签署日期|签字日期|合同日期|签订时间|签约时间|签署时间|日期|signed on|sign date|signing date
            |contract date|date signed|signature date|date""",
        "status": "状态|合同状态|执行状态|status|contract status",
        "cancelled_on": "终止日期|作废日期|解除日期|取消日期|cancelled on|cancel date|termination date",
        "owner": _SELLER,
        "note": _NOTE,
    },
    "receipts": {
        **_FOREIGN,
        "number": """回款编号|回款单号|收款编号|收款单号|到账编号|流水号|交易流水号|凭证号|编号|单号|receipt number|receipt no|receipt id
            |payment id|payment number|transaction id|voucher|number|no|id""",
        "customer": f"{_CUSTOMER}|付款单位|付款方|付款人|付款公司|打款单位|打款方|汇款单位|汇款方|对方户名|payer|paid by",
        "contract": _CONTRACT,
        "deal": _DEAL,
        "amount": """回款金额|回款额|回款|收款金额|收款额|收款|到账金额|到账额|入账金额|实收金额|实收|已收金额|本次回款|本次收款|金额|amount
            |amount received|received amount|receipt amount|payment|payment amount|amount paid|paid|paid amount|value|total""",
        "received_on": """回款日期|回款时间|收款日期|收款时间|到账日期|到账时间|入账日期|入账时间|付款日期|付款时间|打款日期|交易日期|日期|received on
            |receipt date|payment date|date received|date paid|paid on|transaction date|date""",
        "method": "回款方式|收款方式|付款方式|支付方式|结算方式|打款方式|方式|method|payment method|way of payment|pay method",
        "owner": _SELLER,
        "note": f"{_NOTE}|摘要|用途",
    },
    "refunds": {
        "number": "退款编号|退款单号|退货单号|编号|单号|refund number|refund no|refund id|number|no|id",
        "receipt": "回款编号|收款编号|收款单号|原收款单号|对应回款|原单号|原流水号|receipt|receipt number|original receipt|payment id",
        "contract": _CONTRACT,
        "customer": f"{_CUSTOMER}|退款客户|收款单位",
        "amount": "退款金额|退款额|退款|退货金额|退回金额|金额|refund amount|amount refunded|refund|amount|value",
        "refunded_on": "退款日期|退款时间|退货日期|退货时间|退回日期|日期|refunded on|refund date|date refunded|date",
        "reason": "退款原因|退货原因|原因|reason|refund reason",
        "owner": _SELLER,
        "note": _NOTE,
    },
    "follow-ups": {
        "kind": """跟进方式|跟进类型|方式|类型|联系方式|沟通方式|拜访方式|活动类型|kind|type|method|activity type|contact type|channel""",
        "customer": f"{_CUSTOMER}|拜访客户|跟进客户",
        "deal": _DEAL,
        "contact": _CONTACT,
        "happened_at": """跟进时间|跟进日期|拜访时间|拜访日期|联系时间|联系日期|沟通时间|沟通日期|发生时间|活动时间|时间|日期|happened at|date|time
            |datetime|activity date|visit date|call date|contact date""",
        "subject": "主题|标题|跟进主题|subject|title|topic",
        "body": """跟进内容|跟进记录|跟进情况|跟进详情|拜访内容|拜访记录|拜访情况|沟通内容|沟通记录|沟通情况|联系内容|内容|详情|情况|记录|纪要|备注
            |content|details|body|notes|note|description|comments|summary|minutes""",
        "result": "结果|跟进结果|拜访结果|沟通结果|result|outcome",
        "owner": f"跟进人|记录人|拜访人|联络人|{_SELLER}|author|logged by|recorded by",
    },
    "tasks": {
        "title": """任务|任务名称|任务标题|任务内容|标题|主题|事项|待办|待办事项|工作内容|下一步|task|task name|title|subject|to do|todo|action
            |action item""",
        "kind": "类型|任务类型|方式|kind|type|task type",
        "customer": _CUSTOMER,
        "deal": _DEAL,
        "contact": _CONTACT,
        "due_on": """截止日期|截止时间|到期日期|到期日|到期时间|计划日期|计划时间|计划完成日期|完成期限|期限|日期|due|due date|due on|deadline
            |planned date|date""",
        "due_time": "时间|时刻|几点|time|due time",
        "priority": "优先级|重要程度|紧急程度|重要性|priority|importance|urgency",
        "state": "状态|任务状态|完成情况|是否完成|state|status|done|completed",
        "owner": f"执行人|{_SELLER}",
        "note": _NOTE,
    },
    "target-lines": {
        "person": """姓名|销售员|业务员|销售|销售人员|销售代表|销售工程师|业务人员|负责人|人员|员工|队员|成员|责任人|name|person|salesperson
            |sales person|seller|sales agent|sales rep|owner|rep|employee""",
        "team": "团队|部门|战队|小组|队|销售团队|所属团队|所属部门|team|department|group|sales team",
        "customer": "客户|客户名称|目标客户|重点客户|customer|customer name|account|account name|client",
        "product": "产品|产品名称|产品型号|目标产品|型号|product|product name|item",
        "level": "层级|级别|对象|level|scope",
        "metric": "指标|考核指标|指标名称|目标类型|目标名称|metric|kpi|measure|indicator",
        "kind": "周期类型|周期|period type|frequency",
        "start": "月份|月|月度|期间|目标月份|目标期间|季度|年度|年份|时间|日期|month|period|quarter|year|date|start",
        "amount": """目标|目标金额|目标额|目标值|销售目标|业绩目标|签约目标|回款目标|任务|任务额|任务金额|销售任务|指标值|计划|计划金额|target
            |target amount|target value|amount|quota|goal|budget|plan|value""",
        "number": """目标数量|目标单数|目标个数|数量|新客户|新客户数|新增客户|新增客户数|新开客户|开发客户|target number|target count|count
            |new customers""",
        "note": _NOTE,
    },
    "customer-kinds": {"name": "客户类型|类型|名称|kind|type|name", "position": _POSITION},
    "loss-reasons": {"name": "输单原因|原因|名称|reason|loss reason|name", "position": _POSITION},
    "exchange-rates": {
        "currency": _FOREIGN["currency"],
        "counts_from": "生效日期|起始日期|日期|counts from|from|date|effective date|valid from",
        "rate": f"{_FOREIGN['exchange_rate']}|rate",
        "note": _NOTE,
    },
    "orders": {
        "number": "订单号|订单编号|订单|销售订单号|order number|order no|order id|order|so number",
        "customer": "客户|客户名称|购货单位|customer|account|customer name|client",
        "ordered_on": "下单日期|订单日期|订货日期|日期|ordered on|order date|date",
        "delivery_on": "交货日期|要求交期|交期|发货日期|delivery date|required date|ship date|due date",
        "owner": _SELLER,
        "note": _NOTE,
    },
    "order-lines": {
        "order": "订单号|订单编号|订单|销售订单号|order number|order no|order id|order|so number",
        "product": "产品|产品名称|货品|商品|商品名称|型号|product|item|sku|product name",
        "quantity": "数量|订货数量|件数|quantity|qty|units",
        "price": "单价|含税单价|销售单价|unit price|price",
        "reduction": "优惠金额|折扣金额|减价|discount amount|reduction",
        "note": _NOTE,
    },
    "territory-assignments": {
        "territory": "区域|大区|片区|销售区域|territory|region|area",
        "person": _SELLER,
        "start": "开始日期|起始日期|生效日期|start|start date|from|effective from",
        "end": "结束日期|截止日期|end|end date|to|until|effective to",
        "helper": "协助|是否协助|helper|helps only",
    },
    "memberships": {
        "person": "姓名|员工|成员|队员|人员|name|person|member|employee",
        "team": "团队|部门|战队|小组|team|department",
        "post": "岗位|职位|身份|角色|post|position|role",
        "start": "开始日期|加入日期|起始日期|生效日期|start|start date|from|joined",
        "end": "结束日期|离开日期|截止日期|end|end date|to|until|left",
    },
}  # fmt: skip
"""Header words by entity slug and field, separated by ``|``; the first fitting field in order wins a tie."""

ALIASES: dict[str, str] = {
    "person": "people", "persons": "people", "team": "teams", "customer": "customers", "contact": "contacts",
    "product": "products", "deal": "deals", "dealline": "deal-lines", "stage": "stages", "contract": "contracts",
    "receipt": "receipts", "refund": "refunds", "followup": "follow-ups", "followups": "follow-ups",
    "follow-up": "follow-ups", "task": "tasks", "target": "target-lines", "targets": "target-lines",
    "membership": "memberships", "customerkind": "customer-kinds", "lossreason": "loss-reasons",
}  # fmt: skip
"""Other names of an entity: singular, and the last part of its label."""

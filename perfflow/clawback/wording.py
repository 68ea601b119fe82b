"""The words for situations, liabilities, states and steps of a clawback case."""

from __future__ import annotations

from perfflow.clawback.rules import CaseStatus, Situation
from perfflow.forms import Text
from perfflow.payouts.rules.recovery import RecoveryMode
from perfflow.plans.rules.decisions import Liability

SITUATIONS = {
    Situation.INDICATORS_MISSED: Text(
        "重要监管指标严重不达标或偏离合理区间", "Key regulatory indicators seriously missed"
    ),
    Situation.TAKEOVER: Text(
        "被接管或采取其他风险处置措施", "Takeover or another measure against failure"
    ),
    Situation.MAJOR_RISK_EVENT: Text(
        "发生重大风险事件，扰乱金融市场秩序", "A major risk event that disturbs the market"
    ),
    Situation.MAJOR_DAMAGE: Text("其他重大财产损失或风险", "Other major damage or risk"),
    Situation.RESTATEMENT: Text("财务报表重述", "Restatement of accounts"),
    Situation.FALSIFIED_RESULTS: Text("绩效考核结果造假", "Falsified performance results"),
    Situation.UNAUTHORISED_AWARD: Text("违规自定薪酬", "Pay awarded without authority"),
    Situation.WRONG_INFORMATION: Text("其他因信息不实多发薪酬", "Other pay on wrong information"),
}
MODES = {
    RecoveryMode.ALL_OF_PERIOD: Text("期间全部绩效薪酬 × 责任比例", "all of the period × share"),
    RecoveryMode.EXCESS_ONLY: Text("仅追回超发部分", "the excess only"),
}
LIABILITIES = {
    Liability.PRIMARY: Text("主要责任", "primary liability"),
    Liability.SIGNIFICANT: Text("重要责任", "significant liability"),
    Liability.GENERAL: Text("一般责任", "general liability"),
}
STATUSES = {
    CaseStatus.OPENED: (Text("责任认定中", "Liability to be set"), ""),
    CaseStatus.HEARING: (Text("陈述申辩", "Hearing"), "info"),
    CaseStatus.PROPOSED: (Text("待第二人确认", "Awaits the second person"), "warn"),
    CaseStatus.DECIDED: (Text("已决定，异议期", "Decided, time to object"), "warn"),
    CaseStatus.EXECUTED: (Text("追索中", "Being recovered"), "info"),
    CaseStatus.CLOSED: (Text("已结案", "Settled"), "ok"),
    CaseStatus.DROPPED: (Text("不予追索", "Not recovered"), ""),
}
STEPS = {
    "open": Text("立案", "Opened the case"),
    "set_liability": Text("认定责任", "Set the liability"),
    "hear": Text("听取陈述", "Heard"),
    "propose_recover": Text("建议追索", "Proposed to recover"),
    "propose_return": Text("退回责任认定", "Sent back to the liability"),
    "propose_drop": Text("不予追索", "Dropped the case"),
    "confirm_recover": Text("确认追索", "Confirmed the recovery"),
    "confirm_return": Text("退回", "Sent back"),
    "dispute": Text("提出异议", "Objected"),
    "dispute_upheld": Text("异议裁决：维持", "Objection decided: upheld"),
    "dispute_reduced": Text("异议裁决：减轻", "Objection decided: lower"),
    "execute": Text("止付并发出追索", "Stopped and demanded"),
    "agree_plan": Text("约定还款计划", "Agreed on the repayment"),
    "repay": Text("本人还款", "Repaid"),
    "setoff": Text("工资抵扣", "Set off against the wage"),
    "close": Text("结案", "Settled the case"),
}
RECEIPTS = {
    "REPAY": Text("本人还款", "Repaid"),
    "SETOFF": Text("工资抵扣", "Set off against the wage"),
}
SHARE_LINE = Text(
    "{share}%：合计 {target}，止付 {malus}，追索 {clawback}",
    "{share}%: {target} in all, {malus} stopped, {clawback} asked back",
)

"""The words for states, kinds of entries and reasons of pay, in both languages."""

from __future__ import annotations

from perfflow.forms import Text
from perfflow.payouts.rules.ledger import EntryKind
from perfflow.plans.rules.deferral import PayCategory

POOL_STATUSES = {
    "open": (Text("待测算", "To be run"), ""),
    "computed": (Text("试算中", "Dry run"), "info"),
    "handed_on": (Text("待审批", "Awaits approval"), "warn"),
    "approved": (Text("已批准", "Approved"), "info"),
    "booked": (Text("已记账", "Booked"), "info"),
    "released": (Text("已发放", "Released"), "ok"),
}
RUN_STATUSES = {
    "computed": (Text("试算", "Dry"), "info"),
    "replaced": (Text("已被替换", "Replaced"), ""),
    "returned": (Text("已退回", "Sent back"), "warn"),
    "approved": (Text("已批准", "Approved"), "info"),
    "booked": (Text("已记账", "Booked"), "info"),
    "released": (Text("已发放", "Released"), "ok"),
}
RUN_KINDS = {
    "main": Text("正式批次", "Main run"),
    "delta": Text("补充批次", "Delta run"),
}
VETO_SHARES = {
    "return": Text("退回公司（推荐）", "Returns to the firm (recommended)"),
    "redistribute": Text("在奖金池内重新分配", "Shared out among the pool"),
}
HELD_REASONS = {
    "FREEZE": Text("合规案件未结", "an open compliance case"),
    "INTERVIEW": Text("绩效面谈或结果确认未完成", "the interview or confirmation is open"),
}
CATEGORIES = {
    PayCategory.SENIOR: Text("高级管理人员", "senior management"),
    PayCategory.KEY: Text("关键岗位", "key post"),
    PayCategory.CONTROL: Text("风控岗位", "control post"),
    PayCategory.STAFF: Text("一般岗位", "staff"),
}
ENTRY_KINDS = {
    EntryKind.AWARD: Text("核定奖金", "Award"),
    EntryKind.DEFER: Text("递延", "Deferred"),
    EntryKind.PAY: Text("发放", "Paid"),
    EntryKind.HELD: Text("冻结", "Held"),
    EntryKind.RELEASE: Text("解冻发放", "Hold released"),
    EntryKind.VEST: Text("递延到期", "Vested"),
    EntryKind.MALUS: Text("止付", "Malus"),
    EntryKind.CLAWBACK: Text("追索扣回", "Clawback"),
    EntryKind.SETOFF: Text("追索抵扣", "Set-off"),
    EntryKind.REPAY: Text("追索还款", "Repaid"),
    EntryKind.ADJUST: Text("补差", "Adjustment"),
    EntryKind.RETURN: Text("退回公司", "Returned to the firm"),
    EntryKind.FORFEIT: Text("冻结失效", "Hold forfeited"),
}
REASONS = {
    "RUN": Text("批次", "the run"),
    "POLICY": Text("递延政策", "the deferral policy"),
    "VETO": Text("合规一票否决", "a compliance veto"),
    "HOLD": Text("冻结", "a hold"),
    "HOLD_ENDED": Text("冻结结束", "the hold ended"),
    "RESULT": Text("结果有新版本", "a new version of the result"),
    "APPEAL_DECIDED": Text("申诉决定", "the decision of an appeal"),
    "CORRECTED": Text("结果更正", "a corrected result"),
    "GATE": Text("合规案件的决定", "the decision of a compliance case"),
    "CLAWBACK_CASE": Text("追索扣回案件", "a clawback case"),
    "VEST_DATE": Text("到期", "the vest date"),
    "LEAVER": Text("离职", "leaving the firm"),
    **HELD_REASONS,
}
TRANCHE_STATES = {
    "open": (Text("未到期", "Not yet due"), ""),
    "vested": (Text("已到期发放", "Vested"), "ok"),
    "stopped": (Text("已止付", "Stopped"), "bad"),
}

"""Texts of the plan linter in both languages: its rules and the thresholds of profiles."""

from __future__ import annotations

from perfflow.forms.definition import Text

RULE_TEXTS = {
    "PL-01": Text("权重合计为 100%", "Weights add up to 100%"),
    "PL-02": Text(
        "单项权重 5%–40%，整百分数，4–15 项", "Each weight 5–40%, whole per cent, 4–15 lines"
    ),
    "PL-03": Text("业绩成果维度不超过岗位上限", "Results within the limit of the post"),
    "PL-04": Text("前台岗位客户 + 合规不低于 30%", "Front posts: client + compliance at least 30%"),
    "PL-05": Text("每张评分卡合规风控不低于 15%", "Compliance at least 15% on every card"),
    "PL-06": Text("不能只考核销售", "Not on sales alone"),
    "PL-07": Text("单一产品目标不短于 12 个月", "No product contest under 12 months"),
    "PL-08": Text("销售指标超目标后不加速", "No accelerator above target on sales"),
    "PL-09": Text("销售指标得分无 20 分以上断崖", "No cliff above 20 points on sales"),
    "PL-10": Text(
        "控制岗位不背销售、不由前台评分", "Control posts neither sell nor are scored by sellers"
    ),
    "PL-11": Text("长周期指标占比", "Share of long-horizon metrics"),
    "PL-12": Text(
        "前台有投诉和适当性指标", "Front cards hold a complaint and a suitability metric"
    ),
    "PL-13": Text("指标定义完整", "Metric definitions are complete"),
    "PL-14": Text("方向、曲线、基线一致", "Direction, curve and baseline agree"),
    "PL-15": Text("高管绩效薪酬与基本薪酬之比", "Leaders' pay against base pay"),
    "PL-16": Text("递延比例和年限达到下限", "Deferral rate and years reach the minimum"),
    "PL-17": Text("递延支付不前重后轻", "Tranches not faster than equal"),
    "PL-18": Text("每个岗位启用一票否决和冻结", "Veto and freeze for every post"),
    "PL-19": Text(
        "个人目标不押注行情、不承诺收益", "No personal target on the market, no promised return"
    ),
    "PL-20": Text("不是全浮动薪酬或直接分成", "Not all variable, no split of commission"),
    "PL-21": Text(
        "最低等级可为 0，系数单调", "The lowest band can get nothing; coefficients descend"
    ),
    "PL-22": Text("不公开个人销售排名", "No public ranking by sales"),
    "PL-23": Text("设个人奖金上限", "An individual cap"),
    "PL-24": Text("保底奖金仅限入职首年", "Guaranteed bonus only in the first year"),
    "PL-25": Text("最高支付与奖金池之比", "Maximum payouts beside the pool"),
}
"""What each rule asks, in a few words."""

THRESHOLD_TEXTS = {
    "weight_min_bp": Text("单项权重下限", "Least weight of a line"),
    "weight_max_bp": Text("单项权重上限", "Greatest weight of a line"),
    "lines_min": Text("最少项数", "Fewest lines"),
    "lines_max": Text("最多项数", "Most lines"),
    "results_max_bp": Text("业绩成果上限", "Results at most"),
    "front_client_compliance_min_bp": Text(
        "前台客户 + 合规下限", "Front: client + compliance at least"
    ),
    "compliance_min_bp": Text("合规风控下限", "Compliance at least"),
    "sales_slope_max": Text("销售指标超目标斜率上限", "Steepest sales curve above target"),
    "sales_jump_max": Text("销售指标断崖上限（分）", "Greatest jump on sales (points)"),
    "long_horizon_min_bp": Text(
        "业绩成果中 36 个月以上占比下限", "Long-horizon share of results at least"
    ),
    "investor_outcome_min_bp": Text(
        "前台客户盈亏权重下限", "Front: weight of clients' profit and loss"
    ),
    "cap_multiple_max": Text("个人上限（基数倍数）", "Individual cap (times the base)"),
    "guarantee_months_max": Text("保底奖金最长月数", "Longest guarantee (months)"),
    "leader_performance_over_base_max": Text(
        "高管绩效薪酬 ÷ 基本薪酬上限", "Leaders: performance ÷ base pay at most"
    ),
    "base_share_max": Text("基本薪酬占比上限", "Base pay of the total at most"),
    "main_leader_rate_above": Text("主要负责人递延比例高于", "Main leaders defer more than"),
    "high_award_from_yuan": Text("高额奖金起点", "Particularly high from"),
    "high_award_min_rate": Text("高额部分递延下限", "Deferred of the high part"),
    "deferral_min_rate": Text("递延比例下限", "Deferral rate at least"),
    "deferral_min_years": Text("递延年限下限", "Deferral years at least"),
}
"""The name of each threshold; parts (a post, a pay category) follow after a dot."""


def threshold_name(key: str) -> Text:
    """``results_max_bp.TL`` → the name with its part."""
    name, _, part = key.partition(".")
    text = THRESHOLD_TEXTS[name]
    return Text(f"{text.zh} · {part}", f"{text.en} · {part}") if part else text

"""What simulated people write: short Chinese sentences by field, drawn by the person's stream."""

from __future__ import annotations

from perfflow.seed.streams import Stream

TEXTS: dict[str, tuple[str, ...]] = {
    "progress": (
        "净新增按进度推进，三家企业主客户的方案已经落地。",
        "拜访量达到计划，两位高净值客户完成了资产配置复盘。",
        "留存稳定，但新客户转化比预期慢了一些。",
    ),
    "next_priority": ("下季度重点跟进到期资金的承接。", "先把老客户的规划书补齐。"),
    "feedback": (
        "进度符合预期，客户关系维护得很扎实，继续保持。",
        "数据看到了改善，下一步把合规资料的完整度提上来。",
    ),
    "why": (
        "支行全年要稳住长期客户，这个目标直接决定客户愿不愿意留下来。",
        "客户资产的质量决定我们能走多远，所以要把这件事做扎实。",
    ),
    "summary": (
        "这一年完成了主要目标，客户满意度和留存都有提升，合规方面没有发生问题。",
        "业绩达到预期，客户规划做得更细；不足是学习学时没有完成，明年补上。",
    ),
    "comment": (
        "全年表现稳定，对客户负责，资料规范；希望明年在团队分享上多投入一些。",
        "成果达到目标，过程扎实，建议加强产品知识并多做客户复盘。",
    ),
    "evidence": (
        "季度沟通记录、客户回访和质检抽查都支持这个评价。",
        "年中复盘材料和团队分享记录可以证明这一点。",
    ),
    "restatement": ("我的目标是帮客户把钱放得更久、更稳，也为支行的长期目标出力。",),
    "proud_of": ("帮一位企业主做好了家族资产规划，客户又介绍了两位朋友。",),
    "difficulties": ("新产品的知识还不够熟，介绍时不够自信，需要多练习。",),
    "reason": ("双方意见都已听取，综合去年实际与同岗位水平后定下这些目标值。",),
    "heard": ("员工认为目标偏高，主管认为市场机会足够，双方理由都已记录。",),
    "proposal": ("建议把净新增目标调低两个百分点，同时提高留存目标。",),
    "statement": ("已逐项核对，资料完整，没有遗漏，可以进入下一步。",),
    "decision": ("核对了数据来源和评分记录，程序完整，得分计算无误，维持原结果。",),
    "text": ("我认为客户投诉的责任认定与事实不符，请复核当时的录音。",),
}
FALLBACK = ("已按要求完成，内容属实。", "情况正常，按计划推进。")


def sentence(stream: Stream, key: str, least: int = 0) -> str:
    """A sentence for the field ``key`` with at least ``least`` characters."""
    choices = TEXTS.get(key.rsplit(".", 1)[-1], FALLBACK)
    text = choices[stream.index(len(choices))]
    while len(text) < least:
        text += choices[stream.index(len(choices))]
    return text

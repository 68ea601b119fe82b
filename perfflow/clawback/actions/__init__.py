"""What may be done in a clawback case: open, name, hear, decide in twos, book, collect, close."""

from perfflow.clawback.actions.cases import (
    Bearer,
    hear_people,
    open_case,
    set_liability,
)
from perfflow.clawback.actions.collecting import (
    agree_plans,
    close_if_settled,
    next_instalment_on,
    owed_in_all,
    record_receipt,
)
from perfflow.clawback.actions.deciding import (
    confirm_recovery,
    decide_disputes,
    dispute_share,
    execute_case,
    open_disputes,
    propose_recovery,
)

__all__ = [
    "Bearer",
    "agree_plans",
    "close_if_settled",
    "confirm_recovery",
    "decide_disputes",
    "dispute_share",
    "execute_case",
    "hear_people",
    "next_instalment_on",
    "open_case",
    "open_disputes",
    "owed_in_all",
    "propose_recovery",
    "record_receipt",
    "set_liability",
]

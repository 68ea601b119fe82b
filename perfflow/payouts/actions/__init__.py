"""What may be done to pay: open pools, run, approve, book, release, settle, vest."""

from perfflow.payouts.actions.booking import book_awards
from perfflow.payouts.actions.deciding import approve_run, release_run
from perfflow.payouts.actions.pools import open_pools, set_bonus_base
from perfflow.payouts.actions.risk import state_risk
from perfflow.payouts.actions.runs import compute_run, run_dry
from perfflow.payouts.actions.settling import settle_run, vest_due
from perfflow.payouts.actions.stopping import lift_stops, place_stop
from perfflow.payouts.actions.waking import look_again, open_vesting, reopen_pool

__all__ = [
    "approve_run",
    "book_awards",
    "compute_run",
    "lift_stops",
    "look_again",
    "open_pools",
    "open_vesting",
    "place_stop",
    "release_run",
    "reopen_pool",
    "run_dry",
    "set_bonus_base",
    "settle_run",
    "state_risk",
    "vest_due",
]

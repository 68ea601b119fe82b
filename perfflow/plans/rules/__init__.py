"""Pure plans: curves, bands, cards, bonus plans, deferral policies, profiles and the linter."""

from perfflow.plans.rules.bands import Band, band, BandTable, DEFAULT_BANDS, NOT_RATED, parse_bands
from perfflow.plans.rules.bonus import (
    BonusPlan,
    LeaverClass,
    LeaverTreatment,
    NrPolicy,
    parse_bonus_plan,
    STANDARD_PLAN,
    VetoShare,
)
from perfflow.plans.rules.cards import CardLine, CardTemplate, Line, parse_card, WHOLE_BP
from perfflow.plans.rules.curves import Curve, curve_named, curve_score, parse_knots, SHIPPED, STD
from perfflow.plans.rules.deferral import (
    DeferralPolicy,
    parse_deferral_policy,
    PayCategory,
    STANDARD_DEFERRAL,
)
from perfflow.plans.rules.findings import Finding
from perfflow.plans.rules.library import GoalLibrary, LibraryGoal, parse_library
from perfflow.plans.rules.linter import CODES, lint, PlanUnderTest
from perfflow.plans.rules.overrides import judge, Judged, Override
from perfflow.plans.rules.pay_checks import Exposure
from perfflow.plans.rules.profiles import (
    parse_firm,
    parse_profile,
    Profile,
    Regulation,
    Severity,
    Thresholds,
)

__all__ = [
    "CODES",
    "DEFAULT_BANDS",
    "NOT_RATED",
    "SHIPPED",
    "STANDARD_DEFERRAL",
    "STANDARD_PLAN",
    "STD",
    "WHOLE_BP",
    "Band",
    "BandTable",
    "BonusPlan",
    "CardLine",
    "CardTemplate",
    "Curve",
    "DeferralPolicy",
    "Exposure",
    "Finding",
    "GoalLibrary",
    "Judged",
    "LeaverClass",
    "LeaverTreatment",
    "LibraryGoal",
    "Line",
    "NrPolicy",
    "Override",
    "PayCategory",
    "PlanUnderTest",
    "Profile",
    "Regulation",
    "Severity",
    "Thresholds",
    "VetoShare",
    "band",
    "curve_named",
    "curve_score",
    "judge",
    "lint",
    "parse_bands",
    "parse_bonus_plan",
    "parse_card",
    "parse_deferral_policy",
    "parse_firm",
    "parse_knots",
    "parse_library",
    "parse_profile",
]

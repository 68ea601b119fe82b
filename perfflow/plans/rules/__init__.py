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
from perfflow.plans.rules.linter import lint, PlanUnderTest
from perfflow.plans.rules.profiles import parse_profile, Profile, Severity, Thresholds

__all__ = [
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
    "Finding",
    "LeaverClass",
    "LeaverTreatment",
    "Line",
    "NrPolicy",
    "PayCategory",
    "PlanUnderTest",
    "Profile",
    "Severity",
    "Thresholds",
    "VetoShare",
    "band",
    "curve_named",
    "curve_score",
    "lint",
    "parse_bands",
    "parse_bonus_plan",
    "parse_card",
    "parse_deferral_policy",
    "parse_knots",
    "parse_profile",
]

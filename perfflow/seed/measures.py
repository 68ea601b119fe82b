"""The figures of a person, month by month, driven by latents, season, market and episodes.

Ratios carry numerator and denominator. Values are decimal text with at most six places, as a
feed would deliver them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from perfflow.seed.people import Firm, Person
from perfflow.seed.streams import Stream

SEASON = (1.35, 0.72, 1.12, 0.95, 0.95, 1.12, 0.92, 0.93, 1.08, 0.88, 0.95, 1.18)
_SEASON_MEAN = sum(SEASON) / 12
LAG = (0.10, 0.30, 0.35, 0.25)
QUARTER_ENDS = (3, 6, 9, 12)
SHOCKED_BRANCH = "B002"
SHOCK, SHOCK_MONTHS = 0.7, 6
"""A market shock in one branch: flows fall in the last months, so targets want revision."""


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A row of a feed: either ``value`` or numerator and denominator."""

    employee_no: str
    metric_code: str
    period: str
    value: str | None
    numerator: str | None
    denominator: str | None


def _text(number: float, places: int = 2) -> str:
    return f"{number:.{places}f}"


def season(month: int) -> float:
    """The seasonal factor of a month, mean 1 over the year."""
    return SEASON[month - 1] / _SEASON_MEAN


class Market:
    """exp of an AR(1) series (φ 0.7, σ 0.05), the same for the whole firm."""

    def __init__(self, firm: Firm) -> None:
        stream = Stream(firm.seed, "market", "firm")
        level = 0.0
        self._levels: dict[tuple[int, int], float] = {}
        for day in firm.window.month_starts():
            level = 0.7 * level + stream.normal(0.0, 0.05)
            self._levels[day.year, day.month] = math.exp(level)

    def at(self, day: date) -> float:
        return self._levels[day.year, day.month]


class _Month:
    """One month of one person; each method appends the rows of a group of metrics."""

    def __init__(self, person: Person, day: date, stream: Stream, market: float) -> None:
        self.person, self.day, self.stream, self.market = person, day, stream, market
        self.rows: list[ValueRow] = []

    def value(self, code: str, number: float, places: int = 2) -> None:
        self.rows.append(
            ValueRow(self.person.no, code, f"{self.day:%Y-%m}", _text(number, places), None, None)
        )

    def ratio(self, code: str, numerator: float, denominator: float, places: int = 2) -> None:
        if denominator <= 0:
            return
        top, bottom = _text(numerator, places), _text(denominator, places)
        self.rows.append(ValueRow(self.person.no, code, f"{self.day:%Y-%m}", None, top, bottom))

    def quarter(self, code: str, numerator: float, denominator: float) -> None:
        if self.day.month in QUARTER_ENDS and denominator > 0:
            period = f"{self.day.year}-Q{self.day.month // 3}"
            top, bottom = _text(numerator), _text(denominator)
            self.rows.append(ValueRow(self.person.no, code, period, None, top, bottom))

    def share(self, code: str, trials: int, probability: float) -> None:
        """A ratio of counts: successes of ``trials``."""
        if trials > 0:
            self.ratio(code, self.stream.binomial(trials, probability), trials, 0)

    def rate(self, mean: float, factor: float, spread: float) -> float:
        """A probability whose logit moves with a latent."""
        logit = math.log(mean / (1 - mean)) + spread * factor
        return 1 / (1 + math.exp(-logit))


def _in_span(span: tuple[date, date] | None, day: date) -> bool:
    return span is not None and span[0] <= day <= span[1]


def _lagged(span: tuple[date, date] | None, day: date) -> float:
    """How much of an episode shows in complaints of this month (one to four months later)."""
    if span is None:
        return 0.0
    index = day.year * 12 + day.month
    weight = 0.0
    for lag, share in enumerate(LAG, start=1):
        back = index - lag - 1
        if span[0] <= date(back // 12, back % 12 + 1, 1) <= span[1]:
            weight += share
    return weight


def shock_of(firm: Firm, person: Person, day: date) -> float:
    """The factor on flows of a person in a month: below 1 while her branch is shocked."""
    last = firm.window.last_day
    age = (last.year - day.year) * 12 + last.month - day.month
    is_hit = person.seat.unit_code.startswith(SHOCKED_BRANCH) and age < SHOCK_MONTHS
    return SHOCK if is_hit else 1.0


def _front(month: _Month, clients: int, shock: float) -> None:
    person, day, draw = month.person, month.day, month.stream
    in_episode, in_slump = _in_span(person.episode, day), _in_span(person.slump, day)
    push = 1.85 if in_episode else 1.0
    drive = math.exp(0.35 * person.skill) * season(day.month) * month.market * shock
    sales = 120 * drive * push * math.exp(draw.normal(-0.045, 0.30))
    month.value("RS-03", sales)
    month.value("RS-01", 85 * drive * math.exp(draw.normal(-0.045, 0.30)))
    month.value("RS-04", sales * 0.006 * math.exp(draw.normal(0.0, 0.10)))
    month.value("RS-05", draw.poisson(0.72 * math.exp(0.25 * person.skill)), 0)
    base = clients * 80.0
    month.ratio("RS-02", base * (0.08 + 0.03 * person.skill + draw.normal(0.0, 0.02)), base)
    planned = month.rate(0.42, 0.3 * person.care - (0.8 if in_episode else 0.0), 1.0)
    month.ratio("RS-12", sales * planned, sales)
    visits = 40 * math.exp(0.15 * person.diligence) * (0.85 if day.month in (1, 2, 10) else 1.03)
    made = draw.poisson(visits * (0.55 if in_slump else 1.0))
    month.value("CL-06", (made // 10 + 1) * 10 if person.falsifies_visits else made, 0)
    month.share("CL-03", clients, month.rate(0.955, person.care, 0.15))
    month.ratio("CL-04", base * month.rate(0.925, person.care + draw.normal(0, 0.3), 0.2), base)
    month.share("CL-07", clients, month.rate(0.90, person.diligence, 0.3))
    complaints = draw.poisson(
        clients * 0.0012 * math.exp(-0.25 * person.care) * (1 + 9 * _lagged(person.episode, day))
    )
    upheld = draw.binomial(complaints, 0.9 if in_episode else 0.6) if complaints else 0
    month.ratio("CP-01", upheld, clients / 12, 4)
    month.share("CP-03", draw.poisson(14), 0.88 if in_episode else 0.97)
    month.share("CP-04", 8, month.rate(0.97, person.care, 0.3))
    month.share("CP-05", 8, month.rate(0.96, person.care, 0.3))
    month.share("CP-06", 1 + draw.poisson(clients / 24), month.rate(0.93, person.diligence, 0.3))
    month.share("GR-07", 20, month.rate(0.93, person.diligence, 0.3))
    answers = draw.binomial(clients, 0.06)
    score = (
        86 + 3 * person.care - (6 if in_episode else 0) + draw.normal(0, 8 / max(1, answers) ** 0.5)
    )
    month.quarter("CL-01", min(max(score, 0), 100) * answers, answers)


def _lead(month: _Month) -> None:
    draw, person = month.stream, month.person
    clients = 1200
    target = 900 * season(month.day.month)
    result = target * math.exp(0.12 * person.skill + draw.normal(0, 0.12)) * month.market
    month.ratio("RS-13", result, target)
    month.ratio("RS-12", result * month.rate(0.42, person.care, 0.2), result)
    month.ratio("CL-04", 90000 * month.rate(0.925, person.care, 0.15), 90000)
    month.ratio("CP-01", draw.poisson(clients * 0.0007), clients / 12, 4)
    month.share("CP-03", 90 + draw.poisson(10), 0.968)
    month.share("CP-11", 2 + draw.poisson(2), month.rate(0.94, person.diligence, 0.3))
    answers = 60 + draw.poisson(12)
    month.quarter("CL-01", (86.5 + 1.5 * person.care + draw.normal(0, 1)) * answers, answers)
    month.quarter("GR-09", draw.binomial(8, month.rate(0.94, person.care, 0.2)), 8)
    if month.day.month in QUARTER_ENDS:
        month.value("GR-04", min(100, max(0, 79 + 5 * person.care + draw.normal(0, 6))))
        month.value("GR-10", min(100, max(0, 84 + 4 * person.diligence + draw.normal(0, 5))))


def _milestone(month: _Month) -> None:
    """Projects close during the year; what is done by now, weighted."""
    done = min(1.0, month.day.month / 12 * (0.96 + 0.05 * month.person.diligence))
    month.value("RS-14", max(0.0, done), 6)


def _service(month: _Month) -> None:
    answers = 6 + month.stream.poisson(4)
    mean = 84.5 + 3 * month.person.care + month.stream.normal(0, 2)
    month.quarter("CL-16", min(mean, 100) * answers, answers)


def _risk(month: _Month) -> None:
    draw, person = month.stream, month.person
    _milestone(month)
    _service(month)
    month.share("CP-11", 4 + draw.poisson(4), month.rate(0.95, person.diligence, 0.3))
    month.quarter("CP-13", draw.binomial(12, month.rate(0.97, person.diligence, 0.4)), 12)
    month.share("CP-14", 30 + draw.poisson(10), month.rate(0.968, person.diligence, 0.3))
    month.quarter("CP-15", draw.binomial(90, month.rate(0.019, -person.care, 0.3)), 90)


def _operations(month: _Month) -> None:
    draw, person = month.stream, month.person
    _milestone(month)
    _service(month)
    month.share("CL-11", 8 + draw.poisson(4), month.rate(0.975, person.diligence, 0.3))
    month.share("CP-09", 10 + draw.poisson(6), month.rate(0.978, person.diligence, 0.3))
    cases = 2400 + draw.poisson(300)
    month.ratio("CP-16", draw.poisson(cases * 0.0003 * math.exp(-0.3 * person.care)), cases, 0)
    month.share("CP-17", cases, month.rate(0.981, person.diligence, 0.15))
    if month.day.month in QUARTER_ENDS:
        month.value("GR-12", draw.poisson(0.55 + 0.1 * max(0.0, person.diligence)), 0)


def _product(month: _Month) -> None:
    draw, person = month.stream, month.person
    month.share("RS-07", 400, month.rate(0.25, person.skill, 0.15))
    if month.day.month in QUARTER_ENDS:
        month.value("RS-16", max(0.0, 1 + 0.08 * person.skill + draw.normal(0, 0.05)), 6)
        month.value("GR-05", draw.poisson(0.6), 0)
    month.quarter("CL-09", draw.binomial(500, month.rate(0.60, person.skill, 0.12)), 500)
    month.ratio("CL-10", 500 * (18 + 1.2 * person.care + draw.normal(0, 0.8)), 500)
    month.share("CP-03", 200, 0.972)
    month.value("CP-12", draw.poisson(0.12), 0)
    month.share("CP-18", 6, month.rate(0.988, person.diligence, 0.3))


def _office(month: _Month) -> None:
    draw, person = month.stream, month.person
    _milestone(month)
    _service(month)
    if month.day.month in QUARTER_ENDS:
        budget = 500.0
        month.quarter("RS-15", budget * (0.985 + draw.normal(0, 0.02)), budget)
        month.value("GR-12", draw.poisson(0.5), 0)
    month.share("CP-11", 3 + draw.poisson(2), month.rate(0.95, person.diligence, 0.3))
    month.value("CP-20", 0, 0)


GROUPS = {"RC": _risk, "OP": _operations, "PD": _product, "HQ": _office}


def monthly_rows(firm: Firm, market: Market, person: Person, month_start: date) -> list[ValueRow]:
    """All rows of one person for one month; empty when she did not work in it."""
    if not person.works_on(month_start) or person.seat.post == "EX":
        return []
    stream = Stream(firm.seed, "figures", f"{person.no}/{month_start:%Y-%m}")
    month = _Month(person, month_start, stream, market.at(month_start))
    post = person.seat.post
    if post in ("FA", "RM"):
        _front(month, client_count(firm, person), shock_of(firm, person, month_start))
    elif post == "TL":
        _lead(month)
    else:
        GROUPS[post](month)
    month.ratio("GR-02", 4 * month.rate(0.94, person.diligence, 0.5), 4)
    return month.rows


def client_count(firm: Firm, person: Person) -> int:
    """Managed clients: 180·e^{0.35z}, at least 40; they stay with the seat."""
    stream = Stream(firm.seed, "clients", person.seat.number)
    return max(40, round(stream.lognormal(180, 0.35)))


def person_rows(firm: Firm, market: Market, person: Person) -> Iterator[ValueRow]:
    """All rows of one person over the window."""
    for month_start in firm.window.month_starts():
        yield from monthly_rows(firm, market, person, month_start)

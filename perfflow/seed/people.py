"""Who sits on the seats over time: careers, assignments, absences, latents, planted truth."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict

from perfflow.seed.names import person_name
from perfflow.seed.organisation import build_organisation, Organisation, Seat
from perfflow.seed.streams import Stream

LEAVE_HAZARD = {"FA": 0.015}
OTHER_HAZARD = 0.007
TRANSFER_HAZARD = 0.008
ABSENCE_HAZARD = 0.003
FRONT_POSTS = frozenset({"FA", "RM"})
BONUS_MONTHS = {"FA": 6, "RM": 6, "TL": 8, "RC": 4, "OP": 3, "PD": 8, "HQ": 3, "EX": 12}


class Habits(TypedDict):
    """What a person does that data should give away."""

    falsifies_visits: bool
    leniency: float
    compresses: bool


@dataclass(frozen=True, slots=True)
class Window:
    """The months of history: ``months`` months up to December of ``end_year``."""

    end_year: int
    months: int

    @property
    def first_day(self) -> date:
        index = self.end_year * 12 + 12 - self.months
        return date(index // 12, index % 12 + 1, 1)

    @property
    def last_day(self) -> date:
        return date(self.end_year, 12, 31)

    def month_starts(self) -> list[date]:
        first = self.first_day.year * 12 + self.first_day.month - 1
        return [date((first + i) // 12, (first + i) % 12 + 1, 1) for i in range(self.months)]


@dataclass(frozen=True, slots=True)
class Person:
    """One employee with the latents that drive her figures."""

    no: str
    seat: Seat
    name_zh: str
    name_en: str
    gender: str
    grade: int
    hired_on: date
    left_on: date | None
    leaver_class: str | None
    skill: float
    diligence: float
    care: float
    salary_fen: int
    is_high_potential: bool
    episode: tuple[date, date] | None  # a planted mis-selling episode
    slump: tuple[date, date] | None  # a planted disengagement
    case_severity: int | None  # a planted gate case of the last year
    falsifies_visits: bool  # logs round numbers of visits
    leniency: float  # points that she adds when she rates others
    compresses: bool  # rates everybody nearly the same

    def works_on(self, day: date) -> bool:
        return self.hired_on <= day and (self.left_on is None or day < self.left_on)


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """Post, unit and manager of a person from ``valid_from`` to before ``valid_to``."""

    employee_no: str
    post: str
    unit_code: str
    manager_no: str | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """Unpaid leave; ``last_on`` is the last day away."""

    employee_no: str
    first_on: date
    last_on: date


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _later(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


class Firm:
    """The people of a synthetic firm; everything follows from the seed, seat by seat."""

    def __init__(self, seed: int, employees: int, window: Window) -> None:
        self.seed = seed
        self.window = window
        self.organisation: Organisation = build_organisation(seed, employees)
        self.lead_seats = {unit.code: unit.head_seat for unit in self.organisation.units}
        self.occupants: dict[int, list[Person]] = {}
        for seat in self.organisation.seats:
            self.occupants[seat.number] = self._careers(seat)

    def people(self) -> list[Person]:
        """All people, seat by seat, in order of time."""
        return [p for seat in self.organisation.seats for p in self.occupants[seat.number]]

    def _careers(self, seat: Seat) -> list[Person]:
        first = self.window.first_day
        tenure = Stream(self.seed, "tenure", seat.number).exponential(5 * 365.25)
        hired = first - timedelta(days=30 + int(tenure))
        people: list[Person] = []
        generation = 1
        while hired <= self.window.last_day:
            left = None if seat.is_stable else self._leaving(seat, generation, hired)
            people.append(self._person(seat, generation, hired, left))
            if left is None:
                break
            gap = 1 + Stream(self.seed, "vacancy", f"{seat.number}/{generation}").index(3)
            hired = _later(left, gap)
            generation += 1
        return people

    def _leaving(self, seat: Seat, generation: int, hired: date) -> date | None:
        stream = Stream(self.seed, "leaving", f"{seat.number}/{generation}")
        base = LEAVE_HAZARD.get(seat.post, OTHER_HAZARD)
        for month in self.window.month_starts():
            hazard = base * (1.8 if month.month in (3, 4) else 1.0)
            hazard *= 1.5 if (month - hired).days < 365 else 1.0
            leaves, day = stream.chance(hazard), 1 + stream.index(28)
            if leaves and (month - hired).days > 60:
                return month.replace(day=day)
        return None

    def _person(self, seat: Seat, generation: int, hired: date, left: date | None) -> Person:
        key = f"{seat.number}/{generation}"
        stream = Stream(self.seed, "person", key)
        name_zh, name_en = person_name(stream)
        skill = stream.normal()
        care = 0.1 * skill + (1 - 0.01) ** 0.5 * stream.normal()
        grade = 6 if seat.post == "EX" else stream.geometric(0.55, 6)
        salary = stream.lognormal(9000 * 1.25**grade, 0.12)
        no = f"E{seat.number:05d}" + (f"-{generation}" if generation > 1 else "")
        return Person(
            no=no,
            seat=seat,
            name_zh=name_zh,
            name_en=name_en,
            gender=stream.pick("FM"),
            grade=grade,
            hired_on=hired,
            left_on=left,
            leaver_class=None if left is None else ("resigned" if stream.chance(0.8) else "good"),
            skill=skill,
            diligence=stream.normal(),
            care=care,
            salary_fen=round(salary / 100) * 100_00,
            is_high_potential=stream.chance(0.08),
            episode=self._episode(key, seat),
            slump=self._slump(key, seat),
            case_severity=self._case(key, seat),
            **self._habits(key, seat),
        )

    def _habits(self, key: str, seat: Seat) -> Habits:
        """Planted habits: made-up visits of advisors, leniency and narrowness of raters."""
        stream = Stream(self.seed, "habits", key)
        invents, leniency, narrow = stream.chance(0.01), stream.normal(0.0, 4.0), stream.chance(0.1)
        rates = seat.post in ("TL", "EX")
        return {
            "falsifies_visits": invents and seat.post in FRONT_POSTS,
            "leniency": leniency if rates else 0.0,
            "compresses": narrow and rates,
        }

    def _span(self, stream: Stream, least: int, most: int) -> tuple[date, date]:
        length = least + stream.index(most - least + 1)
        start = _later(self.window.first_day, stream.index(max(1, self.window.months - length)))
        return start, _month_end(_later(start, length - 1))

    def _episode(self, key: str, seat: Seat) -> tuple[date, date] | None:
        stream = Stream(self.seed, "mis-selling", key)
        hit = stream.chance(0.03) and seat.post in FRONT_POSTS
        return self._span(stream, 6, 12) if hit else None

    def _slump(self, key: str, seat: Seat) -> tuple[date, date] | None:
        stream = Stream(self.seed, "disengaged", key)
        hit = stream.chance(0.05) and seat.post in FRONT_POSTS
        return self._span(stream, 6, 6) if hit else None

    def _case(self, key: str, seat: Seat) -> int | None:
        draw = Stream(self.seed, "gate-case", key).uniform()
        if seat.post not in FRONT_POSTS | {"TL"}:
            return None
        return 4 if draw < 0.003 else 3 if draw < 0.023 else 2 if draw < 0.06 else None

    # -- reporting lines ------------------------------------------------------------------
    def _managers(
        self, seat_number: int | None, start: date, end: date | None
    ) -> list[tuple[str | None, date, date | None]]:
        """Who led ``seat_number`` from ``start`` to before ``end``; gaps go to the seat above."""
        if seat_number is None:
            return [(None, start, end)]
        above = self.organisation.seats[seat_number - 1].manager_seat
        spans: list[tuple[str | None, date, date | None]] = []
        day = start
        for person in self.occupants[seat_number]:
            if person.left_on is not None and person.left_on <= day:
                continue
            if end is not None and person.hired_on >= end:
                break
            if person.hired_on > day:
                spans += self._managers(above, day, person.hired_on)
                day = person.hired_on
            stop = person.left_on
            if end is not None and (stop is None or stop > end):
                stop = end
            spans.append((person.no, day, stop))
            if stop is None or stop == end:
                return spans
            day = stop
        return spans + self._managers(above, day, end)

    def _transfer(self, person: Person) -> tuple[date, str] | None:
        """A move to an earlier team of the same branch."""
        if person.seat.post not in FRONT_POSTS:
            return None
        branch, _, team = person.seat.unit_code.partition("T")
        stream = Stream(self.seed, "transfer", person.no)
        for month in self.window.month_starts():
            if stream.chance(TRANSFER_HAZARD) and int(team) > 1 and month > person.hired_on:
                if not person.works_on(month + timedelta(days=40)):
                    return None
                return month, f"{branch}T{1 + stream.index(int(team) - 1):02d}"
        return None

    def assignments(self, person: Person) -> list[AssignmentRow]:
        """The assignments of a person, one a day, without gaps."""
        stays: list[tuple[str, int | None, date, date | None]] = []
        move = self._transfer(person)
        home, lead, end = person.seat.unit_code, person.seat.manager_seat, person.left_on
        if move is None:
            stays.append((home, lead, person.hired_on, end))
        else:
            stays.append((home, lead, person.hired_on, move[0]))
            stays.append((move[1], self.lead_seats[move[1]], move[0], end))
        return [
            AssignmentRow(person.no, person.seat.post, unit, manager, start, stop)
            for unit, seat, first, last in stays
            for manager, start, stop in self._managers(seat, first, last)
        ]

    def absences(self, person: Person) -> list[AbsenceRow]:
        """Leaves of absence of one to four months; at most one in the window."""
        stream = Stream(self.seed, "absence", person.no)
        for month in self.window.month_starts():
            away, length = stream.chance(ABSENCE_HAZARD), 1 + stream.index(4)
            last = _month_end(_later(month, length - 1))
            stays = person.works_on(month) and person.works_on(last + timedelta(days=1))
            if away and stays and not person.seat.is_stable:
                return [AbsenceRow(person.no, month, last)]
        return []

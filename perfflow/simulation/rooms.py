"""The seeded firm in which scenarios with real rooms are played, and its people's answers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from perfflow.config import Settings
from perfflow.db import Database
from perfflow.kernel.actor import Actor
from perfflow.kernel.clock import VirtualClock
from perfflow.kernel.errors import NotAllowed
from perfflow.seed.people import Firm, Window
from perfflow.seed.streams import Stream
from perfflow.simulation import cascade as cascade  # registers how heads decide
from perfflow.simulation import choices as choices  # registers how people decide
from perfflow.simulation.answers import ACCEPTS_EVERYTHING, answer, Persona
from perfflow.simulation.cast import Cast
from perfflow.simulation.driver import Simulation
from perfflow.simulation.stage import annual_plan, people_the_firm, prepare, start_cycle
from perfflow.workflow import queries as workflow_queries

PEOPLE, SEED, MONTHS = 20, 42, 3
AHEAD = timedelta(days=40)


class SeededFirm:
    """A firm whose annual cycle has just been created; everybody is agreeable."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._cast = settings, Cast()

    def build(self, database: Database, now: datetime) -> None:
        """Deploy what is shipped, hire everybody, create the cycle."""
        prepare(database, self._settings, now)
        plan = annual_plan((now + AHEAD).year)
        window = Window(plan.starts_on.year - 1, MONTHS)
        firm = Firm(SEED, PEOPLE, window)
        people_the_firm(database, firm, now, date(plan.starts_on.year - 1, 11, 1))
        start_cycle(Simulation(database, VirtualClock(now), SEED), firm, plan)

    def holder(self, session: Session, task: Any, on: date) -> Actor:
        """Who may complete the task: its assignee, else the first of its groups."""
        groups = [name for name in (task.candidate_group, *(task.more_groups or ())) if name]
        numbers = [task.assignee_no] if task.assignee_no else []
        numbers += [no for name in groups for no in self._cast.members(session, name, on)]
        for number in numbers:
            actor = self._cast.actor(session, number, on)
            if actor is not None and number not in (task.not_for or ()):
                return actor
        raise NotAllowed("workflow.not_your_task")

    def answers(self, session: Session, actor: Actor, task: Any, now: datetime) -> dict[str, Any]:
        """What this person would type into the form of the task."""
        view = workflow_queries.task(session, actor, task.id, now)
        if view.form is None:
            return {}
        stream = Stream(SEED, "answer", f"{task.business_key}/{task.element_key}/{task.id}")
        persona = Persona(actor.employee_no or "", stream, ACCEPTS_EVERYTHING)
        return answer(view.form, view.form_context(session, actor, now), persona, task.subject_no)

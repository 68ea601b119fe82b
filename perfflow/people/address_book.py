"""Where mail to a person goes and in which language, for the notifications."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from perfflow.i18n import Language
from perfflow.notifications.ports import Address
from perfflow.people.models import Employee
from perfflow.people.queries import chunks
from perfflow.web.models import Account


class PeopleAddressBook:
    """Implements ``perfflow.notifications.ports.AddressBook``."""

    def addresses(self, session: Session, employee_nos: Collection[str]) -> Mapping[str, Address]:
        found: dict[str, Address] = {}
        for part in chunks(employee_nos):
            query = (
                select(Employee, Account.language)
                .outerjoin(Account, Account.employee_no == Employee.no)
                .where(Employee.no.in_(part), Employee.left_on.is_(None))
            )
            for person, language in session.execute(query):
                spoken: Language = "en" if language == "en" else "zh"
                both: dict[Language, str] = {"zh": person.name_zh, "en": person.name_en}
                found[person.no] = Address(person.email, both[spoken], spoken, both)
        return found

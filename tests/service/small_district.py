"""A small district for tests of lists: one unit, its clerk and leader, two reviewers and somebody else."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from db.campaign import Campaign
from db.case import CaseFile
from db.organisation import Organisation
from db.person import Person
from service import inbox
from service.case_rows import CaseRows
from tests import factories

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
YESTERDAY = AT - timedelta(days=1)


@dataclass
class District:
    """A unit with its department, a clerk, a leader and two reviewers."""

    session: Session
    unit: Organisation
    campaign: Campaign
    people: dict[str, Person]

    def case(self, **values: Any) -> CaseFile:
        project = {name: values.pop(name) for name in ("name", "project_code") if name in values}
        unit = values.pop("unit", self.unit)
        made = factories.create_project(self.session, campaign=self.campaign, unit=unit, **project)
        started = {"initiator": self.people["clerk"], "stage": "dept_review", "started_at": YESTERDAY}
        return factories.create_case(self.session, project=made, campaign=self.campaign, **{**started, **values})

    def page(self, who: str, tab: str = "todo", **asked: Any) -> CaseRows:
        actor = factories.actor_of(self.session, self.people[who], at=AT)
        return inbox.page(self.session, actor=actor, at=AT, tab=tab, **asked)

    def numbers(self, who: str, tab: str = "todo", **asked: Any) -> list[str]:
        return [row.number for row in self.page(who, tab, **asked).rows]

    def counts(self, who: str, at: datetime = AT) -> dict[str, int]:
        return inbox.counts(self.session, actor=factories.actor_of(self.session, self.people[who], at=AT), at=at)

    def mark(self, who: str) -> str:
        return inbox.fingerprint(self.session, actor=factories.actor_of(self.session, self.people[who], at=AT))


def small_district(session: Session) -> District:
    """A unit of a department with its people, in an open season."""
    department = factories.create_organisation(session, name="区人社局", code="201")
    section = factories.create_organisation(session, kind="fund_section", name="社会保障科")
    unit = factories.create_unit(
        session, department=department, name="区人社局机关", code="201001", fund_section_id=section.id
    )
    people = {name: factories.create_person(session, name=name) for name in ("clerk", "leader", "one", "two", "other")}
    posts = (
        ("clerk", "UNIT_CLERK", unit),
        ("leader", "UNIT_LEADER", unit),
        ("one", "DEPT_REVIEWER", department),
        ("two", "DEPT_REVIEWER", department),
        ("other", "DEPT_REVIEWER", factories.create_organisation(session)),
    )
    for name, role, place in posts:
        factories.create_post(session, role=role, organisation=place, person=people[name])
    return District(session, unit, factories.create_campaign(session, units=[unit]), people)

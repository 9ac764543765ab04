"""Where random verbs are used on cases of a whole department: its budget, its overall target, targets that follow a cut."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from db.case import Visit
from service import department_seasons, revisions
from service.dockets import Docket
from service.people import Actor
from tests import budget_district, factories
from tests.district import GRADES
from tests.forms import samples
from tests.service.random_worlds import OUTCOMES, REASON, Monitoring, Sound, seconds, submitting


@dataclass
class Budgeting(Monitoring):
    """A department's budget, each case in a season of its own; money stays with its targets."""

    process: ClassVar[str] = "library_to_budget"

    def begin(self) -> str:
        self.number += 1
        self.base.at = self.monitored.at = self.began + timedelta(minutes=self.number)
        self._end_others()
        self.monitored.season = self.another_season()
        department_seasons.open_some(self.base.session, self.monitored.season, at=self.base.later())
        self.base.session.commit()
        self.monitored.at = self.base.at
        return self.monitored.case(self.process).id

    def sound(self, docket: Docket, visit: Visit, verb: str, actor: Actor) -> Sound:
        made, form = self.monitored, docket.step(visit).form
        if verb == "submit":
            content = made.form(docket.case, visit.node_id, str(made.amount))  # type: ignore[attr-defined]
            return {"department_budget": content}, submitting(self.base, docket)
        if form == "budget_reply" and verb in OUTCOMES:
            return {form: {"opinion": REASON, "reply_kind": "as_drafted", "late_reason": REASON}}, {}
        return {}, {}


@dataclass
class Syncing(Budgeting):
    """A target that has to follow a cut by a fifth."""

    def begin(self) -> str:
        made, case = self.monitored, self.base.case(super().begin())
        made.select(case)  # type: ignore[attr-defined]
        made.decide(case, "fund_review")
        less = (made.amount * Decimal("0.8")).quantize(Decimal("0.01"))  # type: ignore[attr-defined]
        made.control(case, str(less))  # type: ignore[attr-defined]
        return made.case("target_sync").id

    def sound(self, docket: Docket, visit: Visit, verb: str, actor: Actor) -> Sound:
        if verb == "submit":
            draft = revisions.draft(self.base.session, visit.id, "project_target")
            kept = draft or revisions.one(self.base.session, docket.case.form_revision_id)
            assert kept is not None
            content = self.monitored.sync_form(dict(kept.content))  # type: ignore[attr-defined]
            return {"project_target": content}, submitting(self.base, docket)
        if docket.step(visit).form == "target_review" and verb in OUTCOMES:
            return {"target_review": samples.review(overall_grade=GRADES[verb], opinion=REASON)}, {}
        return {}, {}


@dataclass
class Overall(Budgeting):
    """A department's overall target."""

    process: ClassVar[str] = "overall_target"

    def sound(self, docket: Docket, visit: Visit, verb: str, actor: Actor) -> Sound:
        if verb == "submit":
            return {"overall_target": self.monitored.overall()}, submitting(self.base, docket)  # type: ignore[attr-defined]
        if docket.step(visit).form == "target_review" and verb in OUTCOMES:
            return {"target_review": samples.review(overall_grade=GRADES[verb], opinion=REASON)}, {}
        return {}, {}


def departments(kind: type[Budgeting], process: str) -> Any:
    """A world of cases about the small district's department, two people a post."""

    def world(session: Any) -> Budgeting:
        made = budget_district.create(session)
        added = {"DEPT_LEADER": "department", "BUDGET_CHIEF": "budget_section"}
        seconds(made.base, {*budget_district.DECIDERS.values(), "DEPT_CLERK"} - added.keys())
        for role, body in added.items():
            person = factories.create_person(session, username=f"{role.lower()}_2")
            factories.create_post(session, role=role, organisation=made.base.bodies[body], person=person)
            made.base.people[f"{role}_2"] = person
        session.commit()
        made.season = made.seasons[process]
        return kind(made, made.at)

    return world

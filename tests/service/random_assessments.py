"""Where random verbs are used on assessments and adjustments: one new major project, each case after the last has ended."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from db.case import Visit
from service import assessments, exceptional_acts, subjects
from service.dockets import Docket
from service.exceptional_acts import Wish
from service.people import Actor
from tests import assessment_district
from tests.assessment_district import AssessedDistrict
from tests.district import DECIDERS, GRADES, District
from tests.forms import samples
from tests.service.random_worlds import OUTCOMES, REASON, Monitoring, Sound, seconds, submitting
from tests.service.test_adjustments import WHOLE


@dataclass
class Assessing(Monitoring):
    """Assessments of the project before it is declared."""

    monitored: AssessedDistrict  # type: ignore[assignment]

    @property
    def base(self) -> District:
        return self.monitored.base

    def begin(self) -> str:
        self.number += 1
        self.base.at = self.began + timedelta(minutes=self.number)
        return self.started()

    def started(self) -> str:
        """A project is supported once only: every assessment is one of a project of its own."""
        name, money = f"随机评估项目第{self.number}号", assessment_district.money(self.monitored.amount)
        self.base.start(project_name=name, project_attribute="new", **money)
        self.monitored.save()
        project_id, actor = self.base.case(self.monitored.declaration).project_id, self.base.actor("UNIT_CLERK")
        assert project_id is not None
        made = assessments.start(self.base.session, project_id, actor=actor, at=self.base.later())
        self.base.session.commit()
        return str(made["case_id"])

    def sound(self, docket: Docket, visit: Visit, verb: str, actor: Actor) -> Sound:
        form, amount = docket.step(visit).form, self.monitored.amount
        if verb == "submit":
            content = assessment_district.report(amount, attachments=[self.evidence(visit, actor)])
            return {form: content}, submitting(self.base, docket)
        review = {
            "ex_ante_opinion": {"opinion": REASON},
            "ex_ante_materials": assessment_district.materials(),
            "ex_ante_experts": assessment_district.experts("90", "88", "92"),
        }.get(form)
        if visit.node_id in ("fund_opinion", "performance_conclusion"):
            review = assessment_district.opinion(amount=amount)
        return ({form: review}, {}) if review and verb in OUTCOMES else ({}, {})


@dataclass
class Adjusting(Assessing):
    """Adjustments of the project's approved target."""

    opened: str = ""

    def begin(self) -> str:
        """The clock goes on: an adjustment stands on the version that was in force when it began."""
        self.number += 1
        self.base.at = max(self.base.at, self.began) + timedelta(minutes=1)
        return self.started()

    def started(self) -> str:
        self.end_running(self.opened)
        self.opened = self.monitored.adjust().id
        return self.opened

    def end_running(self, case_id: str) -> None:
        """Only one case of the project is under way at a time."""
        if not case_id or self.base.case(case_id).finished_at is not None:
            return
        session, wish = self.base.session, Wish(verb="terminate", reason=REASON)
        self.base.at = max(self.base.at, self.base.case(case_id).changed_at)
        asking, agreeing = self.base.actor("PERF_CHIEF"), self.base.actor("BUREAU_LEADER")
        asked = exceptional_acts.request(session, case_id, wish, actor=asking, at=self.base.later())
        exceptional_acts.confirm(session, asked["act_id"], actor=agreeing, at=self.base.later())
        session.commit()

    def sound(self, docket: Docket, visit: Visit, verb: str, actor: Actor) -> Sound:
        if verb == "submit":
            start = subjects.of_case(self.base.session, docket.case).start()  # type: ignore[attr-defined]
            content = {**start, "indicators": [{**row} for row in start["indicators"]]}
            content |= {"annual_goal": f"完成职业技能培训{400 + self.number}人次，合格率达到95%以上。"}
            words = "因培训补贴政策调整，参训对象范围扩大，相应调整年度总体目标，资金总额不变。"
            more = {"adjust_kind": "policy_change", "reason": words, "documents": [self.evidence(visit, actor)]}
            return {"target_adjustment": {**content, **more}}, submitting(self.base, docket)
        if docket.step(visit).form == "target_review" and verb in OUTCOMES:
            return {"target_review": samples.review(overall_grade=GRADES[verb], opinion=REASON)}, {}
        return {}, {}


def assessing(session: Any) -> Assessing:
    """A new major project whose declaration waits for its assessment."""
    made = assessment_district.create(session)
    seconds(made.base, set(DECIDERS.values()))
    return Assessing(made, made.base.at)


def adjusting(session: Any) -> Adjusting:
    """A smaller project in the library, in the middle of its year."""
    made = assessment_district.create(session, amount="100")
    made.base.walk(made.declaration, *WHOLE)
    seconds(made.base, set(DECIDERS.values()))
    return Adjusting(made, datetime(2027, 6, 1, 1, 0, tzinfo=UTC))

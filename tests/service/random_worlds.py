"""Where random verbs are used: how a case of each shipped process begins, and what its forms are filled in with."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import select

from db.base import opaque_id
from db.campaign import Campaign, CampaignUnit
from db.case import CaseFile, Visit
from db.studio import ProcessDraft
from service import attachments, drafts, exceptional_acts, findings, launches, revisions, tasks
from service.dockets import Docket
from service.exceptional_acts import Wish
from service.people import Actor, day
from tests import evaluation_district, factories, monitoring_district
from tests.district import DECIDERS, GRADES, District, Explained, create_district
from tests.forms import samples
from tests.monitoring_district import PDF, MonitoredDistrict

REASON = "按程序办理，理由如下"
OUTCOMES = ("submit", "approve", "consult", "return", "reject")
#: What a step is filled in with: forms by code, and parameters.
Sound = tuple[dict[str, Any], dict[str, Any]]


@dataclass
class Declaring:
    """Declarations of targets in a small district, two people a post."""

    base: District
    began: datetime
    number: int = 0

    def begin(self) -> str:
        self.number += 1
        self.base.at = self.began + timedelta(minutes=self.number)
        return str(self.base.start(project_name=f"随机办理项目第{self.number}号")["case_id"])

    def sound(self, docket: Docket, visit: Visit, verb: str, actor: Actor) -> Sound:
        if verb == "submit":
            declared = next(one["declared"] for one in self.base.started if one["case_id"] == docket.case.id)
            return {"project_target": declared}, submitting(self.base, docket)
        if docket.step(visit).form == "target_review" and verb in OUTCOMES:
            return {"target_review": samples.review(overall_grade=GRADES[verb], opinion=REASON)}, {}
        return {}, {}


@dataclass
class Monitoring:
    """Monitoring of a project whose money stands still, each case in a season of its own."""

    monitored: MonitoredDistrict
    began: datetime
    number: int = 0
    #: What the season is of, and how much the treasury paid in it (万元).
    process: ClassVar[str] = "performance_monitoring"
    executed: ClassVar[str] = "1"

    @property
    def base(self) -> District:
        return self.monitored.base

    def begin(self) -> str:
        self.number += 1
        self.base.at = self.monitored.at = self.began + timedelta(minutes=self.number)
        self._end_others()
        self.monitored.season = self.another_season()
        self.monitored.figures(executed=self.executed)
        launches.open_some(self.base.session, self.monitored.season, at=self.base.later())
        self.base.session.commit()
        return self.monitored.case(self.process).id

    def sound(self, docket: Docket, visit: Visit, verb: str, actor: Actor) -> Sound:
        if verb == "submit":
            return {"monitoring_report": self.monitored.report()}, submitting(self.base, docket)
        if docket.step(visit).form == "monitoring_review" and verb in OUTCOMES:
            checks = {f"check_{name}": "ok" for name in ("timely", "compliant", "effective")}
            return {"monitoring_review": {**checks, "opinion": REASON, "proposed_action": "continue"}}, {}
        return {}, {}

    def evidence(self, visit: Visit, actor: Actor) -> dict[str, str]:
        """A file attached by whoever fills in the form."""
        file = {"filename": "佐证材料.pdf", "content": PDF}
        kept = attachments.store(self.base.session, visit.id, actor=actor, at=self.base.at, **file)
        self.base.session.commit()
        return {"id": str(kept["id"])}

    def another_season(self) -> Campaign:
        earlier = self.monitored.season
        names = [column.key for column in Campaign.__table__.columns if column.key not in ("id", "phase")]
        values = {name: getattr(earlier, name) for name in names}
        # Suspended and resumed cases of earlier walks take the clock along.
        values["closes_on"] = earlier.opens_on + timedelta(days=3_650)
        made = Campaign(id=opaque_id(), phase=f"random {self.number}", **values)
        self.base.session.add(made)
        self.base.session.flush()
        self.base.session.add(CampaignUnit(campaign_id=made.id, unit_id=self.base.bodies["unit"].id))
        earlier.state = "closed"
        self.base.session.commit()
        return made

    def _end_others(self) -> None:
        """What earlier cases led to must not stand in the way of this one: a project is put right once at a time."""
        session = self.base.session
        for case in session.scalars(select(CaseFile).where(CaseFile.finished_at.is_(None))).all():
            wish, case_id = Wish(verb="terminate", reason=REASON), case.id
            self.base.at = max(self.base.at, case.changed_at)
            asking, agreeing = self.base.actor("PERF_CHIEF"), self.base.actor("BUREAU_LEADER")
            asked = exceptional_acts.request(session, case_id, wish, actor=asking, at=self.base.later())
            exceptional_acts.confirm(session, asked["act_id"], actor=agreeing, at=self.base.later())
            session.commit()


@dataclass
class Rectifying(Monitoring):
    """What monitoring found is put right."""

    def begin(self) -> str:
        monitored = self.monitored
        case = monitored.base.case(super().begin())
        monitored.at = monitored.base.at
        monitored.submit(case)
        monitored.sign(case)
        monitored.check(case, proposed_action="continue")
        return monitored.case("rectification").id

    def sound(self, docket: Docket, visit: Visit, verb: str, actor: Actor) -> Sound:
        form = docket.step(visit).form
        if verb == "submit":
            content = self._notice(docket, visit) if visit.node_id == "draft_notice" else self._reply(visit, actor)
            return {form: content}, submitting(self.base, docket)
        if form == "rectification_review" and verb in OUTCOMES:
            advice = {"fund_budget_advice": "keep"} if visit.node_id in ("fund_review", "leader_decision") else {}
            return {form: {"opinion": REASON, **advice}}, {}
        return {}, {}

    def _notice(self, docket: Docket, visit: Visit) -> dict[str, Any]:
        draft = revisions.draft(self.base.session, visit.id, "rectification_notice")
        kept = draft or revisions.one(self.base.session, docket.case.form_revision_id)
        assert kept is not None
        content = {name: kept.content[name] for name in ("issues", "requirements") if name in kept.content}
        return {**content, "due_date": (self.base.at + timedelta(days=60)).date().isoformat()}

    def _reply(self, visit: Visit, actor: Actor) -> dict[str, Any]:
        case = self.base.case(visit.case_id)
        issues = self.monitored.content(case)["issues"]
        finish = (self.base.at + timedelta(days=20)).date().isoformat()
        measures = [
            {"action": "倒排工期，按月调度支付进度", "responsible": "王某某", "finish_date": finish} for _ in issues
        ]
        result = "已完成合同签订和首批支付，累计执行率达到序时进度，后续按月调度。"
        return {
            "measures": measures,
            "result": result,
            "is_completed": "completed",
            "evidence": [self.evidence(visit, actor)],
        }


@dataclass
class Evaluating(Monitoring):
    """Self-evaluation of a project in the library; without money paid its grade leads on to a rectification."""

    process: ClassVar[str] = "self_evaluation"

    def sound(self, docket: Docket, visit: Visit, verb: str, actor: Actor) -> Sound:
        form, monitored = docket.step(visit).form, self.monitored
        if verb == "submit":
            kept = self.evidence(visit, actor)
            monitored.evidence = lambda case: kept["id"]  # type: ignore[method-assign]
            content = monitored.evaluation(self.base.case(docket.case.id))  # type: ignore[attr-defined]
            return {"self_evaluation": content}, submitting(self.base, docket)
        if form == "self_evaluation_review" and verb in OUTCOMES:
            page = tasks.page(self.base.session, visit.id, actor=actor, at=self.base.at)
            shown = (page.review or {}).get("content", {}).get("scores", [])
            names = ("row_id", "checked_score", "check_reason")
            scores = [{name: row[name] for name in names if name in row} for row in shown]
            return {"self_evaluation_review": {"scores": scores, "opinion": REASON}}, {}
        return {}, {}


@dataclass
class Changing:
    """Changes of a process, in force from the day they are signed; two administrators and two chiefs."""

    base: District
    began: datetime
    number: int = 0

    def begin(self) -> str:
        self.number += 1
        self.base.at = self.began + timedelta(days=self.number)
        session, actor = self.base.session, self.base.actor("SYS_ADMIN")
        draft_id = drafts.start(session, actor=actor, at=self.base.later(), process_id="rectification")["draft_id"]
        session.commit()
        return str(session.get_one(ProcessDraft, draft_id).case_id)

    def sound(self, docket: Docket, visit: Visit, verb: str, actor: Actor) -> Sound:
        if verb != "submit":
            return {}, {}
        basis = {"document_number": "演示〔2027〕3号", "document_title": "绩效整改工作规程", "article": "第六条"}
        given = {**basis, "effective_from": day(self.base.at).isoformat()}
        content = given if visit.node_id == "edit" else {"test_note": "另核对了上年办结件"}
        return {"process_change": content}, submitting(self.base, docket)


def submitting(district: District, docket: Docket) -> dict[str, Any]:
    """Reasons for every warning and an answer to every finding."""
    waiting = findings.unanswered(district.session, docket.case.id)
    answers = {finding.id: {"kind": "done", "text": "已改"} for finding in waiting}
    return {"warnings": Explained(), "answers": answers}


def declaring(session: Any) -> Declaring:
    """A small district with two people a post."""
    district = create_district(session)
    seconds(district, set(DECIDERS.values()))
    return Declaring(district, district.at)


def monitoring(session: Any) -> Monitoring:
    """The same in the year after."""
    made = monitoring_district.create(session)
    seconds(made.base, {*DECIDERS.values(), *monitoring_district.DECIDERS.values()})
    return Monitoring(made, made.at)


def evaluating(session: Any) -> Evaluating:
    """The same in April of the year after that."""
    made = evaluation_district.create(session)
    seconds(made.base, {*DECIDERS.values(), *monitoring_district.DECIDERS.values()})
    return Evaluating(made, made.at)


def rectifying(session: Any) -> Rectifying:
    """The same with a project in the red."""
    made = monitoring_district.create(session)
    seconds(made.base, {*DECIDERS.values(), *monitoring_district.DECIDERS.values()})
    return Rectifying(made, made.at)


def changing(session: Any) -> Changing:
    """A small district with its information centre."""
    district = create_district(session)
    centre = factories.create_organisation(session, kind="information_centre")
    for name in ("SYS_ADMIN", "SYS_ADMIN_2"):
        district.people[name] = factories.create_person(session, username=name.lower(), name=f"{name}同志")
        factories.create_post(session, role="SYS_ADMIN", organisation=centre, person=district.people[name])
    seconds(district, {"PERF_CHIEF"})
    return Changing(district, district.at)


def seconds(district: District, roles: set[str]) -> None:
    """A second person in each of these posts."""
    for role in sorted(roles):
        district.add(role, f"{role}_2", like=role)

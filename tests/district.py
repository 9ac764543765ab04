"""A small district for tests of the decision path: one unit, its department and sections, one person a post, a season."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from db.base import opaque_id
from db.campaign import Campaign, CampaignUnit
from db.case import CaseFile, Visit
from db.organisation import Organisation
from db.person import Person
from db.release import ProcessRelease
from forms.definition import canonical
from service import declarations, people, releases, replay, tasks, verification
from service.engine import compile_release
from service.errors import Refused
from tests import factories
from tests.forms import samples

AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
ROLES = {
    "UNIT_CLERK": "unit",
    "UNIT_LEADER": "unit",
    "DEPT_CLERK": "department",
    "DEPT_REVIEWER": "department",
    "FUND_REVIEWER": "fund_section",
    "FUND_CHIEF": "fund_section",
    "BUDGET_REVIEWER": "budget_section",
    "PERF_OFFICER": "performance_section",
    "PERF_CHIEF": "performance_section",
    "BUREAU_LEADER": "bureau_leaders",
    "AUDITOR": "audit_office",
}
#: Who decides at each step of the declaration of a target.
DECIDERS = {
    "draft": "UNIT_CLERK",
    "unit_sign": "UNIT_LEADER",
    "department_review": "DEPT_REVIEWER",
    "fund_review": "FUND_REVIEWER",
    "fund_chief_review": "FUND_CHIEF",
    "budget_review": "BUDGET_REVIEWER",
    "performance_review": "PERF_OFFICER",
    "performance_chief_review": "PERF_CHIEF",
    "arbitration": "BUREAU_LEADER",
}
GRADES = {"approve": "优", "consult": "良", "return": "中", "reject": "差"}


@dataclass
class District:
    """Bodies and people by role, and the clock of the story."""

    session: Session
    bodies: dict[str, Organisation]
    people: dict[str, Person]
    campaign: Campaign
    at: datetime = AT
    started: list[dict[str, Any]] = field(default_factory=list)

    def actor(self, role: str) -> people.Actor:
        """The person of a role, with today's posts."""
        return people.actor(self.session, self.people[role].id, at=self.at)

    def later(self, **step: float) -> datetime:
        """Let time pass; one minute if nothing is said."""
        self.at += timedelta(**step or {"minutes": 1})
        return self.at

    def start(self, **content: Any) -> dict[str, Any]:
        """Start a declaration as the unit's clerk."""
        declared = declaration(**content)
        answer = declarations.start(
            self.session,
            actor=self.actor("UNIT_CLERK"),
            campaign_id=self.campaign.id,
            unit_id=self.bodies["unit"].id,
            content={"project_name": declared["project_name"]},
            at=self.later(),
        )
        self.session.commit()
        self.started.append({**answer, "declared": declared})
        return answer

    def case(self, case_id: str) -> CaseFile:
        """The case as it stands."""
        return self.session.get_one(CaseFile, case_id, populate_existing=True)

    def open_visits(self, case_id: str) -> dict[str, Visit]:
        """The open visits of a case by step."""
        statement = select(Visit).where(Visit.case_id == case_id, Visit.state == "open")
        rows = self.session.scalars(statement.execution_options(populate_existing=True))
        return {visit.node_id: visit for visit in rows}

    def decide(self, case_id: str, node: str, verb: str = "approve", *, role: str | None = None, **asked: Any) -> Any:
        """Decide at a step as the person whose step it is; what the form needs is filled in soundly."""
        visit = self.open_visits(case_id)[node]
        asked = {**self._sound(case_id, node, verb), **asked}
        answer = tasks.decide(
            self.session,
            visit.id,
            verb,
            actor=self.actor(role or DECIDERS[node]),
            at=self.later(),
            expected_seq=asked.pop("expected_seq", self.case(case_id).seq),
            **asked,
        )
        self.session.commit()
        return answer

    def latest(self, case_id: str, node: str) -> Visit:
        """The newest visit of a step, open or not."""
        statement = select(Visit).where(Visit.case_id == case_id, Visit.node_id == node)
        newest = statement.order_by(Visit.opened_seq.desc()).limit(1)
        return self.session.scalars(newest.execution_options(populate_existing=True)).one()

    def act(self, case_id: str, node: str, verb: str, *, role: str, **asked: Any) -> Any:
        """Use a verb beside the outcomes at the newest visit of a step, open or not."""
        asked = {"reason": "办理有误，需要更正", **asked}
        answer = tasks.decide(
            self.session,
            self.latest(case_id, node).id,
            verb,
            actor=self.actor(role),
            at=self.later(),
            expected_seq=asked.pop("expected_seq", self.case(case_id).seq),
            **asked,
        )
        self.session.commit()
        return answer

    def id(self, role: str) -> str:
        """The id of the person of a role."""
        return self.people[role].id

    def offered(self, case_id: str, node: str, role: str) -> dict[str, str]:
        """The verbs the newest visit of a step offers a person, each with why it is closed ("" if it is open)."""
        self.later()
        visit = self.latest(case_id, node)
        found = tasks.verbs(self.session, visit.id, actor=self.actor(role), at=self.at)
        return {verb["verb"]: verb["why"] for verb in found}

    def refused(self, case_id: str, node: str, verb: str, *, role: str, **asked: Any) -> str:
        """Why a verb is refused; fails if it is not."""
        try:
            self.act(case_id, node, verb, role=role, **asked)
        except Refused as refusal:
            self.session.rollback()
            problems = getattr(refusal, "problems", ())
            return "；".join([refusal.detail, *(problem.message for problem in problems)])
        raise AssertionError(f"{verb} was not refused")

    def add(self, role: str, name: str, *, like: str | None = None) -> None:
        """One more person in the post of a role, known by another name."""
        person = factories.create_person(self.session, username=name.lower(), name=f"{name}同志")
        body = self.bodies[ROLES[like or role]]
        factories.create_post(self.session, role=like or role, organisation=body, person=person)
        self.people[name] = person
        self.session.commit()

    def redraw(self, process: dict[str, str] | None = None, **steps: dict[str, str]) -> None:
        """Let new cases follow a version of the process whose steps have these attributes of ours as well.

        ``outcome`` is no attribute but one more verb the step offers; ``process`` are attributes of the whole.
        """
        earlier = self.session.get_one(ProcessRelease, self.campaign.process_release_id)
        root = etree.fromstring(earlier.bpmn)
        for name, value in (process or {}).items():
            root.find("{*}process").set(f"{{urn:jiheng:process:1.0}}{name}", value)
        for node, attributes in steps.items():
            (element,) = root.iterfind(f".//{{*}}userTask[@id='{node}']")
            for name, value in attributes.items():
                if name == "outcome":
                    (answers,) = element.iterfind(".//{*}outcomes")
                    answers.append(etree.Element(f"{{{answers.nsmap['jh']}}}outcome", verb=value, label=value))
                    continue
                element.set(f"{{urn:jiheng:process:1.0}}{name}", value)
        self.put_in_force(etree.tostring(root))

    def put_in_force(self, text: bytes, **changed: Any) -> None:
        """Let new cases follow a version of the process that is drawn so; ``changed`` columns differ from the last one's."""
        earlier = self.session.get_one(ProcessRelease, self.campaign.process_release_id)
        definitions = {code: forms.load(code) for code in earlier.forms}
        bundled = {f"{code}.json": canonical(form.raw) for code, form in definitions.items()}
        bundled["target_declaration.bpmn"] = text
        made = compile_release(bundled, "target_declaration", forms=frozenset(definitions))
        names = ("process_id", "title", "forms", "legal_basis", "effective_from", "published_at")
        values = {**{name: getattr(earlier, name) for name in names}, **changed}
        release = ProcessRelease(id=opaque_id(), version=earlier.version + 1, hash=made.hash, bpmn=text, **values)
        self.session.add(release)
        self.session.flush()
        self.campaign.process_release_id = release.id
        self.session.commit()

    def sound(self, case_id: str) -> None:
        """The history of a case is a chain; running it again, and its events alone, give the case as it stands."""
        self.session.rollback()
        found = replay.rerun(self.session, case_id)
        assert found.sound, found.mismatch
        verdict = verification.verify(self.session, case_id, data=None)
        assert not verdict.faults, verdict.faults

    def walk(self, case_id: str, *nodes: str) -> Any:
        """Approve at each of these steps; returns the last answer."""
        answer = None
        for node in nodes:
            answer = self.decide(case_id, node, "submit" if node == "draft" else "approve")
        return answer

    def _sound(self, case_id: str, node: str, verb: str) -> dict[str, Any]:
        if verb == "submit":
            declared = next(one["declared"] for one in self.started if one["case_id"] == case_id)
            return {"form": {"project_target": declared}, "params": {"warnings": Explained()}}
        if verb in ("claim", "unclaim"):
            return {}
        reason = "依据不足，请补充说明" if verb != "approve" else "同意"
        params = {"params": {"to": "draft", "resubmit": "replay"}} if verb == "return" else {}
        if node in ("unit_sign", "arbitration"):
            return {"reason": reason + "，请按程序办理", **params}
        review = samples.review(overall_grade=GRADES[verb], opinion=reason)
        if self.case(case_id).is_key_project:
            review = scored(verb, reason)
        return {"form": {"target_review": review}, **params}


def declaration(**changes: Any) -> dict[str, Any]:
    """A declaration (F01) without any error of the quality rules."""
    declared = samples.declaration()
    weights = {"qty": "15", "qual": "15"}
    rows = [{**row, "weight": weights.get(row["level2_code"], row["weight"])} for row in declared["indicators"]]
    rows.append({**rows[1], "level2_code": "time", "level3_name": "培训按期开班率", "weight": "10"})
    return {**declared, "indicators": rows, **changes}


class Explained(dict):  # type: ignore[type-arg]
    """Reasons for whatever warning comes up."""

    def __bool__(self) -> bool:
        return True

    def get(self, key: str, default: Any = None) -> Any:
        return "情况属实，已核对"


def scored(verb: str, opinion: str) -> dict[str, Any]:
    """A quantitative review whose total gives the verb's grade."""
    share = {"approve": 1, "consult": "0.85", "return": "0.7", "reject": "0.3"}[verb]
    items = [
        {"code": code, "score": str(round(float(most) * float(share), 1)), "comment": "按审核要点扣分"}
        for code, most in zip((f"C{n}" for n in range(1, 9)), (10, 10, 15, 15, 15, 15, 10, 10), strict=True)
    ]
    return {"items": items, "opinion": opinion}


def create_district(session: Session, *, template: str = "COST_2021", year: int = 2027, **parameters: Any) -> District:
    """Make the district, its people and an open season; committed."""
    releases.install_shipped(session, at=AT, effective_from=date(2020, 1, 1))
    bodies = {
        kind: factories.create_organisation(session, kind=kind)
        for kind in ("fund_section", "budget_section", "performance_section", "bureau_leaders", "audit_office")
    }
    bodies["department"] = factories.create_organisation(
        session, kind="department", fund_section_id=bodies["fund_section"].id
    )
    bodies["unit"] = factories.create_unit(
        session, department=bodies["department"], code="101001", region_code="370117"
    )
    persons = {}
    for role, body in ROLES.items():
        persons[role] = factories.create_person(session, username=role.lower())
        factories.create_post(session, role=role, organisation=bodies[body], person=persons[role])
    campaign = create_season(session, [bodies["unit"]], template=template, year=year, **parameters)
    session.commit()
    return District(session, bodies, persons, campaign)


def create_season(
    session: Session, units: list[Organisation], *, template: str, year: int, **parameters: Any
) -> Campaign:
    release_id = session.scalars(
        select(ProcessRelease.id).where(ProcessRelease.process_id == "target_declaration")
    ).one()
    campaign = Campaign(
        id=opaque_id(),
        process_id="target_declaration",
        fiscal_year=year,
        phase="main",
        title=f"{year}年度项目绩效目标申报",
        indicator_template=template,
        rule_set="LINEAR_2020",
        parameters=parameters,
        opens_on=date(2026, 10, 1),
        closes_on=date(2026, 12, 31),
        state="open",
        process_release_id=release_id,
        created_at=AT,
    )
    session.add(campaign)
    session.flush()
    session.add_all([CampaignUnit(campaign_id=campaign.id, unit_id=unit.id, expected_projects=1) for unit in units])
    session.flush()
    return campaign

"""A district's own decision tables and forms in a process: drawn, published, decided by, filled in, and proved afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.case import CaseFile, Seat
from db.event import Event
from db.form import FormRevision
from db.release import FormRelease, ProcessRelease
from service import (
    case_history,
    draft_check,
    drafts,
    form_drafts,
    lights,
    monitoring_board,
    people,
    publishing,
    releases,
    table_drafts,
)
from service.errors import NotFound, Problems
from service.form_soundness import form_problems
from tests import factories
from tests.district import District
from tests.engine.diagrams import flow, flows
from tests.engine.dmn.models import column, decision, definitions, result, rule, table
from tests.engine.test_table_steps import asking
from tests.monitoring_district import create as create_monitored
from tests.service import test_publishing
from tests.service.test_dry_run import OUTCOME
from tests.service.test_release_diff import LEGAL, SHIPPED, put

district = test_publishing.district
THRESHOLDS = [
    rule(["< 20"], ['"none"'], "小额", rule_id="small"),
    rule([">= 20"], ['"legal"'], "二十万元以上", rule_id="large"),
]
LEVELS = definitions(
    decision(
        "法审范围", table([column("amount", "number")], [result("route", "string")], THRESHOLDS), decision_id="scope"
    )
)
LEGAL_STEP = LEGAL.replace("/>", f' jh:form="legal_opinion">{OUTCOME}</bpmn:userTask>')


def asked_by_table(legal: str = LEGAL.replace("/>", f">{OUTCOME}</bpmn:userTask>")) -> bytes:
    """The declaration process with a table after the fund section that sends larger projects to the legal section."""
    table_step = asking("legal_scope", "levels.dmn#scope", {"amount": "number(draft.amount_total)"})
    gateway = '<bpmn:exclusiveGateway id="to_legal" default="no_legal"/>'
    arrows = flow("fund_review", "legal_scope", None, "to_fund_question") + flow("legal_scope", "to_legal")
    arrows += flow("to_legal", "legal_review", "legal_scope.route == 'legal'") + flow("legal_review", "fund_agrees")
    arrows += flow("to_legal", "fund_agrees", None, "no_legal")
    old = '<bpmn:sequenceFlow id="to_fund_question" sourceRef="fund_review" targetRef="fund_agrees" />'
    return put(old, table_step + gateway + legal + arrows)


def begun(district: District) -> str:
    return str(test_publishing.begun(district))


def told(district: District, draft_id: str, code: str = "") -> list[str]:
    found = drafts.check(district.session, draft_id, actor=district.actor("SYS_ADMIN"))
    return [one["message"] for one in found if one["severity"] == "error" and one["code"].startswith(code)]


def act(district: District, draft_id: str, do: Any, version: int, *given: Any, **more: Any) -> int:
    made = do(
        district.session,
        draft_id,
        *given,
        actor=district.actor("SYS_ADMIN"),
        at=district.later(),
        version=version,
        **more,
    )
    return int(made["version"])


def published(district: District, draft_id: str, version: int) -> ProcessRelease:
    test_publishing.submitted(district, draft_id, version=version)
    made = test_publishing.approved(district, draft_id)
    return district.session.get_one(ProcessRelease, made["release_id"])


def legal_reviewer(district: District) -> None:
    justice = factories.create_organisation(district.session, kind="justice_bureau")
    district.people["LEGAL"] = factories.create_person(district.session, username="legal")
    factories.create_post(district.session, role="LEGAL", organisation=justice, person=district.people["LEGAL"])
    district.session.commit()


def with_table(district: District, text: bytes = LEVELS, bpmn: bytes | None = None) -> tuple[str, int]:
    """A draft as an administrator makes it: a new table, its rows, then the step that asks it."""
    draft_id = begun(district)
    version = act(district, draft_id, table_drafts.add, 0, name="levels", title="法审范围")
    version = act(district, draft_id, table_drafts.save, version, "levels.dmn", text=text)
    return draft_id, act(district, draft_id, drafts.save, version, bpmn=bpmn or asked_by_table())


def events(session: Session, case_id: str) -> list[dict[str, Any]]:
    rows = session.scalars(select(Event).where(Event.case_id == case_id).order_by(Event.seq)).all()
    return [change for row in rows for change in row.changes if change["type"] == "table_asked"]


def test_a_table_made_in_the_studio_routes_new_cases_and_stands_in_the_event(session: Session, district: District):
    legal_reviewer(district)
    running = district.start()["case_id"]
    draft_id, version = with_table(district)
    assert told(district, draft_id) == []
    row = published(district, draft_id, version)
    assert "新增决策表“法审范围”（2行规则）" in (row.change_note or "")
    case_id = district.start(project_name="职业技能提升")["case_id"]
    district.walk(case_id, "draft", "unit_sign", "department_review", "fund_review")
    assert list(district.open_visits(case_id)) == ["legal_review"]
    (asked,) = events(session, case_id)
    assert (asked["node"], asked["table"], asked["decision"]) == ("legal_scope", "levels.dmn", "scope")
    assert (asked["result"], asked["matched"]) == ({"route": "legal"}, [{"table": "法审范围", "rows": [2]}])
    assert asked["inputs"] == {"amount": "38.50"}
    details = [line for entry in case_history.timeline(session, case_id) for line in entry["details"]]
    assert "判定层级：legal（“法审范围”第 2 行）" in details
    district.sound(case_id)
    district.walk(running, "draft", "unit_sign", "department_review", "fund_review")
    assert list(district.open_visits(running)) == ["fund_chief_review"]
    assert events(session, running) == []
    district.sound(running)


def test_a_changed_row_of_the_event_is_found_by_running_the_case_again(session: Session, district: District):
    from service.replay import Releases, Run

    legal_reviewer(district)
    draft_id, version = with_table(district)
    published(district, draft_id, version)
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign", "department_review", "fund_review")
    run = Run(Releases(session))
    rows = session.scalars(select(Event).where(Event.case_id == case_id).order_by(Event.seq)).all()
    assert [run.repeat(row) for row in rows] == [""] * len(rows)
    for change in rows[-1].changes:
        if change["type"] == "table_asked":
            change["matched"] = [{"table": "法审范围", "rows": [1]}]
    run = Run(Releases(session))
    assert [run.repeat(row) for row in rows][-1] == "重新查得的决策表结果与记录不一致"
    session.rollback()


def test_what_no_row_covers_is_said_to_whoever_decides_and_nothing_is_half_done(session: Session, district: District):
    legal_reviewer(district)
    district.put_in_force(SHIPPED)
    gap = LEVELS.replace(b"&gt;= 20", b"&gt;= 2000000")
    bundled = {"levels.dmn": gap.decode()}
    release = releases.compiled("target_declaration", asked_by_table(), forms_of(session), bundled)
    row = releases.newest(session, "target_declaration")
    assert row is not None
    made = ProcessRelease(
        id="gap", process_id=row.process_id, version=row.version + 1, title=row.title, hash=release.hash, bpmn=asked_by_table(),
        forms=row.forms, decisions=bundled, legal_basis=row.legal_basis, effective_from=row.effective_from,
        published_at=row.published_at,
    )  # fmt: skip
    session.add(made)
    session.commit()
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign", "department_review")
    before = district.case(case_id).seq
    with pytest.raises(Problems) as refused:
        district.decide(case_id, "fund_review")
    session.rollback()
    (problem,) = refused.value.problems
    assert "步骤“判定层级”查不出结论：决策表“法审范围”没有一行与输入相符" in problem.message
    assert district.case(case_id).seq == before
    assert list(district.open_visits(case_id)) == ["fund_review"]


def forms_of(session: Session) -> Any:
    row = releases.newest(session, "target_declaration")
    assert row is not None
    return releases.definitions(session, row.forms)


def test_a_draft_whose_table_is_gone_or_asked_wrongly_is_not_submitted(district: District):
    draft_id, version = with_table(district)
    version = act(district, draft_id, table_drafts.remove, version, "levels.dmn")
    assert told(district, draft_id, "table.") == [
        "决策表步骤“判定层级”（legal_scope）要查的决策表文件“levels.dmn”不在流程包中。"
    ]
    with pytest.raises(Problems):
        test_publishing.submitted(district, draft_id, version=version)


def test_an_edited_threshold_of_the_lights_holds_for_the_next_season_and_not_for_the_running_one(session: Session):
    """The administrator raises the red line of execution and the days of MR9; cases and boards of the season stay."""
    monitored = create_monitored(session)
    base = monitored.base
    centre = factories.create_organisation(session, kind="information_centre")
    base.people["SYS_ADMIN"] = factories.create_person(session, username="sys_admin")
    factories.create_post(session, role="SYS_ADMIN", organisation=centre, person=base.people["SYS_ADMIN"])
    session.commit()
    draft_id = drafts.start(
        session, actor=base.actor("SYS_ADMIN"), at=monitored.later(), process_id="performance_monitoring"
    )["draft_id"]
    text = table_drafts.one(session, draft_id, lights.TABLES, actor=base.actor("SYS_ADMIN"))
    edited = text.replace("&gt; 10</text>", "&gt; 30</text>").replace("&lt;= 10</text>", "&lt;= 30</text>")
    edited = edited.replace("&lt; 0.60</text>", "&lt; 0.70</text>").replace("[0.60..0.80)", "[0.70..0.80)")
    assert edited.count("0.70") >= text.count("0.70") + 2
    version = act(base, draft_id, table_drafts.save, 0, lights.TABLES, text=edited.encode())
    test_publishing.submitted(base, draft_id, version=version)
    made = test_publishing.approved(base, draft_id)
    note = session.get_one(ProcessRelease, made["release_id"]).change_note or ""
    assert "0.60" in note
    assert "0.70" in note
    # The running season opens its case after that day, and stays with what it began with.
    monitored.figures(executed="20")
    case = monitored.launch()
    assert case.release_id == monitored.season.process_release_id != made["release_id"]
    rate = {"month": 7, "executed": 38, "annual_budget": 100}
    judged = [
        lights.judge(lights.of_release(session, one), indicators=[], **_exact(rate)).execution.color
        for one in (case.release_id, made["release_id"])
    ]
    assert judged == ["yellow", "red"], "38% of the budget in seven months: 0.65 of the time gone"
    late = [
        lights.overdue(lights.of_release(session, one), light="red", disposal=None, working_days=20)
        for one in (case.release_id, made["release_id"])
    ]
    assert late == [True, False]
    next_season = another_season(monitored)
    assert next_season.process_release_id == made["release_id"]


def _exact(values: dict[str, int]) -> dict[str, Any]:
    from decimal import Decimal

    return {name: value if name == "month" else Decimal(value) for name, value in values.items()}


def another_season(monitored: Any) -> Any:
    from db.campaign import Campaign
    from service import campaigns

    session = monitored.session
    made = campaigns.create(
        session,
        {
            "process_id": "performance_monitoring", "title": "2027年1至10月绩效运行监控", "fiscal_year": "2027",
            "phase": "additional", "opens_on": "2027-11-01", "closes_on": "2027-11-30",
            "parameters": {"month": "10"}, "units": [monitored.base.bodies["unit"].id],
        },
        actor=monitored.actor("PERF_OFFICER"),
        at=monitored.later(),
    )  # fmt: skip
    return session.get_one(Campaign, made["id"])


def test_mr9_goes_by_the_tables_in_force_for_the_case(session: Session, monkeypatch: pytest.MonkeyPatch):
    """The board must not ask the shipped table: a season whose table allows 30 days is not overdue after 20."""
    monitored = create_monitored(session)
    monitored.figures(executed="1")
    case = monitored.launch()
    monitored.submit(case)
    monitored.later(days=25)

    def board() -> list[str]:
        found = monitoring_board.board(
            session, monitored.season.id, actor=monitored.actor("PERF_CHIEF"), at=monitored.at
        )
        return [project.case_id for project in found.overdue]

    assert board() == [case.id]
    row = session.get_one(ProcessRelease, case.release_id)
    text = row.decisions[lights.TABLES].replace("&gt; 10</text>", "&gt; 30</text>")
    text = text.replace("&lt;= 10</text>", "&lt;= 30</text>")
    release = releases.compiled(
        row.process_id, row.bpmn, releases.definitions(session, row.forms), {lights.TABLES: text}
    )
    longer = releases.bundle(session, case.release_id)
    changed = type(longer)(
        longer.id, longer.process_id, longer.version, release, longer.forms, {lights.TABLES: text}, {}
    )
    monkeypatch.setitem(releases._kept, case.release_id, changed)
    assert board() == []


ENTRIES = {
    "title": "法规科审核意见表",
    "code": "legal_opinion",
    "official_code": "法审01",
    "source": "钢城区合法性审核办法",
}


def designed(session: Session, district: District, draft_id: str) -> dict[str, Any]:
    draft = drafts.one(session, draft_id, actor=district.actor("SYS_ADMIN"))
    raw = dict(form_drafts.raw_of(session, draft, "legal_opinion"))
    raw["fields"] = [
        {"id": "lawful", "type": "choice", "label": "合法性结论", "required": True, "fact": True,
         "choices": [{"value": "yes", "label": "合法"}, {"value": "no", "label": "不合法"}]},
        *raw["fields"],
    ]  # fmt: skip
    grid, signatures = raw["layout"]
    rows = [[{"label_of": "lawful"}, {"field": "lawful", "cols": 3}], *grid["rows"]]
    return {**raw, "layout": [{"rows": rows}, signatures]}


def with_form(session: Session, district: District) -> tuple[str, int]:
    draft_id, version = with_table(district, bpmn=asked_by_table(LEGAL_STEP))
    assert told(district, draft_id, "step.form") == ["步骤“法规科审核”（legal_review）的表单“legal_opinion”不存在。"]
    version = act(district, draft_id, form_drafts.add, version, **ENTRIES)
    raw = designed(session, district, draft_id)
    return draft_id, act(district, draft_id, form_drafts.save, version, "legal_opinion", raw=raw)


def test_a_form_made_from_nothing_is_published_and_filled_in_by_a_person(session: Session, district: District):
    legal_reviewer(district)
    draft_id, version = with_form(session, district)
    assert told(district, draft_id) == []
    row = published(district, draft_id, version)
    assert "新增表单“法规科审核意见表”，共4个字段" in (row.change_note or "")
    kept = session.get_one(FormRelease, row.forms["legal_opinion"])
    assert (kept.code, kept.version, kept.definition["version"]) == ("legal_opinion", 1, 1)
    _, files = publishing.files_of(session, row.process_id)
    assert "legal_opinion.json" in files
    case_id = district.start()["case_id"]
    district.walk(case_id, "draft", "unit_sign", "department_review", "fund_review")
    given = {"opinion": "程序合法，依据充分，同意上报"}
    with pytest.raises(Problems) as refused:
        district.decide(case_id, "legal_review", role="LEGAL", form={"legal_opinion": given})
    session.rollback()
    assert [one.field for one in refused.value.problems] == ["lawful"]
    district.decide(
        case_id, "legal_review", role="LEGAL", form={"legal_opinion": {**given, "lawful": "yes"}}, reason=None
    )
    assert list(district.open_visits(case_id)) == ["fund_chief_review"]
    wanted = select(FormRevision).where(FormRevision.case_id == case_id, FormRevision.form_code == "legal_opinion")
    revision = session.scalars(wanted).one()
    assert revision.content["lawful"] == "yes"
    assert revision.content["reviewer"] == district.people["LEGAL"].name
    seat = session.scalars(select(Seat).where(Seat.review_revision_id == revision.id)).one()
    assert seat.opinion == given["opinion"]
    district.sound(case_id)


def test_a_fact_of_the_new_form_may_be_asked_by_conditions(session: Session, district: District):
    draft_id, version = with_form(session, district)
    text = asked_by_table(LEGAL_STEP).replace(b"legal_scope.route", b"legal_review.lawful")
    act(district, draft_id, drafts.save, version, bpmn=text)
    messages = told(district, draft_id, "condition.")
    assert any("legal_review.lawful" in one and "不会经过" in one for one in messages)
    assert not any("没有这个要素" in one for one in messages)


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"code": "target_review"}, "code", "已有编号为“target_review”的表单"),
        ({"code": "Legal Opinion"}, "code", "只能用小写字母开头"),
        ({"code": "x" * 41}, "code", "不超过40个字符"),
        ({"title": " "}, "title", "请填写表单名称"),
        ({"official_code": "号" * 21}, "official_code", "不得超过20字，现有21字"),
        ({"source": ""}, "source", "请填写依据"),
    ],
)
def test_what_a_new_form_says_of_itself_is_checked_at_its_field(district: District, changed, field, said):
    draft_id = begun(district)
    with pytest.raises(Problems) as refused:
        act(district, draft_id, form_drafts.add, 0, **{**ENTRIES, **changed})
    assert any(one.field == field and said in one.message for one in refused.value.problems)


def test_a_new_form_is_listed_read_and_given_up_again(session: Session, district: District):
    draft_id = begun(district)
    version = act(district, draft_id, form_drafts.add, 0, **ENTRIES)
    draft = drafts.one(session, draft_id, actor=district.actor("SYS_ADMIN"))
    (mine,) = [one for one in form_drafts.listed(session, draft) if one.code == "legal_opinion"]
    assert (mine.title, mine.new, mine.fields) == ("法规科审核意见表", True, 3)
    act(district, draft_id, form_drafts.reset, version, "legal_opinion")
    with pytest.raises(NotFound):
        form_drafts.raw_of(session, drafts.one(session, draft_id, actor=district.actor("SYS_ADMIN")), "legal_opinion")


def own(**changes: Any) -> dict[str, Any]:
    return {**form_drafts.blank("legal_opinion", "法规科审核意见表", "法审01", "办法"), **changes}


def found_in(raw: dict[str, Any], filename: str = "legal_opinion.json", bpmn: bytes = b"") -> list[str]:
    import json

    from service.engine.outline import read_outline

    steps = read_outline(bpmn).steps if bpmn else {}
    return [one.message for one in form_problems(json.dumps(raw).encode(), filename, steps) if one.severity == "error"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": "other"}, "与文件名 legal_opinion.json 不一致"),
        ({"context": {"secret": 1}}, "“secret”不是系统提供的数据"),
        ({"fields": [{"id": "a", "type": "text", "label": "甲", "auto": True}], "layout": []}, "系统没有名为“a”的数据"),
        (
            {"fields": [{"id": "a", "type": "files", "label": "甲", "accept": [".pdf"]}], "layout": []},
            "审核类表单不收附件",
        ),
        (
            {"fields": [{"id": "a", "type": "choice", "label": "甲", "choices_from": "x"}], "layout": []},
            "不是系统提供的数据",
        ),
        ({"fields": []}, "至少要有一个字段"),
    ],
)
def test_an_unsound_form_of_the_districts_own_is_refused(changes, said):
    assert any(said in one for one in found_in(own(**changes))), found_in(own(**changes))


def test_a_sound_form_of_the_districts_own_is_not():
    assert found_in(own()) == []
    assert found_in(own(), bpmn=asked_by_table(LEGAL_STEP)) == []


def test_what_a_case_is_about_is_filled_in_on_a_built_in_form():
    text = SHIPPED.replace(b'jh:form="project_target"', b'jh:form="legal_opinion"')
    assert any("只能填系统内置的表单" in one for one in found_in(own(), bpmn=text))


__all__ = ["CaseFile", "draft_check", "flows", "people", "timedelta"]


def test_a_step_nobody_could_take_is_pointed_out_before_it_is_published(session: Session, district: District):
    def vacant(draft_id: str) -> list[str]:
        found = drafts.check(session, draft_id, actor=district.actor("SYS_ADMIN"))
        return [one["message"] for one in found if one["code"] == "step.roster"]

    draft_id, version = with_table(district)
    assert vacant(draft_id) == [
        "步骤“法规科审核”（legal_review）由“司法局”办理，本区还没有登记这个机构，事项办到这里会停下来。"
    ]
    legal_reviewer(district)
    assert vacant(draft_id) == []
    district.people["LEGAL"].active = False
    session.commit()
    (message,) = vacant(draft_id)
    assert "由“司法局”的“合法性审查”办理，现在没有人任职" in message
    test_publishing.submitted(district, draft_id, version=version)

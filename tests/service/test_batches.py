"""Are several cases approved at once only where every one of them was looked at and is clean?"""

import pytest
from sqlalchemy import select

from db.case import Seat
from service import batches, history, tasks
from service.batches import Batch
from service.errors import BadRequest
from tests.district import create_district
from tests.forms import samples

NODE = "department_review"
NAMES = ("技能培训甲项目", "道路养护乙工程", "校舍维修丙工程")


@pytest.fixture
def district(session):
    return create_district(session)


@pytest.fixture
def clean(monkeypatch):
    """Declarations about which the quality rules have nothing to say."""
    monkeypatch.setattr("service.submissions._checks", lambda found, reasons: [])


@pytest.fixture
def cases(district, clean):
    made = [district.start(project_name=name)["case_id"] for name in NAMES]
    for case_id in made:
        district.walk(case_id, "draft", "unit_sign")
    return made


def visits(district, cases):
    return [district.latest(case_id, NODE).id for case_id in cases]


def look(district, visit_ids, role="DEPT_REVIEWER"):
    for visit_id in visit_ids:
        tasks.page(district.session, visit_id, actor=district.actor(role), at=district.later())
    district.session.commit()


def approve(district, visit_ids, role="DEPT_REVIEWER", **more):
    form = {"target_review": samples.review(overall_grade="优", opinion="符合要求，同意报送")}
    batch = Batch(district.actor(role), district.later(), form=form, **more)
    answer = batches.approve(district.session, visit_ids, batch)
    district.session.commit()
    return answer


def preview(district, visit_ids):
    return batches.preview(district.session, visit_ids, actor=district.actor("DEPT_REVIEWER"), at=district.at)


def test_what_was_looked_at_is_approved_together_and_says_so(district, cases):
    ids = visits(district, cases)
    look(district, ids)
    seen = preview(district, ids)
    assert (seen.allowed, seen.amount) == (3, sum(row.amount for row in seen.rows))

    answer = approve(district, ids, viewed={ids[0]: 35, ids[1]: 10**6})

    assert (answer["done"], answer["failed"]) == (3, 0)
    for number, case_id in enumerate(cases):
        event = history.of_case(district.session, case_id)[-1]
        assert (event.kind, event.reason) == ("visit_approved", "符合要求，同意报送")
        said = event.changes[0]
        assert (said["type"], said["batch"]) == ("batch", answer["batch"])
        assert said["opened_seconds"] == (35 if number == 0 else 60 * (3 - number))
        assert set(district.open_visits(case_id)) == {"fund_review"}
        district.sound(case_id)


def test_rows_fail_alone_and_leave_nothing_behind(district, cases):
    ids = visits(district, cases)
    look(district, ids[:2])
    district.decide(cases[1], NODE, "claim")
    answer = approve(district, ids)

    assert [row["ok"] for row in answer["rows"]] == [True, False, False]
    assert "又有变化" in answer["rows"][1]["message"]
    states = district.session.scalars(select(Seat.state).where(Seat.visit_id.in_(ids[1:]))).all()
    assert states == ["open", "open"]
    assert [event.verb for event in history.of_case(district.session, cases[2])][-1] == "approve"
    look(district, ids[1:])
    assert approve(district, ids)["done"] == 2


def test_warnings_keep_a_case_out(district):
    case_id = district.start(annual_goal="做好培训工作")["case_id"]
    district.walk(case_id, "draft", "unit_sign")
    look(district, visits(district, [case_id]))
    (row,) = preview(district, visits(district, [case_id])).rows
    assert row.why == "质量规则有提醒，须逐件审核。"


def test_only_steps_that_allow_it_and_one_step_at_a_time(district, clean):
    first, second = (district.start(project_name=name)["case_id"] for name in NAMES[:2])
    district.walk(first, "draft")
    district.walk(second, "draft", "unit_sign")
    signing, review = district.latest(first, "unit_sign").id, district.latest(second, NODE).id
    found = batches.preview(district.session, [signing, review], actor=district.actor("UNIT_LEADER"), at=district.at)
    assert [row.why for row in found.rows] == [
        "“审签申报材料”环节不允许批量办理。",
        "与所选的第一件不是同一环节或同一流程版本。",
    ]


def test_a_review_that_is_no_approval_fails_row_by_row(district, cases):
    ids = visits(district, cases[:1])
    look(district, ids)
    form = {"target_review": samples.review(overall_grade="差", opinion="不符合要求，不同意")}
    batch = Batch(district.actor("DEPT_REVIEWER"), district.later(), form=form)
    (row,) = batches.approve(district.session, ids, batch)["rows"]
    assert "处理决定应为" in row["message"]


@pytest.mark.parametrize("count", [0, 51])
def test_between_one_and_fifty(district, count):
    with pytest.raises(BadRequest, match="1 至 50 件"):
        approve(district, [f"visit{number}" for number in range(count)])


def test_strangers_get_nothing(district, cases):
    ids = visits(district, cases[:1])
    look(district, ids)
    (row,) = approve(district, ids, role="FUND_REVIEWER")["rows"]
    assert not row["ok"]
    assert set(district.open_visits(cases[0])) == {NODE}


def test_key_projects_are_scored_one_by_one(district, cases):
    ids = visits(district, cases[:1])
    look(district, ids)
    district.case(cases[0]).is_key_project = True
    district.session.commit()
    (row,) = preview(district, ids).rows
    assert row.why == "重点项目须逐项打分，请逐件办理。"

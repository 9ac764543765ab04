"""Policy documents and the steps that rest on them."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from service import drafts, people, policies
from service.engine.outline import read_outline
from service.errors import NotAllowed, NotFound, Problems
from tests.district import District
from tests.engine.test_table_steps import asking, released, routed
from tests.service.test_publishing import begun, district  # noqa: F401 - a fixture

NATIONAL = "财预〔2015〕88号"


def registered(district: District, valid_to: date | None, number: str = NATIONAL):  # noqa: F811
    return policies.register(
        district.session, actor=district.actor("PERF_CHIEF"), at=district.later(), number=number,
        title="中央部门预算绩效目标管理办法", valid_from=date(2015, 5, 21), valid_to=valid_to,
    )  # fmt: skip


def test_every_step_that_cites_a_document_is_warned_90_days_ahead(session: Session, district: District):  # noqa: F811
    today = people.day(district.at)
    registered(district, date.fromordinal(today.toordinal() + 91))
    assert policies.ending(session, at=district.at) == []
    registered(district, date.fromordinal(today.toordinal() + 90))
    found = policies.ending(session, at=district.at)
    cited = {one.step for one in found if one.process_id == "target_declaration"}
    assert cited == {"department_review", "fund_review", "fund_chief_review"}
    assert "将于2027-01-31失效" in found[0].message
    registered(district, date(2026, 10, 31))
    assert {one.ended for one in policies.ending(session, at=district.at)} == {True}
    assert len(policies.listed(session)) == 1


def test_a_draft_that_cites_an_ended_or_unknown_document_is_told(session: Session, district: District):  # noqa: F811
    draft_id, admin = begun(district), district.actor("SYS_ADMIN")
    assert drafts.check(session, draft_id, actor=admin) == []
    registered(district, date(2026, 10, 31))
    found = drafts.check(session, draft_id, actor=admin)
    assert {one["code"]: one["severity"] for one in found} == {
        "document.ending": "error",
        "document.unknown": "warning",
    }


def test_a_table_that_rests_on_a_document_is_warned_too(session: Session, district: District):  # noqa: F811
    cited = asking().replace("<bpmn:businessRuleTask", f'<bpmn:businessRuleTask jh:policyDocument="{NATIONAL}"')
    release, today = released(routed(step=cited)), people.day(district.at)
    registered(district, date.fromordinal(today.toordinal() + 30))
    ending = [one for one in policies.problems(session, release, today) if one["code"] == "document.ending"]
    assert [(one["element_id"], "判定层级" in one["message"]) for one in ending] == [("ask", True)]
    assert read_outline(routed(step=cited)).nodes["ask"].detail.endswith(f"，依据{NATIONAL}")
    assert "依据" not in read_outline(routed()).nodes["ask"].detail


def test_what_is_registered_must_be_sound_and_by_who_may(session: Session, district: District):  # noqa: F811
    with pytest.raises(Problems) as refusal:
        registered(district, date(2000, 1, 1), " ")
    assert [one.field for one in refusal.value.problems] == ["number", "valid_to"]
    with pytest.raises(NotAllowed):
        policies.register(
            session,
            actor=district.actor("UNIT_CLERK"),
            at=district.at,
            number="x",
            title="x",
            valid_from=date(2020, 1, 1),
        )
    document = registered(district, None)
    assert policies.one(session, document).number == NATIONAL
    with pytest.raises(NotFound):
        policies.one(session, "nothing")

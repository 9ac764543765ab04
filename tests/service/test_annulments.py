"""Does what a case that was declared void had brought stop holding, for its project as well?"""

from decimal import Decimal

import pytest

from service import exceptional_acts
from service.errors import Problems
from service.exceptional_acts import Wish
from tests import assessment_district
from tests.service.test_adjustments import WHOLE, approved, submit, versions


def declared_void(district, case_id):
    base, wish = district.base, Wish(verb="void", reason="区政府专题会议要求")
    asking, agreeing = base.actor("PERF_CHIEF"), base.actor("BUREAU_LEADER")
    asked = exceptional_acts.request(base.session, case_id, wish, actor=asking, at=base.later())
    exceptional_acts.confirm(base.session, asked["act_id"], actor=agreeing, at=base.later())
    base.session.commit()


def test_without_its_assessment_a_project_has_no_conclusion_and_is_assessed_again(session):
    district = assessment_district.create(session)
    case = district.begin()
    district.submit(case)
    district.up_to(case, "")
    district.reviewed(case, "performance_conclusion")
    with pytest.raises(Problems):
        district.begin()
    session.rollback()
    declared_void(district, case.id)
    project = district.project
    assert (project.ex_ante_conclusion, project.ex_ante_score, project.ex_ante_amount) == (None, None, None)
    district.base.sound(case.id)
    again = district.begin()
    district.submit(again)
    district.up_to(again, "")
    district.reviewed(again, "performance_conclusion")
    assert district.project.ex_ante_conclusion == "support"
    district.base.sound(case.id)
    district.base.sound(again.id)


def test_without_its_adjustment_a_project_has_the_amount_it_had_before(session):
    district = assessment_district.create(session, amount="100")
    district.base.walk(district.declaration, *WHOLE)
    case = district.adjust()
    submit(district, case)
    approved(district, case)
    assert district.project.amount_total == Decimal("120")
    declared_void(district, case.id)
    assert district.project.amount_total == Decimal("100")
    assert [one.voided_at is None for one in versions(district)] == [True, False]
    district.base.sound(case.id)
    district.base.sound(district.declaration)

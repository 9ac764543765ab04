"""Is a task found by what the rules warned of and by what somebody said of it?"""

import pytest
from sqlalchemy import text

from service import inbox_criteria
from tests import factories
from tests.service.small_district import small_district

WARNED = [
    {"rule": "Q10", "severity": "warning", "message": "雷同", "field": "", "source": ""},
    {"rule": "Q15", "severity": "info", "message": "数字", "field": "", "source": ""},
]


@pytest.fixture
def district(session):
    return small_district(session)


def warned(district, case, checks):
    visit = factories.create_waiting(district.session, case=case)
    clerk = district.people["clerk"]
    case.form_revision_id = factories.create_revision(
        district.session, visit=visit, person=clerk, content={}, checks=checks
    ).id
    district.session.flush()


def test_by_the_rules_that_warned(district):
    sound, alike, vague = (district.case(number=number) for number in ("一", "二", "三"))
    warned(district, sound, WARNED[1:])
    warned(district, alike, WARNED)
    warned(district, vague, [{**WARNED[0], "rule": "Q08"}])

    assert set(district.numbers("one", risks=("any",))) == {"二", "三"}
    assert district.numbers("one", risks=("Q10",)) == ["二"]
    assert set(district.numbers("one", risks=("Q10", "Q08"))) == {"二", "三"}
    assert district.numbers("one", risks=("Q15",)) == []
    assert district.page("one", risks=("Q10",)).total == 1


def said(district, case, opinion):
    factories.create_waiting(district.session, case=case)
    factories.create_decided(district.session, case=case, person=district.people["leader"], opinion=opinion)


def test_by_what_an_opinion_says(district):
    first, second = district.case(number="一"), district.case(number="二")
    said(district, first, "资金测算依据不足，请补充BPMN说明")
    said(district, second, "测算清楚，同意报送")

    assert set(district.numbers("one", opinion="测算")) == {"一", "二"}
    assert district.numbers("one", opinion="依据不足") == ["一"]
    assert district.numbers("one", opinion="测算 bpmn") == ["一"]
    assert district.numbers("one", opinion="测算 没有人说过") == []
    # Pairs that stand apart are no word.
    assert district.numbers("one", opinion="测算不足") == []


def test_the_language_knows_both_words_and_leaves_nonsense_out():
    asked, ignored = inbox_criteria.read({"risk": ["Q10", "any", "x' or 1"], "opinion": [" 依据不足  的 "]})
    assert (asked.wanted.risks, asked.wanted.opinion, ignored) == (("Q10", "any"), "依据不足", ())
    assert not asked.everything
    asked, ignored = inbox_criteria.read({"risk": ["nonsense"], "opinion": ["依"]})
    assert (asked.everything, ignored) == (True, ("risk", "opinion"))


def test_pairs_and_rules_are_what_the_indexes_hold(session):
    def asked(expression):
        return sorted(session.execute(text(f"SELECT {expression}")).scalar_one())

    assert asked("character_pairs('依据不足')") == ["不足", "依据", "据不"]
    assert asked("character_pairs('A')") == []
    assert asked("warning_rules('null'::jsonb)") == []
    one = """[{"rule": "Q1", "severity": "warning"}, {"severity": "warning"}, {"rule": "Q2", "severity": "info"}]"""
    assert asked(f"warning_rules('{one}'::jsonb)") == ["Q1", "any"]

"""Do the invented declarations of two years keep the quality rules, and does the next year differ from this one?"""

from collections import Counter
from decimal import Decimal

import pytest

from db import demo
from service.demo import year
from service.demo.year import Declared
from service.rules.quality import OtherProject, QualityContext, check

THIS, NEXT = 2026, 2027


@pytest.fixture(scope="module")
def this_year() -> list[Declared]:
    return year.this_year(THIS)


@pytest.fixture(scope="module")
def next_year() -> list[Declared]:
    return year.next_year(NEXT)


def _errors(projects: list[Declared]) -> dict[str, list[str]]:
    others = [
        OtherProject(
            project_code=one.code,
            name=one.content["project_name"],
            department_code=one.unit[:3],
            annual_goal=one.content["annual_goal"],
        )
        for one in projects
    ]
    context = QualityContext(template=year.TEMPLATE, measure_units=demo.measure_units(), others=others)
    found = {}
    for one in projects:
        conclusion = one.ex_ante[0] if one.ex_ante else None
        known = {"project_code": one.code, "department_code": one.unit[:3], "ex_ante_conclusion": conclusion}
        errors = [problem.rule for problem in check({**one.content, **known}, context) if problem.severity == "error"]
        if errors:
            found[one.code] = errors
    return found


def test_this_year_has_the_477_projects_without_an_error(this_year: list[Declared]):
    assert len(this_year) == 477
    assert _errors(this_year) == {}


def test_next_year_breaks_no_rule_but_the_assessment_one_project_waits_for(next_year: list[Declared]):
    assert _errors(next_year) == {"N10": ["Q21"]}


def test_next_year_drops_some_projects_and_brings_new_ones(this_year: list[Declared], next_year: list[Declared]):
    before, after = {one.code for one in this_year}, {one.code for one in next_year}
    assert 0 < len(before - after) < 20
    assert len(after - before) == 10
    assert all(one.continued == (one.code in before) for one in next_year)


def test_most_figures_move_from_one_year_to_the_next(this_year: list[Declared], next_year: list[Declared]):
    before = {one.code: one for one in this_year}
    again = [(before[one.code], one) for one in next_year if one.continued]
    amounts = sum(old.amount != new.amount for old, new in again)
    values = sum(old.content["indicators"][0] != new.content["indicators"][0] for old, new in again)
    assert amounts > len(again) * 0.6
    assert values > len(again) * 0.3


def test_texts_name_the_amount_of_their_own_year(this_year: list[Declared], next_year: list[Declared]):
    before = {one.code: one for one in this_year}
    for new in next_year:
        if new.continued and new.amount != before[new.code].amount:
            assert f"支出控制在{before[new.code].content['amount_total']}万元" not in new.content["annual_goal"]


def test_dates_lie_in_the_years_they_were_moved_to(next_year: list[Declared]):
    starts = Counter(str(one.content["start_date"])[:4] for one in next_year)
    assert set(starts) <= {"2026", "2027"}
    for one in next_year:
        days = [row["target_value"] for row in one.content["indicators"] if row["nature"] == "date"]
        assert all(one.content["start_date"] <= day <= one.content["end_date"] for day in days)


def test_amounts_stay_the_sum_of_their_sources(next_year: list[Declared]):
    for one in next_year:
        cells = {name: Decimal(str(one.content.get(name) or 0)) for name in one.content if name.startswith("amount_")}
        assert cells["amount_total"] == cells["amount_fiscal"] + cells["amount_other"]
        assert cells["amount_fiscal"] == cells["amount_district"] + cells["amount_superior"]


def test_the_same_year_is_the_same_everywhere(next_year: list[Declared]):
    assert year.next_year(NEXT) == next_year

"""Does every quality rule fire where it must, and keep silent beside?"""

import json
import time
from decimal import Decimal
from pathlib import Path

import pytest

from db import demo
from service.rules import quality
from service.rules.interchange import from_interchange
from service.rules.quality import OtherProject, QualityContext, check
from tests.rules.targets import SOUND, context, fired, spoiled, weights

FLAWED = json.loads((Path(__file__).parent / "flawed_targets.json").read_text("utf-8"))


def test_a_sound_target_draws_nothing():
    assert check(SOUND, context()) == []


@pytest.mark.parametrize(
    ("rule", "target"),
    [
        ("Q01", spoiled({2: {"level2_code": "qual"}})),
        ("Q01", spoiled({6: {"level1_code": "benefit", "level2_code": "soc"}})),
        ("Q02", spoiled({0: {"weight": "14.99"}})),
        ("Q02", spoiled({0: {"weight": ""}})),
        ("Q03", spoiled(weights(20, 15, 10, 10, 10, 15, 10))),
        ("Q04", spoiled({0: {"target_value": "约三百"}})),
        ("Q04", spoiled({0: {"measure_unit": ""}})),
        ("Q04", spoiled({2: {"target_value": ""}})),
        ("Q05", spoiled({1: {"target_value": "100.01"}})),
        ("Q05", spoiled({1: {"target_value": "-1"}})),
        ("Q06", spoiled({0: {"measure_unit": "位"}})),
        ("Q07", spoiled({1: {"level3_name": "培训 技术人员人数"}})),
        ("Q08", spoiled({5: {"level3_name": "技能水平明显提升", "levels": ""}})),
        ("Q08", spoiled(annual_goal="进一步提升全区企业职工的职业技能水平和就业能力。")),
        ("Q09", spoiled({0: {"level3_name": "培训技术人员≥300人"}})),
        ("Q09", spoiled({0: {"level3_name": "培训0.03万人"}})),
        ("Q09", spoiled({1: {"level3_name": "合格率95%以上"}})),
        ("Q10", spoiled({row: {"target_value": "95"} for row in (0, 1, 3, 4, 6)})),
        ("Q11", spoiled({3: {"target_value": "24.01", "measure_unit": "万元"}})),
        ("Q11", spoiled({3: {"target_value": "240001", "measure_unit": "元"}})),
        ("Q12", spoiled({2: {"target_value": "2028-01-01"}})),
        ("Q12", spoiled({2: {"target_value": "年底以前吧"}})),
        ("Q13", spoiled({6: {"target_value": "79.9"}})),
        ("Q13", spoiled({6: {"target_value": "100"}})),
        ("Q14", spoiled(annual_goal="培训300人。")),
        ("Q14", spoiled(annual_goal="为全区企业培训一批技术人员，就业人数比上年多一些。")),
        ("Q15", spoiled(annual_goal="为全区企业培训技术人员310人，帮助他们就业和增收。")),
        ("Q16", spoiled({4: {"level3_name": "学员有效投诉率"}})),
        ("Q16", spoiled({1: {"operator": "le"}})),
        ("Q17", spoiled({0: {"level3_name": "资金到位率"}})),
        ("Q18", spoiled({4: {"level3_name": "开展宣传次数", "measure_unit": "人次"}})),
        ("Q19", spoiled({0: {"prev_actual": "301"}})),
        ("Q19", spoiled({3: {"prev_actual": "799"}})),
        ("Q21", spoiled(project_attribute="new", amount_total="200", amount_fiscal="200", amount_district="190")),
        ("Q22", spoiled(rows=SOUND["indicators"][:6], amount_total="500", amount_fiscal="500", amount_district="490")),
        ("Q23", spoiled(weights(20.5, 15, 10, 4.5, 15, 15, 10))),
        ("Q23", spoiled(weights(19, 19, 11, 1, 15, 15, 10))),
        ("Q24", spoiled({0: {"target_value": "0"}})),
        ("Q25", spoiled({5: {"levels": " "}})),
        ("Q26", spoiled({5: {"evidence_required": ""}})),
        ("Q27", spoiled(amount_total="24.01")),
        ("Q27", spoiled(amount_superior="9.99")),
        ("Q27", spoiled(amount_total="0", amount_fiscal="0", amount_district="0", amount_superior="0")),
        ("Q30", spoiled(amount_total="")),
        ("Q30", spoiled(rows=[], annual_goal="")),
    ],
)
def test_a_rule_fires_for_what_it_looks_for(rule, target):
    assert rule in fired(target)


@pytest.mark.parametrize(
    ("rule", "target"),
    [
        ("Q01", spoiled({3: {"level1_code": "cost"}})),
        ("Q03", spoiled({3: {"level1_code": "cost"}})),
        ("Q03", spoiled(weights(20, 15, 10, 10, 10, 15, 10), weight_exception="项目无产出类指标，经绩效科同意")),
        ("Q05", spoiled({4: {"level3_name": "培训收入同比增长率", "target_value": "130"}})),
        ("Q06", spoiled({5: {"measure_unit": "级"}})),
        ("Q08", spoiled({5: {"level3_name": "技能水平明显提升"}})),
        ("Q08", spoiled({4: {"level3_name": "就业率提升幅度"}})),
        ("Q09", spoiled({0: {"level3_name": "65岁以上老人培训人数"}})),
        ("Q09", spoiled({1: {"level3_name": "PM2.5监测合格率"}})),
        ("Q09", spoiled({1: {"level3_name": "24小时修复率", "target_value": "24"}})),
        ("Q11", spoiled({3: {"target_value": "24", "measure_unit": "万元"}})),
        ("Q11", spoiled({3: {"target_value": "25", "measure_unit": "万元/人"}})),
        ("Q12", spoiled({2: {"target_value": "2027年12月底前"}})),
        ("Q13", spoiled({6: {"target_value": "80"}})),
        ("Q15", spoiled(annual_goal="2027年为65岁以上老人等培训技术人员0.03万人，资金控制在24万元以内。")),
        ("Q16", spoiled({4: {"level3_name": "投诉按期办结率"}})),
        ("Q16", spoiled({0: {"level3_name": "查处安全事故数"}})),
        ("Q19", spoiled({0: {"prev_actual": "300"}})),
        ("Q19", spoiled({0: {"prev_actual": "301"}}, project_attribute="new")),
        ("Q21", spoiled(project_attribute="new", amount_total="199.99")),
        ("Q21", spoiled(project_attribute="new", amount_total="200", ex_ante_conclusion="support")),
        ("Q22", spoiled(rows=SOUND["indicators"][:6], amount_total="499.99")),
        ("Q23", spoiled(weights(20, 18, 10, 2, 15, 15, 10))),
        ("Q27", spoiled(amount_superior="", amount_district="24")),
        ("Q28", spoiled(functional_subject="9999999")),
        ("Q30", spoiled(rows=[], annual_goal="", amount_total="")),
    ],
)
def test_a_rule_keeps_silent_at_its_limit(rule, target):
    assert rule not in fired(target)


@pytest.mark.parametrize("sample", FLAWED, ids=lambda sample: sample["id"])
def test_a_known_flaw_draws_what_is_expected_and_no_other_error(sample):
    content = from_interchange(sample["project"], sample["template"])
    found = check(content, QualityContext(template=sample["template"], measure_units=demo.measure_units()))
    assert set(sample["expect"]) <= {problem.rule for problem in found}
    assert {problem.rule for problem in found if problem.severity == "error"} <= set(sample["expect"])


@pytest.mark.parametrize("template", ["CLASSIC_2020", "COST_2021"])
def test_the_whole_district_has_no_error_and_is_judged_in_three_seconds(template):
    contents = [from_interchange(project, template) for project in demo.projects()]
    others = [
        OtherProject(
            project_code=content["project_code"],
            name=content["project_name"],
            department_code=content["department_code"],
            annual_goal=content["annual_goal"],
            basis=content["basis"],
        )
        for content in contents
    ]
    subjects = {row["code"] for row in demo.rows("functional_subjects")}
    season = QualityContext(
        template=template, measure_units=demo.measure_units(), functional_subjects=subjects, others=others
    )
    started = time.perf_counter()
    found = [problem for content in contents for problem in check(content, season)]
    assert time.perf_counter() - started < 3
    assert [problem for problem in found if problem.severity == "error"] == []
    assert {problem.rule for problem in found} == {"Q15", "Q22"}


def test_without_satisfaction_its_points_move_to_benefit_where_the_season_waives_it():
    target = spoiled(weights(15, 15, 10, 10, 20, 20), rows=None)
    target["indicators"] = target["indicators"][:6]
    assert fired(target) == {"Q01", "Q03"}
    assert fired(target, satisfaction_waived=True) == set()
    assert fired(SOUND, satisfaction_waived=True) == set()


def test_the_template_of_2021_has_cost_of_its_own():
    target = spoiled(weights(15, 15, 10, 20, 10, 10, 10))
    assert fired(target, template="COST_2021") == set()
    assert "Q03" in fired(SOUND, template="COST_2021")
    sources = {problem.source for problem in check(SOUND, context(template="COST_2021"))}
    assert sources == {"Q03 · 财预〔2021〕101号"}


def test_similar_names_and_copied_goals_are_found_among_others():
    other = OtherProject(
        project_code="2", name="职业技能提升培训班", department_code="111", annual_goal=SOUND["annual_goal"] + " "
    )
    far = OtherProject(project_code="3", name="老旧小区改造", department_code="222", annual_goal=SOUND["annual_goal"])
    itself = OtherProject(
        project_code=SOUND["project_code"],
        name=SOUND["project_name"],
        department_code="111",
        annual_goal=SOUND["annual_goal"],
    )
    found = check(SOUND, context(others=[other, far, itself]))
    assert [problem.rule for problem in found] == ["Q20", "Q29"]
    assert "94%" in found[0].message
    assert "职业技能提升培训班" in found[1].message
    assert "老旧小区改造" not in found[1].message


def test_three_years_at_the_same_value_want_a_reason_unless_it_cannot_improve():
    last = spoiled({0: {"prev_target": "300"}, 1: {"prev_target": "100", "target_value": "100"}})
    found = check(spoiled({1: {"target_value": "100"}}), context(previous=last))
    assert [(problem.rule, problem.field) for problem in found] == [("Q19", "indicators[0].target_value")]
    assert fired(SOUND, previous=SOUND) == set()


def test_a_districts_neighbours_are_prepared_once_for_all_targets():
    other = OtherProject(project_code="9", name=SOUND["project_name"], department_code="111", annual_goal="")
    season = context(others=(other,))
    last = spoiled({0: {"prev_target": "300"}})
    own = season.of_year_before(last)
    assert own.resemblance is season.resemblance
    assert (
        {problem.rule for problem in check(SOUND, own)}
        == fired(SOUND, previous=last, others=(other,))
        == {"Q19", "Q20"}
    )
    assert season.of_year_before(None) is season
    assert own.of_year_before(None).previous_target is None


def test_subjects_are_only_checked_against_a_table_that_exists():
    assert fired(SOUND, functional_subjects={"2080799"}) == set()
    assert fired(SOUND, functional_subjects={"2010101"}) == {"Q28"}


def test_a_problem_names_cell_numbers_and_source():
    [found] = check(spoiled({3: {"target_value": "25", "measure_unit": "万元"}}), context())
    assert found.field == "indicators[3].target_value"
    assert found.message == "第4行“人均培训成本”成本25万元大于项目年度资金24万元，请核对成本或预算"
    assert (found.severity, found.rule, found.source) == ("error", "Q11", "Q11 · 绩效目标质量规则")


def test_all_rules_stand_in_order_and_explain_themselves():
    assert list(quality.RULES) == [f"Q{number:02d}" for number in range(1, 31)]
    for code, rule in quality.RULES.items():
        assert rule.find.__doc__.startswith(f"{code}: ")
        assert "Source:" in rule.find.__doc__


@pytest.mark.parametrize(
    "odd",
    [{}, {"indicators": None}, {"indicators": "x"}, {"indicators": [1, None, {}]}, {"amount_total": {"a": 1}},
     {"annual_goal": 5, "start_date": [], "indicators": [{"weight": "NaN", "target_value": "1e999999", "levels": [{}]}]}],
)  # fmt: skip
def test_odd_content_never_breaks_the_check(odd):
    assert isinstance(check(odd, context()), list)


def test_thresholds_are_data_of_the_season():
    rules = quality.with_parameters({"satisfaction_min": "95", "key_project_indicators": 3})
    assert fired(SOUND, rule_set=rules) == {"Q13"}
    assert rules.weight_total == Decimal(90)
    with pytest.raises(ValueError, match="satisfaction_minimum"):
        quality.with_parameters({"satisfaction_minimum": "95"})
    with pytest.raises(ValueError, match="weight_min"):
        quality.with_parameters({"weight_min": "viel"})
    with pytest.raises(ValueError, match="没有指标模板“NEW_2030”"):
        fired(SOUND, template="NEW_2030")

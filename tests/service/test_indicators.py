import pytest

from db.project import IndicatorTemplate
from service import indicators


@pytest.fixture
def library(session):
    rows = [
        ("ZB1", "qual", "质量指标", "培训合格率", 9),
        ("ZB2", "qual", "质量指标", "培训合格率", 4),
        ("ZB3", "qty", "数量指标", "培训人次", 20),
        ("ZB4", "sat", "服务对象满意度指标", "学员满意度", 30),
        ("ZB5", "qty", "数量指标", "100%覆盖村_数", 1),
    ]
    for code, level2, name, level3, used in rows:
        session.add(
            IndicatorTemplate(
                library_code=code,
                scope="kind",
                scope_name="业务保障类",
                level1_name="产出指标",
                level2_code=level2,
                level2_name=name,
                level3_name=level3,
                operator="ge",
                used_by=used,
            )
        )
    session.flush()


def names(found):
    return [entry["level3_name"] for entry in found]


def test_the_most_used_come_first_and_each_name_once(session, library):
    assert names(indicators.suggest(session, q="培训")) == ["培训人次", "培训合格率"]


def test_level_two_narrows_the_choice(session, library):
    assert names(indicators.suggest(session, q="培训", level2="qual")) == ["培训合格率"]


def test_signs_of_patterns_are_plain_text(session, library):
    assert names(indicators.suggest(session, q="%")) == ["100%覆盖村_数"]
    assert names(indicators.suggest(session, q="_")) == ["100%覆盖村_数"]


def test_an_entry_fills_the_columns_of_the_indicator_table(session, library):
    entry = indicators.suggest(session, q="合格率")[0]

    assert (entry["level1_code"], entry["level2_code"], entry["operator"]) == ("output", "qual", "ge")
    assert entry["measure_unit"] == ""

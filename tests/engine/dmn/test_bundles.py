"""The tables of a bundle are checked when it is compiled."""

import pytest

from service.engine import ReleaseError, compile_release
from tests.engine.diagrams import simple
from tests.engine.dmn.models import column, decision, definitions, result, table


def bundle(cell, answer="1"):
    asked = decision("级别", table([column("金额", "number")], [result()], [([cell], [answer])]))
    return {"x.bpmn": simple(), "级别.dmn": definitions(asked)}


def test_a_bundle_with_a_sound_table_is_released():
    assert compile_release(bundle("[1..5]"), "p").warnings == ()


def test_a_bundle_with_an_unsound_table_is_refused_with_file_row_and_column():
    with pytest.raises(ReleaseError) as refused:
        compile_release(bundle("> >"), "p")
    (problem,) = refused.value.problems
    assert problem.message.startswith("决策文件 级别.dmn：“级别”第1行“金额”列写错了")


def test_a_bundle_with_a_file_that_is_no_table_is_refused():
    with pytest.raises(ReleaseError, match="不是 DMN 决策文件"):
        compile_release({**bundle("1"), "x.dmn": b"<x/>"}, "p")


def test_an_empty_result_is_a_warning_kept_in_the_release():
    (warning,) = compile_release(bundle("1", answer=""), "p").warnings
    assert "该行相符时没有结果" in warning.message

"""What do sentences call an element that has no name? Where it stands, so that a reader finds it."""

import pytest
from lxml import etree

from service import release_diff
from service.engine.element_titles import label, title, titles
from tests.engine.diagrams import END, START, flows, process, user_task
from tests.engine.models import choice, parallel

TEXT = process(
    START + user_task("a") + choice("g") + user_task("b") + user_task("c") + choice("m") + parallel("f", "j")
    + user_task("d") + user_task("x") + END
    + flows(("s", "a"), ("a", "g"), ("g", "b", "a.outcome == 'approve'"), ("g", "c", None, "g_else"), ("b", "m"), ("c", "m"),
            ("m", "f"), ("f", "d"), ("f", "x"), ("d", "j"), ("x", "j"), ("j", "e"))
)  # fmt: skip


def element(node_id):
    return next(one for one in etree.fromstring(TEXT).iter() if one.get("id") == node_id)


@pytest.mark.parametrize(
    ("node_id", "words"),
    [
        ("a", "“办理a”"),
        ("s", "开始"),
        ("g", "“办理a”之后的判断"),
        ("m", "“办理b”、“办理c”之后的汇合"),
        ("f", "“办理b”、“办理c”之后的并行分支"),
        ("j", "“办理d”、“办理x”之后的并行汇合"),
        ("e", "“办理d”、“办理x”之后的结束"),
        ("a_g", "从“办理a”到“办理a”之后的判断的连线"),
    ],
)
def test_an_element_is_called_by_what_comes_before_it(node_id, words):
    assert title(element(node_id)) == words
    assert label(element(node_id)) == f"{words}（{node_id}）"
    assert node_id.endswith("_g") or titles([etree.fromstring(TEXT)])[node_id] == words


def test_where_nothing_around_has_a_name_the_id_is_left():
    alone = etree.fromstring(process('<bpmn:exclusiveGateway id="g1"/>'))
    assert label(next(one for one in alone.iter() if one.get("id") == "g1")) == "“g1”"


def test_events_that_sit_on_each_other_are_no_endless_name():
    held = '<bpmn:boundaryEvent id="p1" attachedToRef="q1"/><bpmn:boundaryEvent id="q1" attachedToRef="p1"/>'
    assert titles([etree.fromstring(process(held))]) == {"p1": "“p1”", "q1": "“q1”"}


def test_a_comparison_names_a_new_gateway_by_its_place():
    before = process(START + user_task("a") + user_task("b") + END + flows(("s", "a"), ("a", "b"), ("b", "e")))
    after = process(
        START + user_task("a") + choice("Gateway_0x1") + user_task("b") + END
        + flows(("s", "a"), ("a", "Gateway_0x1"), ("Gateway_0x1", "b", "a.outcome == 'approve'"),
                ("Gateway_0x1", "e", None, "Gateway_0x1_else"), ("b", "e"))
    )  # fmt: skip
    sentences = [change.sentence for change in release_diff.compare(before, after)]
    assert sentences
    assert not any("Gateway" in sentence for sentence in sentences), sentences
    assert "新增“办理a”之后的判断" in sentences

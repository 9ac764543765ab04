"""What real modellers write is answered with everything that is wrong or lost, in time; nothing runs, nothing vanishes."""

import time

import pytest

from service.draft_check import import_diagram
from service.engine.xml_reader import parse_xml
from service.release_check import check_texts
from tests.engine.modelers import MODELERS


@pytest.fixture(scope="module")
def checks():
    files = [(f"{name}.bpmn", text.encode()) for name, (text, _) in MODELERS.items()]
    began = time.perf_counter()
    found = check_texts(files)
    assert time.perf_counter() - began < 5 * len(files)
    return dict(zip(MODELERS, found, strict=True))


@pytest.mark.parametrize("name", MODELERS)
def test_everything_of_a_modelers_file_is_named(name, checks):
    _, said = MODELERS[name]
    check = checks[name]
    assert check.status == "problems"
    assert {"check.failed", "check.unfinished"}.isdisjoint(problem["code"] for problem in check.problems)
    text = "\n".join(problem["message"] for problem in check.problems)
    assert [one for one in said if one not in text] == [], text
    assert all(problem["remedy"] for problem in check.problems)


@pytest.mark.parametrize("name", MODELERS)
def test_it_can_be_opened_without_what_is_foreign(name):
    text, _ = MODELERS[name]
    kept, problems = import_diagram(f"{name}.bpmn", text.encode())
    own = {element.tag for element in parse_xml(kept).iter()}
    spaces = ("camunda", "zeebe", "signavio", "bizagi", "flowable", "activiti", "drools", "trisotech", "spiffworkflow")
    assert not [tag for tag in own if any(space in tag for space in spaces)]
    assert any(problem["code"] == "xml.foreign" for problem in problems) or name == "bpmn.io"

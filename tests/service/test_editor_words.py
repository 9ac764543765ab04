"""Does the property panel offer exactly what the engine reads, each attribute with its Chinese words?"""

import re
from pathlib import Path

import forms
from forms.definition import SHIPPED
from service.editor_words import editor_words
from service.engine.namespace import ORGANISATION_RULES, attributes
from service.engine.release import VERBS
from service.lights import TABLES
from service.rules.roles import ROLES

CHINESE = re.compile("[\u4e00-\u9fff]")


FORMS = {code: forms.load(code) for code in SHIPPED}
LIGHTS = Path("workflows", TABLES).read_text("utf-8")


def words():
    return editor_words(FORMS, {code: form.title for code, form in FORMS.items()}, {TABLES: LIGHTS, "x.dmn": "<broken"})


def fields(element):
    return [
        field for group in words()["elements"][f"bpmn:{element[0].upper()}{element[1:]}"] for field in group["fields"]
    ]


def test_every_attribute_of_the_descriptor_has_a_field_with_words():
    for element, names in attributes().items():
        shown = {field["name"].removeprefix("jh:"): field for field in fields(element)}
        assert shown.keys() == names
        assert [name for name, field in shown.items() if not CHINESE.search(field["label"])] == []


def test_choices_are_what_the_engine_knows_and_each_reads_as_chinese():
    step = {field["name"]: field for field in fields("userTask")}
    assert {code for code, _ in step["jh:organisation"]["options"]} == ORGANISATION_RULES
    assert {code for code, _ in step["jh:role"]["options"]} == {
        code for code, role in ROLES.items() if role.business or code == "SYS_ADMIN"
    }
    texts = [text for field in step.values() for _, text in field["options"]]
    assert [text for text in texts if not CHINESE.search(text)] == []


def test_a_choice_without_options_would_be_useless():
    for groups in words()["elements"].values():
        for group in groups:
            for field in group["fields"]:
                assert bool(field["options"]) == (field["kind"] in ("choice", "list", "targets")), field["name"]


def test_every_verb_of_the_engine_can_be_offered():
    assert [verb for verb, _ in words()["verbs"]] == list(VERBS)


def test_amounts_are_offered_as_numbers():
    facts = dict(words()["facts"]["project_target"])
    assert facts["number({step}.amount_total)"] == "年度资金总额"
    assert "{step}.is_key_project" in facts


def test_the_tables_of_a_draft_are_offered_with_what_they_want_and_give():
    found = words()["tables"]
    light = found[f"{TABLES}#overdue_disposal"]
    assert [(one["name"], one["number"]) for one in light["inputs"]] == [
        ("light", False), ("disposal", False), ("working_days", True),
    ]  # fmt: skip
    assert len(light["results"]) == 1
    assert CHINESE.search(light["title"])
    assert not any(key.startswith("x.dmn") for key in found), "a table that cannot be read offers nothing"

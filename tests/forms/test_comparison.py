from forms import accept, changes, load
from tests.forms.samples import CONTEXT, declaration

TARGET = load("project_target")


def content(raw=None):
    return accept(TARGET, raw or declaration(), node="draft", context=CONTEXT)[0]


def test_equal_contents_have_no_changes_even_if_numbers_are_written_differently():
    old = content()
    assert changes(TARGET, old, content()) == []
    assert changes(TARGET, old, {**old, "amount_total": "38.5"}) == []


def test_a_change_names_its_field_in_words_and_says_whether_it_is_material():
    old = content()
    found = changes(TARGET, old, {**old, "project_attribute": "new", "owner_name": "李明"})
    assert [change.to_json() for change in found] == [
        {"path": "owner_name", "label": "项目负责人", "old": "王晓燕", "new": "李明", "material": False},
        {"path": "project_attribute", "label": "项目属性", "old": "延续项目", "new": "新增项目", "material": True},
    ]


def test_rows_are_matched_by_their_hidden_name_so_moving_is_no_change_and_renaming_is_one():
    old = content()
    rows = [dict(row) for row in old["indicators"]]
    assert changes(TARGET, old, {**old, "indicators": rows[::-1]}) == []
    rows[1]["level3_name"] = "结业考核合格率"
    (change,) = changes(TARGET, old, {**old, "indicators": rows})
    assert (change.path, change.old, change.new) == ("indicators[1].level3_name", "培训合格率", "结业考核合格率")
    assert change.label == "绩效指标“结业考核合格率”的三级指标"
    assert change.material


def test_rows_without_hidden_names_are_matched_by_their_names():
    old = content()
    rows = [{name: value for name, value in row.items() if name != "row_id"} for row in old["indicators"]]
    rows[3]["target_value"] = "65"
    (change,) = changes(TARGET, old, {**old, "indicators": rows})
    assert (change.label, change.old, change.new) == ("绩效指标“就业率”的指标值", "60", "65")


def test_added_and_deleted_rows_are_told_whole():
    old = content()
    rows = old["indicators"]
    new = {**old, "indicators": [*rows[1:], {**rows[0], "row_id": "r9", "level3_name": "培训期数"}]}
    added, gone = changes(TARGET, old, new)
    assert (added.path, added.old) == ("indicators[4]", "")
    assert "培训期数" in added.new
    assert (gone.path, gone.new) == ("indicators[0]", "（本行已删除）")
    assert "培训人次" in gone.old

import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lxml import html

import service
from forms import accept, load, parse, view
from tests.forms.samples import CONTEXT, declaration

TARGET, REVIEW = load("project_target"), load("target_review")
FOLDER = Path(service.__file__).parent / "web" / "templates"


@pytest.fixture(scope="module")
def macros():
    loader = FileSystemLoader(FOLDER)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("form/_form.html").module


@pytest.fixture
def shown(macros):
    def render(content, definition=TARGET, mode="edit", **options):
        options = {"node": "draft", "context": CONTEXT, **options}
        page = getattr(macros, mode)(view(definition, content, mode=mode, **options))
        return html.fromstring(str(page))

    return render


def text(element):
    return " ".join(element.text_content().split())


def test_every_control_of_the_form_has_a_label(shown):
    page = shown(declaration())
    labelled = {label.get("for") for label in page.iter("label")}
    controls = [item for item in page.xpath("//input|//select|//textarea") if item.get("type") != "hidden"]
    assert len(controls) > 80
    assert [
        item.get("name") for item in controls if item.get("id") not in labelled and not item.get("aria-label")
    ] == []


def test_every_question_can_be_answered_somewhere_on_the_page(shown):
    names = {item.get("name") for item in shown(declaration()).xpath("//input|//select|//textarea")}
    wanted = {field.id for field in TARGET.questions if field.fillable and field.type not in ("table", "files")}
    assert wanted <= names
    columns = [column.id for column in TARGET.field("indicators").columns if column.fillable]
    assert {f"indicators-4-{name}" for name in columns} <= names


def test_what_the_page_sends_back_is_what_was_shown(shown):
    from forms import unflatten

    content, _ = accept(TARGET, declaration(), node="draft", context=CONTEXT)
    form = html.fromstring(f"<form>{html.tostring(shown(content), encoding='unicode')}</form>")
    for pattern in form.xpath("//template"):
        pattern.getparent().remove(pattern)
    again, problems = accept(
        TARGET, unflatten(TARGET, form.form_values()), node="draft", context=CONTEXT, current=content
    )
    assert (again, problems) == (content, [])


def test_a_problem_stands_at_its_cell_with_its_source_and_what_was_typed(shown):
    raw = declaration()
    raw["indicators"][2]["weight"] = "很多"
    _, problems = accept(TARGET, raw, node="draft", context=CONTEXT)
    page = shown(raw, problems=problems)
    (control,) = page.xpath("//input[@name='indicators-2-weight']")
    assert control.get("value") == "很多"
    assert control.get("aria-invalid") == "true"
    (message,) = page.xpath(f"//*[@id='{control.get('aria-describedby').split()[0]}']")
    assert "第3行“权重”不是数字" in text(message)
    assert "财预〔2015〕88号" in text(message)
    assert len(page.xpath("//*[@role='alert']")) == 1


def test_a_problem_of_no_shown_cell_stands_above_the_form(shown):
    _, problems = accept(TARGET, declaration(wrong="1"), node="draft", context=CONTEXT)
    (message,) = shown(declaration(), problems=problems).xpath("//ul[@class='form-errors']/li")
    assert "“wrong”" in text(message)


@pytest.mark.parametrize("mode", ["edit", "read", "print"])
def test_what_people_write_is_never_taken_for_markup(shown, mode):
    page = shown(
        declaration(project_name="<script>alert(1)</script>", annual_goal="</textarea><b>x"),
        mode=mode,
    )
    assert page.xpath("//script|//b") == []
    assert "<script>alert(1)</script>" in (page.text_content() + str(page.xpath("//@value")))


@pytest.mark.parametrize("mode", ["edit", "read", "print"])
def test_no_inline_script_or_style_breaks_the_content_policy(shown, mode):
    page = shown(declaration(), mode=mode)
    assert page.xpath("//script|//style|//@style") == []
    assert [name for element in page.iter() for name in element.attrib if name.startswith("on")] == []


def test_a_reader_gets_plain_words_and_no_controls(shown):
    page = shown(declaration(), mode="read")
    assert page.xpath("//input|//select|//textarea|//button") == []
    assert "延续项目" in text(page)
    assert "ongoing" not in text(page)


def test_the_printed_table_joins_equal_first_levels_and_is_signed(shown):
    page = shown(declaration(), mode="print", context={**CONTEXT, "drafter": "王晓燕"})
    (cell,) = [cell for cell in page.xpath("//td[@rowspan='2']") if text(cell) == "产出指标"]
    assert cell.get("data-column") == "level1_code"
    assert [text(cell) for cell in page.xpath("//th[@rowspan]")] == ["项目资金（万元）", "总体目标"]
    assert text(page.xpath("//*[@data-sum='weight']")[0]) == "90"
    assert "单位负责人（签章）：" in text(page)
    assert "F01" in text(page)


@pytest.mark.parametrize("definition", [TARGET, REVIEW])
@pytest.mark.parametrize("mode", ["edit", "read", "print"])
def test_every_row_of_a_table_is_equally_wide(shown, definition, mode):
    content = declaration() if definition is TARGET else {}
    for table in shown(content, definition, mode, node="draft" if definition is TARGET else "fund_review").iter(
        "table"
    ):
        widths: list[int] = []
        open_cells: dict[int, int] = {}
        for number, row in enumerate(table.iter("tr")):
            width = sum(1 for end in open_cells.values() if end > number)
            for cell in row.xpath("./th|./td"):
                span = int(cell.get("colspan", 1))
                width += span
                for _ in range(span):
                    open_cells[len(open_cells)] = number + int(cell.get("rowspan", 1))
            open_cells = dict(enumerate(end for end in open_cells.values() if end > number + 1))
            widths.append(width)
        assert len(set(widths)) == 1, widths


def test_last_years_value_stands_beside_this_years_where_it_differs(shown):
    previous = declaration(amount_total="36")
    previous["indicators"][0] |= {"target_value": "280", "row_id": "r9"}
    previous["indicators"].reverse()
    page = shown(declaration(), previous=previous)
    assert text(page.xpath("//*[@data-field='amount_total']")[0]) == "上年：36.00"
    assert "上年：280" in text(page.xpath("//*[@data-row='0']/*[@data-column='target_value']")[0])
    assert len(page.xpath("//*[@class='previous-year']")) == 2


def test_rows_can_be_added_removed_and_moved_by_an_island_and_one_is_there_without(shown):
    page = shown({})
    (host,) = page.xpath("//*[@data-rows='indicators']")
    assert len(host.xpath(".//tbody/tr[@data-row='0']")) == 1
    assert host.xpath(".//template//input/@name")[0].startswith("indicators-__i__-")
    assert {"add", "remove", "up", "down"} <= set(host.xpath(".//@data-act"))


def test_a_review_shows_marks_for_key_projects_and_ratings_for_others(shown):
    plain = shown({}, REVIEW, node="fund_review", context={})
    assert len(plain.xpath("//select[contains(@name, '-rating')]")) == 8
    assert plain.xpath("//input[contains(@name, '-score')]") == []
    scored = shown({}, REVIEW, node="fund_review", context={"is_key_project": True})
    assert len(scored.xpath("//input[contains(@name, '-score')]")) == 8
    assert scored.xpath("//input[@name='items-2-code']/@value") == ["C3"]
    assert "目标相关性" in text(scored)


def test_the_wanted_return_steps_are_offered(shown):
    page = shown({}, REVIEW, node="fund_review", context={"return_targets": [["draft", "填报"]]})
    assert [text(option) for option in page.xpath("//select[@name='return_to']/option")] == ["请选择", "填报"]


def test_hidden_fields_do_not_appear(shown):
    raw = {**TARGET.raw, "permissions": {"draft": {"*": "edit", "owner_phone": "hidden"}}}
    page = shown(declaration(), parse(raw))
    assert "0531-75870000" not in html.tostring(page, encoding="unicode")


def test_english_labels_stand_in_for_chinese_ones(shown):
    page = shown(declaration(), mode="read", english=True)
    assert "Goal of the year" in text(page)
    headings = " ".join(text(cell) for cell in page.xpath("//th|//label|//caption|//h2"))
    assert re.findall(r"[\u4e00-\u9fff]+", headings.replace("万元", "").replace("分", "").replace("月", "")) == []


def test_amounts_are_read_with_two_decimals_and_thousands():
    content = {**declaration(), "amount_total": "12038.5"}
    laid = view(load("project_target"), content, mode="read")
    texts = {cell.name: cell.text for block in laid.blocks for row in block.grid for cell in row if cell.name}

    assert texts["amount_total"] == "12,038.50"


def test_a_reader_is_spared_columns_nobody_filled_in_but_paper_keeps_them():
    content = declaration()
    headings = {}
    for mode in ("read", "print"):
        laid = view(load("project_target"), content, mode=mode, spare_empty=mode == "read")
        table = next(block for block in laid.blocks if block.name == "indicators")
        headings[mode] = [cell.column for cell in table.headings]

    assert "weight" in headings["read"]
    assert "levels" not in headings["read"]
    assert set(headings["print"]) - set(headings["read"])


def test_a_row_the_reader_may_not_see_is_left_out_and_headings_beside_it_shorten():
    raw = {
        "code": "sample", "official_code": "X1", "version": 1, "title": "样表", "source": "示例",
        "fields": [{"id": name, "type": "text", "label": name} for name in ("one", "two")],
        "permissions": {"check": {"*": "edit"}, "*": {"*": "read", "two": "hidden"}},
        "layout": [{"rows": [
            [{"text": "组", "rows": 2}, {"label_of": "one"}, {"field": "one"}],
            [{"label_of": "two"}, {"field": "two"}],
        ]}],
    }  # fmt: skip
    definition = parse(raw)
    seen, hidden = (view(definition, {}, mode="edit", node=node).blocks[0].grid for node in ("check", "draft"))
    assert [len(row) for row in seen] == [3, 2]
    assert [[cell.text for cell in row] for row in hidden] == [["组", "one", ""]]
    assert hidden[0][0].rows == 1

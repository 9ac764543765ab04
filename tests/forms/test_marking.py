"""Does a reader see at each place what stood there before?"""

import forms
from tests.forms import samples


def compared(**changed):
    definition = forms.load("project_target")
    old, _ = forms.accept(definition, samples.declaration(), node="draft", context=samples.CONTEXT)
    new = {**old, **changed}
    view = forms.view(definition, new, mode="read", node="department_review", context=samples.CONTEXT)
    return forms.marked(view, forms.changes(definition, old, new)), old


def cells(view):
    grid = {cell.name: cell for block in view.blocks for row in block.grid for cell in row if cell.kind != "heading"}
    rows = {
        (block.name, row.index, cell.column): cell for block in view.blocks for row in block.rows for cell in row.cells
    }
    return grid | rows


def test_a_changed_field_carries_what_stood_there():
    view, old = compared(annual_goal="另一个目标")
    marked = {name: cell.was for name, cell in cells(view).items() if cell.changed}
    assert marked == {"annual_goal": old["annual_goal"]}


def test_a_changed_cell_of_a_row_is_marked_and_a_new_row_says_so():
    old = forms.accept(forms.load("project_target"), samples.declaration(), node="draft", context=samples.CONTEXT)[0][
        "indicators"
    ]
    first = {**old[0], "target_value": "77"}
    added = {**old[1], "row_id": "r-new", "name": "新增的指标"}
    view, _ = compared(indicators=[first, *old[1:], added])
    changed = [name for name, cell in cells(view).items() if cell.changed]
    assert ("indicators", "0", "target_value") in changed
    fresh = [row.index for block in view.blocks for row in block.rows if row.fresh]
    assert fresh == [str(len(old))]


def test_an_unchanged_form_stays_as_it_is():
    view, _ = compared()
    assert not any(cell.changed for cell in cells(view).values())

"""Does `jiheng demo-workbook` make the workbook of the whole demo district?"""

from click.testing import CliRunner

from service.cli import main
from tests.workbooks.books import district, read


def run(*arguments):
    return CliRunner().invoke(main, ["demo-workbook", *map(str, arguments)])


def test_the_workbook_holds_all_projects_of_the_district(tmp_path):
    done = run(tmp_path / "district.xlsx", "--template", "COST_2021")
    assert done.exit_code == 0, done.output
    assert "477" in done.output
    rows = read((tmp_path / "district.xlsx").read_bytes(), "COST_2021").rows
    assert [row.content for row in rows] == district("COST_2021")


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    done = run(tmp_path / "nowhere" / "district.xlsx")
    assert done.exit_code == 1
    assert "无法写入" in done.output

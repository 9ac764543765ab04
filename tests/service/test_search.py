"""Is a project found by what people type, and only then?"""

import pytest
from sqlalchemy import select

from db.case import CaseFile
from db.event import SearchText
from db.project import Project
from service import search
from tests import factories


def test_a_text_is_cut_into_characters_and_their_pairs():
    assert search.bigrams("培训费") == {"培", "训", "费", "培训", "训费"}


def test_width_and_case_do_not_matter_and_signs_part_words():
    assert search.bigrams("Ａ1〔２0〕") == search.bigrams("a1 20")  # noqa: RUF001 - full width is the point
    assert "12" not in search.bigrams("a1 20")


@pytest.fixture
def library(session):
    """Three cases by title."""
    unit = factories.create_unit(session)
    campaign = factories.create_campaign(session, units=[unit])
    made = {}
    for number, title in enumerate(("农村最低生活保障金", "职业技能培训", "技能人才职业规划"), 1):
        project = factories.create_project(
            session, campaign=campaign, unit=unit, name=title, project_code=f"370117202720100100{number}"
        )
        case = factories.create_case(session, project=project, campaign=campaign, number=f"绩目〔2027〕{number:04d}")
        search.index(session, project.id, [title, project.project_code, case.number, None])
        made[title] = case
    return session


def found(session, q: str) -> set[str]:
    return set(session.scalars(select(CaseFile.title).where(search.condition(q))))


@pytest.mark.parametrize(
    "q, expected",
    [
        ("技能培训", {"职业技能培训"}),
        ("职业 技能", {"职业技能培训", "技能人才职业规划"}),
        ("培训职业", set()),
        ("保", {"农村最低生活保障金"}),
        ("低保", {"农村最低生活保障金"}),
        ("农村低保", {"农村最低生活保障金"}),
        ("城市低保", set()),
        ("〔2027〕0002", {"职业技能培训"}),
        ("0003", {"技能人才职业规划"}),
        ("3701172027201001001", {"农村最低生活保障金"}),
        ("1001001", {"农村最低生活保障金"}),
        ("2010017", set()),
        ("'; drop table project; --", set()),
        ("！？", {"农村最低生活保障金", "职业技能培训", "技能人才职业规划"}),
    ],
)
def test_words_numbers_and_codes_find_their_cases(library, q, expected):
    assert found(library, q) == expected


def test_a_full_name_finds_what_was_named_short(library):
    project = library.scalars(select(Project).where(Project.name == "职业技能培训")).one()
    search.index(library, project.id, ["低保户技能培训"])

    assert found(library, "最低生活保障户") == {"职业技能培训"}


def test_indexing_again_forgets_the_old_name(library):
    project = library.scalars(select(Project).where(Project.name == "职业技能培训")).one()
    search.index(library, project.id, ["道路养护"])

    assert found(library, "技能培训") == set()
    assert found(library, "道路") == {"职业技能培训"}


def test_projects_are_found_as_their_cases_are(library):
    statement = select(Project.name).where(search.projects("低保 1001001"))

    assert library.scalars(statement).all() == ["农村最低生活保障金"]


def test_an_index_can_answer_the_search(library):
    connection = library.connection()
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # a handful of rows is read faster than any index
    statement = select(SearchText.project_id).where(SearchText.bigrams.contains(["培训"]))
    words = str(statement.compile(library.get_bind(), compile_kwargs={"literal_binds": True}))

    assert "ix_search_text_bigrams" in "\n".join(connection.exec_driver_sql(f"EXPLAIN {words}").scalars())

"""Does every declaration of the demo district take a way the process allows, to the place it was meant for?"""

from collections import Counter

import pytest

from service.demo import courses, year
from service.demo.courses import LIBRARY, STANDS

NEXT = 2027


@pytest.fixture(scope="module")
def fates() -> dict[str, str | None]:
    return courses.fates(year.next_year(NEXT))


def test_most_declarations_are_in_the_library_and_others_stand_everywhere(fates: dict[str, str | None]):
    stands = Counter(fates.values())
    assert stands[LIBRARY] > len(fates) * 0.6
    assert all(stands[stand] for stand in STANDS)
    assert stands["rejected"] == 1
    assert stands[None] > 0


def test_the_project_without_a_conclusion_waits_with_its_assessment(fates: dict[str, str | None]):
    assert fates["N10"] == "assessing"


def test_a_few_units_alone_also_stand_everywhere():
    some = [one for one in year.next_year(NEXT) if one.unit in ("401001", "402001", "604001", "109001")]
    assert set(STANDS) - {"arbitration"} <= set(courses.fates(some).values())


@pytest.mark.parametrize("stand", [*STANDS, LIBRARY])
def test_a_course_begins_with_the_draft_and_ends_where_it_should(stand: str):
    wanted = courses.goes_to_leader if stand == "arbitration" else lambda project: True
    for project in filter(wanted, year.next_year(NEXT)[:120]):
        moves = courses.course(project, stand, NEXT)
        assert moves[0].node == "start"
        assert all(move.pause >= 0 for move in moves)
        last = moves[-1]
        expected = {"returned": "return", "consulting": "consult", "rejected": "reject"}
        if stand in expected:
            assert last.verb == expected[stand]
        if stand == LIBRARY:
            assert last.verb == "approve"


def test_a_course_is_the_same_everywhere():
    project = year.next_year(NEXT)[7]
    assert courses.course(project, LIBRARY, NEXT) == courses.course(project, LIBRARY, NEXT)

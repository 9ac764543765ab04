"""Do views keep a list, reach the section, and mark lines without ever deciding?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from db.participation import CaseCopy
from db.project import Project
from service import inbox, inbox_columns, inbox_criteria, inbox_sheet, notices, saved_views
from service.errors import NotAllowed, NotFound, Problems
from service.notices import News
from service.people import Principal
from tests import factories
from tests.service.small_district import AT, YESTERDAY, District, small_district


@pytest.fixture
def district(session) -> District:
    return small_district(session)


def view(district: District, who: str = "one", **values) -> str:
    actor = factories.actor_of(district.session, district.people[who], at=AT)
    stated = {"name": "大额", "colour": "red", "tab": "todo", "words": {"amount_from": ["200"]}, "sort": "-amount"}
    return saved_views.keep(district.session, actor=actor, at=AT, **{**stated, **values})


def visible(district: District, who: str = "one") -> list[saved_views.View]:
    return saved_views.visible(district.session, factories.actor_of(district.session, district.people[who], at=AT))


def test_a_view_keeps_conditions_order_and_columns_and_is_replaced_by_its_name(district):
    columns = inbox_columns.read([{"code": "title"}, {"code": "due", "width": 90}])
    view(district, words={"amount_from": ["200"], "stage": ["dept_review"], "drop table": ["x"]}, columns=columns)
    view(district, colour="blue", columns=columns, words={"amount_from": ["200"], "round": ["many"]})
    (kept,) = visible(district)

    assert (kept.colour, kept.sort, kept.words, kept.columns) == ("blue", "-amount", {"amount_from": ["200"]}, columns)
    assert kept.criteria.wanted.amount_from == Decimal(200)


def test_only_a_chief_shares_a_view_and_only_with_the_own_body(district):
    with pytest.raises(NotAllowed, match="负责人"):
        view(district, share=True)
    department = district.session.get_one(type(district.unit), district.unit.parent_id)
    factories.create_post(
        district.session, role="DEPT_LEADER", organisation=department, person=district.people["other"]
    )
    view(district, "other", share=True)

    assert [(one.name, one.own, one.shared_with) for one in visible(district)] == [("大额", False, "区人社局")]
    assert visible(district, "clerk") == []
    actor = factories.actor_of(district.session, district.people["one"], at=AT)
    with pytest.raises(NotFound):
        saved_views.remove(district.session, visible(district)[0].id, actor=actor)


@pytest.mark.parametrize("values", [{"name": " "}, {"colour": "pink"}, {"tab": "all"}, {"name": "长" * 31}])
def test_what_cannot_be_a_view_is_named(district, values):
    with pytest.raises(Problems):
        view(district, **values)


def test_a_view_marks_and_announces_the_lines_it_holds(district):
    big, small = district.case(amount=Decimal(300)), district.case(amount=Decimal(10))
    for case in (big, small):
        factories.create_waiting(district.session, case=case)
    view_id = view(district, marks=("star", "notify"))
    actor = factories.actor_of(district.session, district.people["one"], at=AT)
    marked = saved_views.marks(district.session, visible(district), [big.id, small.id], actor=actor, at=AT)
    assert {case_id: [one.id for one in views] for case_id, views in marked.items()} == {big.id: [view_id]}

    told = [
        News(kind="task", key=f"k{case.id}", people=[actor.person_id, district.people["two"].id], case_id=case.id)
        for case in (big, small)
    ]
    notices.tell(district.session, saved_views.news(district.session, told, at=AT), at=AT)
    row = notices.page(district.session, actor.person_id).rows
    assert [(one.kind, one.case_id, one.facts["what"]) for one in row] == [("rule", big.id, "符合“大额”")]


@pytest.mark.parametrize(
    "words, expected",
    [
        ({"round": ["2"]}, "b"),
        ({"category": ["特定"]}, "a"),
        ({"year": ["2027"]}, "ab"),
        ({"year": ["2026"]}, ""),
        ({"from": ["lead"]}, "b"),
        ({"arrived": ["today"]}, "b"),
        ({"arrived": ["earlier"]}, ""),
        ({"arrived": ["week"]}, "ab"),
        ({"role": ["transferred"]}, "a"),
        ({"due": ["none"]}, "ab"),
        ({"attachments": ["1"]}, ""),
        ({"round": ["2"], "role": ["transferred"]}, ""),
    ],
)
def test_every_word_of_the_language_filters(district, words, expected):
    first, second = district.case(title="a"), district.case(title="b", round=2)
    district.session.get_one(Project, first.project_id).category = "特定目标类"
    one = district.people["one"]
    visit = factories.create_visit(district.session, case=first)
    factories.create_seat(district.session, visit=visit, person=one, origin="transfer")
    factories.create_decided(district.session, case=second, person=district.people["leader"])
    factories.create_waiting(district.session, case=second, person=one, opened_at=AT - timedelta(minutes=5))
    asked, ignored = inbox_criteria.read(words)
    actor = factories.actor_of(district.session, one, at=AT)
    found = inbox.listed(district.session, asked, actor=actor, at=AT, tab="todo", sort="title")

    assert ignored == ()
    assert "".join(row.title for row in found.rows) == expected
    assert found.total == len(expected)


def test_words_that_say_nothing_are_named():
    asked, ignored = inbox_criteria.read({"round": ["x"], "due": ["1=1"], "amount_from": ["NaN"], "other": ["y"]})

    assert asked.everything
    assert ignored == ("amount_from", "due", "round")


def test_a_list_is_sorted_by_several_keys(district):
    for title, amount in (("b", 2), ("a", 2), ("c", 1)):
        factories.create_waiting(district.session, case=district.case(title=title, amount=Decimal(amount)))

    assert [row.title for row in district.page("one", sort="-amount,title").rows] == ["a", "b", "c"]
    assert [row.title for row in district.page("one", sort="amount,-title", size=2).rows] == ["c", "b"]
    assert inbox_criteria.order("amount,-amount") == inbox_criteria.order("x") == "due"


def test_columns_are_kept_in_order_with_their_widths(district):
    one = district.people["one"].id
    assert [column.code for column in inbox_columns.of(district.session, one)] == list(inbox_columns.USUAL)
    inbox_columns.choose(district.session, one, ["due", "x", "title", "amount"], {"due": 9, "amount": 120}, at=AT)

    kept = inbox_columns.of(district.session, one)
    assert [(column.code, column.width) for column in kept] == [("title", None), ("due", 48), ("amount", 120)]


def test_the_list_can_be_taken_away_as_it_is_seen(district):
    case = district.case(title="=1+1", amount=Decimal("38.5"))
    factories.create_waiting(district.session, case=case, person=district.people["one"], opened_at=YESTERDAY)
    actor = factories.actor_of(district.session, district.people["one"], at=AT)
    columns = inbox_columns.read([{"code": "amount"}, {"code": "role"}])
    _, content = inbox_sheet.export(
        district.session, inbox_criteria.Criteria(), actor=actor, at=AT, tab="todo", sort="due", columns=columns
    )
    sheet = load_workbook(BytesIO(content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]

    assert rows == [["编号", "项目", "金额（万元）", "我的角色"], [case.number, "'=1+1", 38.5, "经办"]]
    assert sheet["B3"].data_type == "s"


def test_what_others_asked_of_me_and_sent_me_has_tabs_of_its_own(district):
    one, two = district.people["one"], district.people["two"]
    asked, left = district.case(title="asked"), district.case(title="left", amount=Decimal(5))
    visit = factories.create_visit(district.session, case=asked)
    factories.create_seat(district.session, visit=visit, person=one, origin="advice")
    factories.create_waiting(district.session, case=left, person=two)
    factories.create_waiting(district.session, case=district.case(title="dear", amount=Decimal(500)), person=two)
    for number in (1, 2):
        copy = {"case_id": left.id, "visit_id": visit.id, "person_id": one.id, "round": number}
        district.session.add(CaseCopy(**copy, sent_by=two.id, sent_at=datetime(2026, 11, 20 + number, tzinfo=UTC)))
    district.session.flush()

    limit = Decimal(100)
    posts = factories.actor_of(district.session, two, at=AT).posts
    principal = Principal(two.id, two.name, posts, greatest_amount=limit)
    actor = replace(factories.actor_of(district.session, one, at=AT), principals=(principal,))

    def titles(tab: str) -> list[str]:
        return sorted(row.title for row in inbox.page(district.session, actor=actor, at=AT, tab=tab).rows)

    assert (titles("entrusted"), titles("copies")) == (["asked", "left"], ["left"])
    counts = inbox.counts(district.session, actor=actor, at=AT)
    assert (counts["entrusted"], counts["copies"], counts["unread_copies"]) == (2, 1, 1)

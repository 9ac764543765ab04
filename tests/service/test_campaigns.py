"""Do seasons open and close when they should, for whom they should, and only with terms that make sense?"""

from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import select

from db.campaign import Campaign
from db.connection import make_sessions
from db.event import SecurityEvent
from service import campaign_scope, campaigns
from service.errors import NotAllowed, NotFound, Problems
from service.people import actor
from tests.factories import (
    create_campaign,
    create_organisation,
    create_post,
    create_project,
    create_release,
    create_unit,
)

NOW = datetime(2026, 8, 10, 2, tzinfo=UTC)
FIRST, LAST = date(2026, 8, 20), date(2026, 9, 30)


def holder(session, role, organisation):
    return actor(session, create_post(session, role=role, organisation=organisation).person_id, at=NOW)


@pytest.fixture
def officer(session):
    return holder(session, "PERF_OFFICER", create_organisation(session, kind="performance_section"))


@pytest.fixture
def unit(session):
    return create_unit(session, code="101001", name="区委办公室")


@pytest.fixture
def release(session):
    return create_release(session)


def terms(*units, **changed):
    return {
        "title": "2027年度项目绩效目标申报",
        "fiscal_year": "2027",
        "indicator_template": "CLASSIC_2020",
        "opens_on": FIRST.isoformat(),
        "closes_on": LAST.isoformat(),
        "units": [{"unit_id": unit.id, "expected_projects": "3"} for unit in units],
        **changed,
    }


def prepared(session, officer, *units, **changed):
    return campaigns.create(session, terms(*units, **changed), actor=officer, at=NOW)["id"]


def messages(refused):
    return {problem.field: problem.message for problem in refused.value.problems}


def test_a_season_is_prepared_opened_extended_and_closed(session, officer, unit, release):
    made = prepared(session, officer, unit)
    row = campaigns.one(session, made)
    assert (row.state_label, row.units, row.expected, row.declared) == ("筹备中", 1, 3, 0)
    assert (row.phase_label, row.process_version) == ("年度申报", release.version)
    campaigns.open(session, made, actor=officer, at=NOW)
    opened = campaigns.one(session, made)
    assert (opened.state, opened.opens_on) == ("open", date(2026, 8, 10))
    campaigns.extend(session, made, closes_on="2026-10-15", reason="单位申请延期", actor=officer, at=NOW)
    assert campaigns.one(session, made).closes_on == date(2026, 10, 15)
    campaigns.close(session, made, reason="申报提前完成", actor=officer, at=NOW + timedelta(days=20))
    closed = campaigns.one(session, made)
    assert (closed.state, closed.closes_on) == ("closed", date(2026, 8, 30))
    kinds = session.scalars(select(SecurityEvent.kind).order_by(SecurityEvent.id)).all()
    assert kinds == ["campaign_created", "campaign_opened", "campaign_changed", "campaign_closed"]


def test_every_wrong_term_is_named_at_its_field(session, officer, release):
    wrong = {
        "title": " ",
        "fiscal_year": "27",
        "phase": "third",
        "rule_set": "NONE",
        "indicator_template": "CLASSIC_1999",
        "opens_on": "2026-09-30",
        "closes_on": "2026-08-01",
        "parameters": {"key_threshold": "很多", "name_similarity": "85"},
        "units": [{"unit_id": "nowhere"}],
    }
    with pytest.raises(Problems) as refused:
        campaigns.create(session, wrong, actor=officer, at=NOW)
    found = messages(refused)
    assert set(found) == {
        "title",
        "fiscal_year",
        "phase",
        "rule_set",
        "indicator_template",
        "closes_on",
        "parameters.key_threshold",
        "parameters.name_similarity",
        "units",
    }
    assert "早于开放日期" in found["closes_on"]
    assert "0 至 1" in found["parameters.name_similarity"]
    assert not session.scalars(select(Campaign)).all()


def test_a_parameter_the_rules_do_not_have_is_named(session, officer, unit, release):
    with pytest.raises(Problems) as refused:
        prepared(session, officer, unit, parameters={"goal_min_caracters": 30})
    assert "goal_min_caracters" in messages(refused)["parameters"]


@pytest.mark.parametrize("given", ["x", ["key_threshold"], {"goal_min_characters": "30.5"}, {"weight_min": "NaN"}])
def test_parameters_that_cannot_be_read_are_refused(session, officer, unit, release, given):
    with pytest.raises(Problems):
        prepared(session, officer, unit, parameters=given)


def test_parameters_are_kept_as_exact_numbers_and_words(session, officer, unit, release):
    given = {
        "key_threshold": "300.50",
        "satisfaction_waived": "1",
        "vague_words": "显著、明显 大幅，显著",
        "weight_min": "",
        "goal_min_characters": 25,
    }
    stored = campaigns.one(session, prepared(session, officer, unit, parameters=given)).parameters
    assert stored == {
        "key_threshold": "300.50",
        "satisfaction_waived": True,
        "vague_words": ["显著", "明显", "大幅"],
        "goal_min_characters": "25",
    }


def test_a_year_has_one_season_of_each_phase(session, officer, unit, release):
    prepared(session, officer, unit)
    with pytest.raises(Problems) as refused:
        prepared(session, officer, unit)
    assert "已有批次" in messages(refused)["phase"]
    prepared(session, officer, unit, phase="additional")


def test_a_prepared_season_changes_and_an_open_one_does_not(session, officer, unit, release):
    made = prepared(session, officer, unit)
    campaigns.change(session, made, {"title": "改名后的批次", "opens_on": FIRST}, actor=officer, at=NOW)
    row = campaigns.one(session, made)
    assert (row.title, row.units, row.expected) == ("改名后的批次", 1, 3)
    campaigns.open(session, made, actor=officer, at=NOW)
    with pytest.raises(Problems) as refused:
        campaigns.change(session, made, {"title": "又改"}, actor=officer, at=NOW)
    assert "只适用于筹备中" in messages(refused)["state"]


def test_a_season_without_units_or_past_its_end_stays_prepared(session, officer, unit, release):
    made = prepared(session, officer)
    later = datetime(2026, 12, 1, tzinfo=UTC)
    with pytest.raises(Problems) as refused:
        campaigns.open(session, made, actor=officer, at=later)
    texts = [problem.message for problem in refused.value.problems]
    assert [text[:4] for text in texts] == ["截止日期", "还没有选"]


def test_without_a_process_in_force_no_season_is_prepared(session, officer, unit):
    create_release(session, effective_from=date(2030, 1, 1))
    with pytest.raises(Problems) as refused:
        prepared(session, officer, unit)
    assert "流程还没有生效的版本" in messages(refused)[""]


def test_opening_takes_the_process_version_in_force_that_day(session, officer, unit, release):
    made = prepared(session, officer, unit)
    newer = create_release(session, effective_from=date(2026, 8, 15))
    campaigns.open(session, made, actor=officer, at=NOW + timedelta(days=6))
    assert campaigns.one(session, made).process_release_id == newer.id


def test_units_join_an_open_season_and_those_that_declared_stay(session, officer, unit, release):
    other, third = create_unit(session), create_unit(session)
    made = prepared(session, officer, unit, other)
    campaigns.open(session, made, actor=officer, at=NOW)
    create_project(session, campaign=campaigns.campaign_of(session, made), unit=unit)
    with pytest.raises(Problems) as refused:
        campaigns.rescope(session, made, [{"unit_id": third.id}], actor=officer, at=NOW)
    assert "“区委办公室”已有申报" in messages(refused)["units"]
    campaigns.rescope(session, made, [{"unit_id": unit.id}, {"unit_id": third.id}], actor=officer, at=NOW)
    found = {row.unit_id: (row.expected_projects, row.declared) for row in campaign_scope.units(session, made)}
    assert found == {unit.id: (None, 1), third.id: (None, 0)}


@pytest.mark.parametrize("day", ["2026-09-30", "2026-08-01", "soon", ""])
def test_an_extension_is_to_a_later_day(session, officer, unit, release, day):
    made = prepared(session, officer, unit)
    campaigns.open(session, made, actor=officer, at=NOW)
    with pytest.raises(Problems) as refused:
        campaigns.extend(session, made, closes_on=day, reason="单位申请延期", actor=officer, at=NOW)
    assert "closes_on" in messages(refused)


def test_closing_early_and_extending_want_a_reason(session, officer, unit, release):
    made = prepared(session, officer, unit)
    campaigns.open(session, made, actor=officer, at=NOW)
    with pytest.raises(Problems):
        campaigns.close(session, made, reason="  完成 ", actor=officer, at=NOW)
    with pytest.raises(Problems):
        campaigns.extend(session, made, closes_on="2026-12-01", reason="", actor=officer, at=NOW)
    assert campaigns.one(session, made).state == "open"


def test_only_the_performance_section_runs_seasons(session, unit, release):
    clerk = holder(session, "UNIT_CLERK", unit)
    with pytest.raises(NotAllowed):
        campaigns.create(session, terms(unit), actor=clerk, at=NOW)
    season = create_campaign(session, units=[unit])
    for act in (campaigns.open, lambda *a, **k: campaigns.close(*a, reason="随便关一下", **k)):
        with pytest.raises(NotAllowed):
            act(session, season.id, actor=clerk, at=NOW)


def test_an_unknown_season_is_not_found(session, officer):
    for act in (campaigns.one, campaigns.campaign_of):
        with pytest.raises(NotFound):
            act(session, "none")
    with pytest.raises(NotFound):
        campaigns.open(session, "none", actor=officer, at=NOW)
    with pytest.raises(NotFound):
        campaigns.require_open(session, "none", [], at=NOW)


class TestDeclaringIn:
    """A season lets declarations start only while it is open, and only of its units."""

    def test_the_open_seasons_of_my_units_are_offered(self, session, unit):
        other = create_unit(session)
        mine = create_campaign(session, units=[unit])
        create_campaign(session, fiscal_year=2026, units=[unit], state="closed")
        create_campaign(session, phase="additional", units=[other])
        department = session.get_one(type(unit), unit.parent_id)
        for who in (holder(session, "UNIT_CLERK", unit), holder(session, "DEPT_CLERK", department)):
            assert [row.id for row in campaigns.open_for(session, actor=who, at=NOW)] == [mine.id]
        leader = holder(session, "UNIT_LEADER", unit)
        assert campaigns.open_for(session, actor=leader, at=NOW) == []

    def test_the_performance_officer_declares_for_all_units(self, session, unit, officer):
        season = create_campaign(session, units=[unit, create_unit(session)])
        assert [row.id for row in campaigns.open_for(session, actor=officer, at=NOW)] == [season.id]
        assert len(campaign_scope.units(session, season.id, actor=officer)) == 2

    def test_before_and_after_its_days_a_season_is_shut(self, session, unit):
        season = create_campaign(session, units=[unit], opens_on=FIRST, closes_on=LAST)
        # 16:00 in UTC is already the next day in the district.
        last_minute = datetime(2026, 9, 30, 15, 59, tzinfo=UTC)
        assert campaigns.require_open(session, season.id, [unit.id], at=last_minute).id == season.id
        for at in (datetime(2026, 8, 19, 15, tzinfo=UTC), last_minute + timedelta(minutes=1)):
            with pytest.raises(Problems) as refused:
                campaigns.require_open(session, season.id, [unit.id], at=at)
            assert "不能新建申报" in messages(refused)["campaign_id"]

    def test_units_outside_are_named(self, session, unit):
        season, stranger = create_campaign(session, units=[unit]), create_unit(session, name="区外单位")
        with pytest.raises(Problems) as refused:
            campaigns.require_open(session, season.id, [unit.id, stranger.id], at=NOW)
        assert "“区外单位”不在批次" in messages(refused)["unit_id"]


class TestByDate:
    """The scheduler opens and closes seasons by their days."""

    def test_seasons_open_on_their_first_day_and_close_after_their_last(self, session, officer, unit, release):
        made = prepared(session, officer, unit)
        states = []
        for day in (date(2026, 8, 19), FIRST, LAST, LAST + timedelta(days=1)):
            campaigns.open_and_close_due(session, datetime(day.year, day.month, day.day, 4, tzinfo=UTC))
            states.append(campaigns.one(session, made).state)
        assert states == ["prepared", "open", "open", "closed"]
        automatic = select(SecurityEvent.kind).where(SecurityEvent.actor.is_(None)).order_by(SecurityEvent.id)
        assert session.scalars(automatic).all() == ["campaign_opened", "campaign_closed"]

    def test_a_season_that_cannot_open_stays_prepared(self, session, officer, release):
        made = prepared(session, officer)
        campaigns.open_and_close_due(session, datetime(2026, 8, 20, 4, tzinfo=UTC))
        assert campaigns.one(session, made).state == "prepared"
        found = campaigns.obstacles(session, campaigns.campaign_of(session, made), at=NOW)
        assert found == ("还没有选择参加的单位，请先设置单位范围。",)

    def test_two_schedulers_open_a_season_once(self, session, engine, officer, unit, release):
        prepared(session, officer, unit)
        session.commit()

        def tick():
            with make_sessions(engine).begin() as own:
                campaigns.open_and_close_due(own, datetime(2026, 8, 20, 4, tzinfo=UTC))

        ticks = [Thread(target=tick) for _ in range(2)]
        for one in ticks:
            one.start()
        for one in ticks:
            one.join()
        opened = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "campaign_opened")).all()
        assert len(opened) == 1

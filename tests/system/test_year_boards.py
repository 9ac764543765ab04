"""Does every board of the whole demo year show what plain SQL counts in the tables of cases and forms?"""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from db.connection import database_now
from db.person import Person, Post
from service import (
    adjustment_board,
    boards,
    budget_board,
    evaluation_board,
    ex_ante_board,
    installation,
    monitoring_board,
    people,
)
from service.config import Config
from service.demo import loading

NEWEST = """
    select c.id, c.department_id, c.stage, r.content from case_file c left join form_revision r on r.id = c.form_revision_id
    where c.campaign_id = :season and c.process_id = :process and c.stage <> 'discarded'
"""


class Year:
    """The loaded year and its performance chief."""

    def __init__(self, session: Session) -> None:
        self.session, self.at = session, database_now(session)
        chief = select(Post.person_id).where(Post.role == "PERF_CHIEF").join(Person, Person.id == Post.person_id)
        self.actor = people.actor(session, session.scalars(chief).first() or "", at=self.at)

    def rows(self, statement: str, **values: Any) -> list[Any]:
        return list(self.session.execute(text(statement), values))

    def one(self, statement: str, **values: Any) -> Any:
        return self.session.execute(text(statement), values).scalar_one()


@pytest.mark.long
def test_every_board_of_the_year_is_what_sql_counts(session: Session, config: Config) -> None:
    installation.migrate(config)
    loading.load(config, at=database_now(session), say=lambda told: None, processes=2)
    year = Year(session)
    for judge in (_monitoring, _evaluation, _ex_ante, _budget, _adjustments, _progress):
        judge(year)


def _monitoring(year: Year) -> None:
    for season in monitoring_board.seasons(year.session):
        found = monitoring_board.board(year.session, season.id, actor=year.actor, at=year.at)
        given = {"season": season.id, "process": "performance_monitoring"}
        lights = dict(
            tuple(row)
            for row in year.rows(
                f"select coalesce(content ->> 'project_light', 'unreported'), count(*) from ({NEWEST}) s group by 1",
                **given,
            )
        )
        sums = found.sums
        assert {
            name: getattr(sums, name) for name in ("red", "yellow", "green", "unreported") if getattr(sums, name)
        } == lights
        money = year.rows(
            "select sum((content ->> 'annual_budget')::numeric), sum((content ->> 'executed_to_date')::numeric),"
            f" sum((content ->> 'full_year_forecast')::numeric) from ({NEWEST}) s",
            **given,
        )[0]
        assert tuple(money) == (sums.annual_budget, sums.executed, sums.forecast)
        assert sum(line.sums.red for line in found.departments) == lights.get("red", 0)
        linked = year.one(
            "select count(*) from rectification x join case_file c on c.id = x.source_case_id where c.campaign_id = :season",
            season=season.id,
        )
        assert sum(one.rectification is not None for one in found.projects) == linked == lights.get("red", 0)


def _evaluation(year: Year) -> None:
    for season in evaluation_board.seasons(year.session):
        found = evaluation_board.board(year.session, season.id, actor=year.actor)
        given = {"season": season.id, "process": "self_evaluation"}
        reported, whole, total = year.rows(
            "select count(content ->> 'total_score'), count(*), sum((content ->> 'total_score')::numeric)"
            f" from ({NEWEST}) s",
            **given,
        )[0]
        assert (found.sums.reported, found.sums.total, found.sums.self_sum) == (reported, whole, total or 0)
        full = f"select count(*) from ({NEWEST}) s where (content ->> 'total_score')::numeric = 100"
        assert found.sums.full_marks == year.one(full, **given)


def _ex_ante(year: Year) -> None:
    for fiscal_year in (2026, 2027):
        found = ex_ante_board.board(year.session, actor=year.actor, fiscal_year=fiscal_year)
        needed = "from project where fiscal_year = :year and discarded_at is null and needs_ex_ante"
        assert found.sums.total == year.one(f"select count(*) {needed}", year=fiscal_year)
        concluded = f"select count(*) {needed} and ex_ante_conclusion is not null"
        assert found.sums.assessed == year.one(concluded, year=fiscal_year)


def _budget(year: Year) -> None:
    for season in budget_board.seasons(year.session):
        found = budget_board.board(year.session, season.id, actor=year.actor, at=year.at)
        lines = "from budget_line l join case_file c on c.id = l.case_id where c.campaign_id = :season"
        for name in ("first_amount", "second_amount", "approved_amount"):
            counted = year.one(f"select coalesce(sum(l.{name}), 0) {lines}", season=season.id)
            assert found.total(name) == counted, name
        replied = (
            "select count(*) from department_budget d join case_file c on c.id = d.case_id"
            " where c.campaign_id = :season and d.reply_no is not null"
        )
        assert found.replied == year.one(replied, season=season.id)


def _adjustments(year: Year) -> None:
    for fiscal_year in (2026, 2027):
        found = adjustment_board.board(year.session, actor=year.actor, fiscal_year=fiscal_year)
        own = "from target_version t join project p on p.id = t.project_id where t.voided_at is null and p.fiscal_year = :year"
        assert found.projects == year.one(f"select count(distinct t.project_id) {own}", year=fiscal_year)
        adjusted = f"select count(distinct t.project_id) {own} and t.version > 1"
        assert found.adjusted == year.one(adjusted, year=fiscal_year)


def _progress(year: Year) -> None:
    seen = 0
    for season in boards.seasons(year.session):
        found = boards.board(year.session, season.id, actor=year.actor)
        given = {"season": season.id, "process": season.process_id}
        assert sum(unit.total for unit in found.units) == year.one(f"select count(*) from ({NEWEST}) s", **given)
        returned = f"select count(*) from visit v join ({NEWEST}) s on s.id = v.case_id where v.outcome in ('return', 'consult')"
        assert sum(one.number for one in found.returns) == year.one(returned, **given)
        finished = found.total("finished") + found.total("rejected")
        ended = "select count(*) from case_file where campaign_id = :season and process_id = :process and stage <> 'discarded'"
        assert finished == year.one(f"{ended} and finished_at is not null", **given)
        seen += len(found.units)
    assert seen > 100
    assert isinstance(year.one("select sum(amount) from case_file"), Decimal)

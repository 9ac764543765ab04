"""Which unit does a row of an uploaded workbook belong to, and may this person bring its declarations?"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from db.campaign import Campaign, CampaignUnit
from db.organisation import Organisation
from forms.problem import Problem
from service import campaign_scope
from service.people import Actor
from service.workbooks import DeclarationRow

SOURCE = "导入要求 · 单位目录和批次单位范围"


@dataclass(frozen=True)
class UnitFound:
    """A budget unit as imports see it."""

    unit: Organisation
    department: Organisation
    in_season: bool
    mine: bool


class UnitDirectory:
    """The district's budget units in use, found by code or name as people write them."""

    def __init__(self, session: Session, campaign: Campaign, actor: Actor) -> None:
        department = aliased(Organisation)
        taking_part = (CampaignUnit.unit_id == Organisation.id) & (CampaignUnit.campaign_id == campaign.id)
        statement = (
            select(Organisation, department, CampaignUnit.unit_id, campaign_scope.declares_for(actor))
            .select_from(Organisation)
            .join(department, department.id == Organisation.parent_id)
            .outerjoin(CampaignUnit, taking_part)
            .where(Organisation.kind == "budget_unit", Organisation.active)
        )
        found = [UnitFound(unit, above, bool(part), mine) for unit, above, part, mine in session.execute(statement)]
        self._title = campaign.title
        self._by_code = {one.unit.code: one for one in found}
        self._by_name: dict[str, list[UnitFound]] = {}
        for one in found:
            self._by_name.setdefault(_bare(one.unit.name), []).append(one)
        own = [one for one in found if one.mine and one.in_season]
        #: Whoever declares for one unit only need not write it down.
        self._only = own[0] if len(own) == 1 else None

    def of(self, row: DeclarationRow) -> tuple[UnitFound | None, list[Problem]]:
        """The unit a row names and what is wrong with that; None where no unit can be told."""
        code, name = str(row.content.get("unit_code", "")).strip(), str(row.content.get("unit_name", "")).strip()
        found = self._by_code.get(code) if code else self._named(name)
        if found is None and not code and not name:
            found = self._only
        if found is None:
            return None, [self._unknown(code, name)]
        return found, list(self._faults(found, row, code, name))

    def _named(self, name: str) -> UnitFound | None:
        found = self._by_name.get(_bare(name), [])
        return found[0] if len(found) == 1 else None

    def _unknown(self, code: str, name: str) -> Problem:
        if code:
            return _problem("unit_code", f"实施单位代码“{code[:20]}”不在单位目录中，或单位已停用，请核对")
        if not name:
            return _problem("unit_name", "没有填写实施单位，请填写单位代码或名称")
        if len(self._by_name.get(_bare(name), [])) > 1:
            return _problem("unit_name", f"有多个单位名为“{name[:40]}”，请填写单位代码以便区分")
        return _problem("unit_name", f"实施单位“{name[:40]}”不在单位目录中，请按目录填写全称或填写单位代码")

    def _faults(self, found: UnitFound, row: DeclarationRow, code: str, name: str) -> Iterator[Problem]:
        own = found.unit.name
        if code and name and _bare(name) != _bare(own):
            yield _problem("unit_name", f"单位代码{code}是“{own}”，与填写的“{name[:40]}”不一致，请改正其中一个")
        if not found.mine:
            yield _problem("unit_code" if code else "unit_name", f"“{own}”的项目不由您申报，请删去本行或请该单位导入")
        elif not found.in_season:
            text = f"“{own}”不在批次“{self._title}”的单位范围内，请联系财政局绩效科补入"
            yield _problem("unit_code" if code else "unit_name", text)
        given = str(row.content.get("department_code", "")).strip()
        if given and given != found.department.code:
            text = f"主管部门代码{given[:20]}与单位目录不一致，导入时按目录采用“{found.department.name}”"
            yield _problem("department_code", text, error=False)


def _bare(name: str) -> str:
    return "".join(name.split())


def _problem(field: str, message: str, *, error: bool = True) -> Problem:
    return Problem(field=field, message=message, severity="error" if error else "warning", source=SOURCE)

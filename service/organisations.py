"""Which bodies exist in the district, under whom, and which fund section reviews their money?"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from db.organisation import Organisation
from forms.problem import Problem
from service import security_log
from service.errors import NotFound, Problems
from service.rules.roles import ORGANISATION_KINDS

_SOURCE = "单位目录要求"
#: Fields an administrator fills in.
FIELDS = (
    "code",
    "name",
    "kind",
    "parent_id",
    "fund_section_id",
    "finance_own",
    "default_functional_subject",
    "region_code",
)


@dataclass(frozen=True)
class OrganisationRow:
    """An organisation (单位) with the names of the bodies it refers to."""

    id: str
    code: str
    name: str
    kind: str
    kind_label: str
    parent_id: str | None
    parent_name: str | None
    fund_section_id: str | None
    fund_section_name: str | None
    finance_own: bool
    default_functional_subject: str | None
    region_code: str | None
    active: bool

    def to_json(self) -> dict[str, Any]:
        """The organisation for pages and the API."""
        return asdict(self)


def rows(
    session: Session, *, kind: str | None = None, q: str = "", active: bool | None = None
) -> list[OrganisationRow]:
    """Organisations by kind and code.

    Args:
        kind: only this kind.
        q: part of a code or name.
        active: only those in use, only those not; None for all.
    """
    statement = _select()
    if kind:
        statement = statement.where(Organisation.kind == kind)
    if q:
        statement = statement.where(or_(Organisation.code.ilike(f"%{q}%"), Organisation.name.ilike(f"%{q}%")))
    if active is not None:
        statement = statement.where(Organisation.active == active)
    order = list(ORGANISATION_KINDS)
    found = [_row(*row) for row in session.execute(statement)]
    return sorted(found, key=lambda row: (order.index(row.kind), row.code))


def counts(session: Session) -> dict[str, int]:
    """How many organisations there are of each kind, in the usual order of kinds."""
    grouped = select(Organisation.kind, func.count()).group_by(Organisation.kind)
    found: dict[str, int] = dict(session.execute(grouped).tuples().all())
    return {kind: found.get(kind, 0) for kind in ORGANISATION_KINDS}


def one(session: Session, organisation_id: str) -> OrganisationRow:
    """One organisation.

    Raises:
        NotFound: there is none with this id.
    """
    row = session.execute(_select().where(Organisation.id == organisation_id)).first()
    if row is None:
        raise NotFound("没有这个单位。")
    return _row(*row)


def create(
    session: Session,
    values: Mapping[str, Any],
    *,
    by: str | None,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> str:
    """Enter an organisation.

    Args:
        values: the fields of `FIELDS`; what is missing is empty.
        by: the administrator.

    Returns:
        Its id.

    Raises:
        Problems: all wrong fields at once.
    """
    cleaned = _cleaned(values)
    _refuse_wrong(session, cleaned, own_id=None)
    row = Organisation(**cleaned)
    session.add(row)
    session.flush()
    detail = {"organisation_id": row.id, "code": row.code, "name": row.name, "kind": row.kind}
    security_log.write(session, "organisation_created", actor=by, detail=detail, client=client, at=at)
    return row.id


def edit(
    session: Session,
    organisation_id: str,
    values: Mapping[str, Any],
    *,
    by: str | None,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> None:
    """Change an organisation; the kind stays, because posts depend on it. Cases under way keep their section.

    Raises:
        NotFound: there is no such organisation.
        Problems: all wrong fields at once.
    """
    row = _locked(session, organisation_id)
    cleaned = _cleaned({**{name: getattr(row, name) for name in FIELDS}, **values, "kind": row.kind})
    _refuse_wrong(session, cleaned, own_id=organisation_id)
    changed = {name: [getattr(row, name), cleaned[name]] for name in FIELDS if getattr(row, name) != cleaned[name]}
    for name in changed:
        setattr(row, name, cleaned[name])
    detail = {"organisation_id": row.id, "code": row.code, "changes": changed}
    security_log.write(session, "organisation_changed", actor=by, detail=detail, client=client, at=at)


def set_active(
    session: Session,
    organisation_id: str,
    active: bool,
    *,
    by: str | None,
    at: datetime,
    client: Mapping[str, Any] | None = None,
) -> None:
    """Take an organisation out of use, or back; posts at one out of use carry no rights.

    Raises:
        NotFound: there is no such organisation.
        Problems: units in use still belong to it.
    """
    row = _locked(session, organisation_id)
    below = or_(Organisation.parent_id == organisation_id, Organisation.fund_section_id == organisation_id)
    users = session.execute(
        select(func.count()).select_from(Organisation).where(below, Organisation.active)
    ).scalar_one()
    if not active and users:
        text = f"还有 {users} 个在用单位属于或归口于“{row.name}”，请先为它们另选主管部门或资金科室，再停用。"
        raise Problems([_problem("active", text)])
    row.active = active
    detail = {"organisation_id": row.id, "code": row.code, "active": active}
    security_log.write(session, "organisation_changed", actor=by, detail=detail, client=client, at=at)


def _select() -> Any:
    parent, section = aliased(Organisation), aliased(Organisation)
    return (
        select(Organisation, parent.name, section.name)
        .outerjoin(parent, parent.id == Organisation.parent_id)
        .outerjoin(section, section.id == Organisation.fund_section_id)
    )


def _row(row: Organisation, parent_name: str | None, section_name: str | None) -> OrganisationRow:
    return OrganisationRow(
        id=row.id,
        code=row.code,
        name=row.name,
        kind=row.kind,
        kind_label=ORGANISATION_KINDS[row.kind][0],
        parent_id=row.parent_id,
        parent_name=parent_name,
        fund_section_id=row.fund_section_id,
        fund_section_name=section_name,
        finance_own=row.finance_own,
        default_functional_subject=row.default_functional_subject,
        region_code=row.region_code,
        active=row.active,
    )


def _locked(session: Session, organisation_id: str) -> Organisation:
    row = session.get(Organisation, organisation_id, with_for_update=True)
    if row is None:
        raise NotFound("没有这个单位。")
    return row


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: (str(values.get(name) or "").strip() or None) for name in FIELDS if name != "finance_own"}
    cleaned: dict[str, Any] = {**texts, "finance_own": bool(values.get("finance_own"))}
    if cleaned["kind"] != "budget_unit":
        cleaned["parent_id"] = None
    if cleaned["kind"] not in ("budget_unit", "department"):
        cleaned["fund_section_id"] = None
        cleaned["finance_own"] = False
    return {**cleaned, "code": cleaned["code"] or "", "name": cleaned["name"] or ""}


def _refuse_wrong(session: Session, values: Mapping[str, Any], *, own_id: str | None) -> None:
    found = []
    if not values["code"] or not values["code"].isascii() or not values["code"].isalnum() or len(values["code"]) > 20:
        found.append(_problem("code", "请填写单位编码：1 至 20 位字母或数字，如 101、101001、XZZF。"))
    elif _code_taken(session, values["code"], own_id):
        found.append(_problem("code", f"编码“{values['code']}”已被其他单位使用，请另填。"))
    if not values["name"] or len(values["name"]) > 100:
        found.append(_problem("name", "请填写单位名称，1 至 100 个字。"))
    if values["kind"] not in ORGANISATION_KINDS:
        found.append(_problem("kind", "请从列表中选择单位类别。"))
    if values["kind"] == "budget_unit":
        found += _reference(session, values, "parent_id", "department", "主管部门")
    if values["kind"] in ("budget_unit", "department"):
        found += _reference(session, values, "fund_section_id", "fund_section", "资金科室")
    if found:
        raise Problems(found)


def _code_taken(session: Session, code: str, own_id: str | None) -> bool:
    holder = session.execute(select(Organisation.id).where(Organisation.code == code)).scalar_one_or_none()
    return holder is not None and holder != own_id


def _reference(session: Session, values: Mapping[str, Any], field: str, kind: str, title: str) -> list[Problem]:
    other = session.get(Organisation, values[field]) if values[field] else None
    if other is None or other.kind != kind or not other.active:
        return [_problem(field, f"请从在用的{title}中选择{title}。")]
    return []


def _problem(field: str, message: str) -> Problem:
    return Problem(field=field, message=message, severity="error", source=_SOURCE)

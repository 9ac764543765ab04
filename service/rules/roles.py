"""Which roles can a person hold, where, and which of them never go together?"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from forms.problem import Problem

SOURCE_ADMINISTRATORS = "SD8 · GB/T 22239-2019 8.1.5（三员分立）"
SOURCE_BUSINESS = "SD7 · GB/T 22239-2019 8.1.4（管理用户权限分离）"
SOURCE_PLACE = "绩衡岗位目录（角色与单位类别）"


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role (角色): what a post lets its holder do, and at which kind of organisation it exists."""

    code: str
    name: str
    name_en: str
    #: Kind of organisation at which the role can be held.
    organisation_kind: str
    #: Takes part in the business; administrators never do.
    business: bool = True


def _role(code: str, name: str, name_en: str, organisation_kind: str, *, business: bool = True) -> Role:
    return Role(code=code, name=name, name_en=name_en, organisation_kind=organisation_kind, business=business)


_LIST = (
    _role("UNIT_CLERK", "单位经办人", "Unit clerk", "budget_unit"),
    _role("UNIT_LEADER", "单位负责人", "Unit leader", "budget_unit"),
    _role("DEPT_CLERK", "部门经办人", "Department clerk", "department"),
    _role("DEPT_REVIEWER", "部门审核人", "Department reviewer", "department"),
    _role("DEPT_LEADER", "部门主要负责人", "Department leader", "department"),
    _role("FUND_REVIEWER", "资金科室审核人", "Fund section reviewer", "fund_section"),
    _role("FUND_CHIEF", "资金科室负责人", "Fund section chief", "fund_section"),
    _role("BUDGET_REVIEWER", "预算科审核人", "Budget section reviewer", "budget_section"),
    _role("BUDGET_CHIEF", "预算科长", "Budget section chief", "budget_section"),
    _role("PERF_OFFICER", "绩效科工作人员", "Performance section officer", "performance_section"),
    _role("PERF_CHIEF", "绩效科长", "Performance section chief", "performance_section"),
    _role("BUREAU_LEADER", "局领导（分管）", "Bureau leader", "bureau_leaders"),
    _role("TREASURY", "国库科", "Treasury section", "treasury_section"),
    _role("SUPERVISION", "财政监督科", "Supervision section", "supervision_section"),
    _role("LEGAL", "合法性审查", "Legal review", "justice_bureau"),
    _role("EXPERT", "专家", "Expert", "external"),
    _role("AGENCY_LEAD", "第三方项目负责人（主评人）", "Agency lead evaluator", "external"),
    _role("AGENCY_STAFF", "第三方评价人员", "Agency evaluator", "external"),
    _role("AUDITOR", "区审计局审计人员", "Auditor", "audit_office"),
    _role("NPC_VIEWER", "人大常委会联络员", "People's Congress liaison", "congress"),
    _role("GOV_OFFICE", "区政府办", "District government office", "government_office"),
    _role("SYS_ADMIN", "系统管理员", "System administrator", "information_centre", business=False),
    _role("SEC_ADMIN", "安全管理员", "Security administrator", "information_centre", business=False),
    _role("AUDIT_ADMIN", "审计管理员（日志）", "Audit administrator", "information_centre", business=False),
    _role("PUBLIC", "社会公众", "Public", "external", business=False),
)

#: The 25 roles by code, in the order of the official list.
ROLES: Mapping[str, Role] = MappingProxyType({role.code: role for role in _LIST})
#: Three persons of the information centre who keep each other in check (三员).
ADMINISTRATORS = ("SYS_ADMIN", "SEC_ADMIN", "AUDIT_ADMIN")
#: Roles somebody can be appointed to; the public needs no post.
GRANTABLE = tuple(code for code in ROLES if code != "PUBLIC")

#: Chinese and English names of the kinds of organisation.
ORGANISATION_KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "department": ("主管部门", "Department"),
        "budget_unit": ("预算单位", "Budget unit"),
        "fund_section": ("财政局资金科室", "Fund section"),
        "budget_section": ("财政局预算科", "Budget section"),
        "performance_section": ("财政局绩效科", "Performance section"),
        "treasury_section": ("财政局国库科", "Treasury section"),
        "supervision_section": ("财政监督科", "Supervision section"),
        "bureau_leaders": ("财政局领导", "Bureau leaders"),
        "audit_office": ("审计局", "Audit office"),
        "congress": ("人大常委会", "People's Congress"),
        "government_office": ("政府办公室", "Government office"),
        "justice_bureau": ("司法局", "Justice bureau"),
        "information_centre": ("信息中心", "Information centre"),
        "external": ("外部机构", "External body"),
    }
)


def appointment_problems(role: str, organisation_kind: str, held: Collection[str]) -> list[Problem]:
    """Why a person may not be appointed to a role (任职) at an organisation of this kind.

    Args:
        role: code of the wanted role.
        organisation_kind: kind of the organisation of the wanted post.
        held: codes of the roles the person holds, or has been promised, in the same period.

    Returns:
        All problems; empty if nothing speaks against it.

    Source:
        SD7 and SD8 (GB/T 22239-2019 level 3, 8.1.4 and 8.1.5; unconfirmed, quoted at second hand).
    """
    wanted = ROLES.get(role)
    if wanted is None or role not in GRANTABLE:
        return [_problem("role", f"没有“{role}”这个可任命的角色，请从角色列表中选择。", SOURCE_PLACE)]
    found = []
    if wanted.organisation_kind != organisation_kind:
        place, actual = ORGANISATION_KINDS[wanted.organisation_kind][0], _kind_name(organisation_kind)
        text = f"“{wanted.name}”只能在“{place}”任职，所选单位属于“{actual}”，请另选单位。"
        found.append(_problem("organisation_id", text, SOURCE_PLACE))
    others = [ROLES[code] for code in ROLES if code in held and code != role]
    administrators = [other.name for other in others if other.code in ADMINISTRATORS]
    business = [other.name for other in others if other.business]
    if role in ADMINISTRATORS:
        if administrators:
            text = f"此人已任（或已申请）{'、'.join(administrators)}；系统、安全、审计三员必须由三个人分别担任，请另选人员。"
            found.append(_problem("person_id", text, SOURCE_ADMINISTRATORS, "SD8"))
        if business:
            text = f"此人已任（或已申请）业务岗位{'、'.join(business)}；管理员不得兼任业务岗位，请先免去业务岗位或另选人员。"
            found.append(_problem("person_id", text, SOURCE_BUSINESS, "SD7"))
    elif administrators:
        text = f"此人是{'、'.join(administrators)}；管理员不得兼任业务岗位，请先免去管理员岗位或另选人员。"
        found.append(_problem("person_id", text, SOURCE_BUSINESS, "SD7"))
    return found


def _kind_name(kind: str) -> str:
    return ORGANISATION_KINDS.get(kind, (kind, kind))[0]


def _problem(field: str, message: str, source: str, rule: str = "") -> Problem:
    return Problem(field=field, message=message, severity="error", source=source, rule=rule)

"""Does any request the description allows, or nearly allows, break an operation?"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from service import access, permission
from tests import factories
from tests.district import District
from tests.service.test_publishing import begun

#: Ends the log-in it is called with.
LEFT_OUT = {("DELETE", "/api/v1/session")}
#: What changes or removes things comes after what reads them.
ORDER = ("GET", "PUT", "PATCH", "POST", "DELETE")


def known_values(district: District) -> dict[str, list[Any]]:
    """Values that exist, by the name they are sent under, so that requests get past the first look-up."""
    drafted = district.start(project_name="道路养护工程")
    reviewed = district.start()
    district.walk(reviewed["case_id"], "draft", "unit_sign")
    opened = [district.open_visits(started["case_id"]) for started in (drafted, reviewed)]
    visits = [visit.id for found in opened for visit in found.values()]
    persons = [person.id for person in district.people.values()]
    return {
        **dict.fromkeys(("leaver_id", "to_id", "principal_id", "substitute_id"), persons),
        "visit_id": visits,
        "visits": [visits],
        "case_id": [drafted["case_id"], reviewed["case_id"]],
        "campaign_id": [district.campaign.id],
        "unit_id": [district.bodies["unit"].id],
        "process_id": ["target_declaration"],
        "form_code": ["project_target", "target_review"],
        "expected_seq": [1, 3],
        "fiscal_year": [2027],
    }


def allowed_roles(app: Flask, district: District, method: str, path: str) -> list[str]:
    """Roles of the district that get through to the operation's view."""
    for rule in app.url_map.iter_rules():
        plain = rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}")
        if plain == path and method in (rule.methods or ()):
            roles = access.PERMISSIONS.get(permission.of_view(app, rule.endpoint, method) or "", access.EVERYONE)
            return [role for role in district.people if roles == access.EVERYONE or role in roles]
    raise AssertionError(f"nothing serves {method} {path}")


def operations(app: Flask) -> Iterator[Any]:
    described = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    found = [result.ok() for result in described.get_all_operations()]
    for operation in sorted(found, key=lambda one: ORDER.index(one.method.upper())):
        if (operation.method.upper(), operation.path) not in LEFT_OUT:
            yield operation


def attack(operation: Any, roles: list[str], call: Any, known: Mapping[str, list[Any]], examples: int) -> set[int]:
    """Send generated requests to one operation until one breaks it; returns the statuses of the answers."""
    seen: list[int] = []

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), role=st.sampled_from(roles), real=st.booleans(), data=st.data())
    def sending(case: Any, role: str, real: bool, data: st.DataObject) -> None:
        for part in (case.path_parameters, case.query, case.body) if real else ():
            for name in sorted(known.keys() & part.keys()) if isinstance(part, dict) else ():
                part[name] = data.draw(st.sampled_from(known[name]))
        key = f"{operation.label} {len(seen)}"
        answer = case.call(headers={**call(role).headers, "Idempotency-Key": key})
        seen.append(answer.status_code)
        assert answer.status_code < 500, (operation.label, answer.text, case.as_curl_command())
        if answer.status_code < 300:
            operation.validate_response(answer)

    sending()
    return set(seen)


@pytest.mark.parametrize("examples", [5, pytest.param(60, marks=pytest.mark.long)])
def test_no_request_breaks_an_operation_or_gets_an_answer_of_another_shape(app, call, district, examples):
    district.people |= factories.create_administrators(district.session)
    treasury = factories.create_organisation(district.session, kind="treasury_section")
    district.people["TREASURY"] = factories.create_person(district.session, username="treasury")
    factories.create_post(district.session, role="TREASURY", organisation=treasury, person=district.people["TREASURY"])
    district.session.commit()
    known = known_values(district) | {"draft_id": [begun(district)]}
    district.session.commit()
    answered: set[int] = set()
    for operation in operations(app):
        roles = allowed_roles(app, district, operation.method.upper(), operation.path)
        answered |= attack(operation, roles, call, known, examples)
    assert {200, 201, 404, 422} <= answered, "the requests never got through"

"""Does every address say who may use it?"""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service import permission


def test_every_route_names_a_permission_or_is_public(app: Flask):
    unmarked = []
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if permission.of_view(app, rule.endpoint, method) is None:
                unmarked.append(f"{method} {rule.rule} ({rule.endpoint})")
    assert unmarked == []


def test_a_route_that_forgot_its_permission_is_closed(app: Flask):
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    assert app.test_client().get("/forgotten").status_code == 403


@pytest.mark.parametrize("address", ["/health", "/static/none.css"])
def test_public_addresses_need_no_log_in(client: FlaskClient, address: str):
    assert client.get(address).status_code in {200, 404}

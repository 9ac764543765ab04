"""Can an auditor change nothing but what is their own, on any route there is or will be?"""

from flask import Flask

from service import access, permission

#: What everybody may change: their own log-in, language, notices and views.
OWN = {permission.PUBLIC, "account.own", "account.password", "session.end"}


def changing(app: Flask) -> list[tuple[str, str, str | None]]:
    found = []
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
            found.append((method, rule.rule, permission.of_view(app, rule.endpoint, method)))
    return found


def test_no_route_lets_an_auditor_change_business(app: Flask):
    routes = changing(app)
    assert len(routes) > 20
    open_to_auditors = [
        (method, rule, name)
        for method, rule, name in routes
        if name not in OWN and ("AUDITOR" in access.PERMISSIONS[name] or access.PERMISSIONS[name] == access.EVERYONE)
    ]
    assert [route for route in open_to_auditors if route[2] not in {"inbox.use"}] == []


def test_administrators_have_none_of_the_auditors_permissions():
    administrators = {"SYS_ADMIN", "SEC_ADMIN", "AUDIT_ADMIN"}
    for name in ("audit.read", "audit.export", "case.read", "case.replay", "case.print", "attachment.read"):
        assert not access.PERMISSIONS[name] & administrators, name

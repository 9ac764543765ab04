"""Can an auditor change nothing but what is their own, on any route there is or will be?"""

from flask import Flask

from service import access, permission

#: What everybody may change: their own log-in, language, notices and views.
OWN = {permission.PUBLIC, "account.own", "account.password", "session.end"}
#: Questions too long for an address: whoever reads a process may try its tables. Nothing is kept, which
#: test_auditor_acts proves of every address.
QUESTIONS = {
    "/api/v1/processes/<process_id>/decisions/<name>/trial",
    "/processes/drafts/<draft_id>/tables/<name>/try",
    "/processes/<process_id>/versions/<int:version>/parts/<name>/try",
}


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
    business = [route for route in open_to_auditors if route[2] != "inbox.use" and route[1] not in QUESTIONS]
    assert business == []
    assert {rule for _, rule, _ in routes} >= QUESTIONS


def test_administrators_have_none_of_the_auditors_permissions():
    administrators = {"SYS_ADMIN", "SEC_ADMIN", "AUDIT_ADMIN"}
    for name in ("audit.read", "audit.export", "attachment.read"):
        assert not access.PERMISSIONS[name] & administrators, name
    # Of the three only who prepares changes of processes reads cases: those of these changes.
    for name in ("case.read", "case.replay", "case.print"):
        assert access.PERMISSIONS[name] & administrators == {"SYS_ADMIN"}, name

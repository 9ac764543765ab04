"""People of a test district calling the API with a bearer token each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from db.person import Person
from tests.factories import bearer

_keys = count(1)


@dataclass
class Caller:
    """One person; every change gets a key of its own unless one is given, or None for none."""

    client: FlaskClient
    headers: Mapping[str, str]

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers=self.headers, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self._change("POST", path, json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self._change("PUT", path, json, **more)

    def patch(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self._change("PATCH", path, json, **more)

    def delete(self, path: str, **more: Any) -> TestResponse:
        return self._change("DELETE", path, None, **more)

    def _change(self, method: str, path: str, json: Any, *, key: str | None = "", **more: Any) -> TestResponse:
        given = f"key-{next(_keys)}" if key == "" else key
        headers = {**self.headers, **({"Idempotency-Key": given} if given is not None else {})}
        body = {} if json is None else {"json": json}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **body, **more)


@dataclass
class Callers:
    """Everybody of the district by role; a token each, made when first needed."""

    client: FlaskClient
    session: Session
    people: Mapping[str, Person]
    _made: dict[str, Caller] = field(default_factory=dict)

    def __call__(self, role: str) -> Caller:
        if role not in self._made:
            self._made[role] = Caller(self.client, bearer(self.session, self.people[role]))
        return self._made[role]

    def nobody(self) -> Caller:
        """Somebody without a token."""
        return Caller(self.client, {})

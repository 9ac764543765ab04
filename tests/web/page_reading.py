"""How tests send a page's form: with its hidden fields, as a browser would."""

from typing import Any

from flask.testing import FlaskClient
from lxml import html


def read(answer: Any) -> Any:
    """The page of an answer, parsed."""
    return html.fromstring(answer.text)


def send(client: FlaskClient, page: str, to: str, **values: Any) -> Any:
    """Post values to an address with the token that the page at another address shows."""
    shown = read(client.get(page))
    token = shown.xpath("//meta[@name='csrf-token']/@content")[0]
    sent = {"csrf_token": token, "idempotency_key": values.pop("key", f"key-{next(_numbers)}"), **values}
    return client.post(to, data=sent, content_type="multipart/form-data")


_numbers = iter(range(1, 1_000_000))

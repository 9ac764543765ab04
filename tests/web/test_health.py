"""Does /health tell the truth?"""

from flask.testing import FlaskClient


def test_a_working_installation_says_it_serves(client: FlaskClient):
    answer = client.get("/health")
    assert answer.json["status"] == "ok", answer.json
    assert answer.status_code == 200

"""A district whose season is open now, and its people as programs call the API."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from service.people import day
from tests.api.callers import Callers
from tests.district import District, create_district


@pytest.fixture
def district(session: Session) -> District:
    """Requests are dated by the database's clock, so the season lies around today."""
    made = create_district(session)
    made.at = datetime.now(UTC) - timedelta(days=1)
    today = day(made.at)
    made.campaign.opens_on, made.campaign.closes_on = today - timedelta(days=30), today + timedelta(days=30)
    session.commit()
    return made


@pytest.fixture
def call(client: FlaskClient, district: District) -> Callers:
    """Calls of the district's people: `call("UNIT_CLERK").get("/inbox")`."""
    return Callers(client, district.session, district.people)

"""Do two districts in one database keep apart?"""

from sqlalchemy import inspect, text

from db import schema
from db import server as embedded
from db.connection import make_engine


def test_each_district_has_tables_of_its_own(server: embedded.Server):
    with server.connect() as connection:
        embedded.make_database(connection, "test_districts")
    url = server.url(database="test_districts")
    owner_url = server.url(embedded.OWNER, "test_districts")
    for district in ("north", "south"):
        owner = make_engine(owner_url, search_path=district)
        schema.upgrade(owner, application=embedded.APPLICATION, district=district)
        assert "heartbeat" in inspect(owner).get_table_names(schema=district)
        owner.dispose()
    north, south = (make_engine(url, search_path=district) for district in ("north", "south"))
    with north.begin() as connection:
        connection.execute(text("INSERT INTO heartbeat VALUES ('x', now())"))
    with north.connect() as one, south.connect() as other:
        counts = [connection.execute(text("SELECT count(*) FROM heartbeat")).scalar() for connection in (one, other)]
    north.dispose()
    south.dispose()
    assert counts == [1, 0]

"""Is this installation new? Brings its tables up to date and says whether anybody is in it yet."""

from sqlalchemy import exists, make_url, select

from db import schema
from db.connection import make_engine
from db.person import Person
from service.config import Config


def migrate(config: Config) -> bool:
    """Bring the tables to this release as their owner; says whether the installation is still without people.

    The application's role gets its rights anew each time. Where one role is both (a single address was
    given), it keeps the owner's rights and only the triggers protect the history.
    """
    engine = make_engine(config.owner_database_url, search_path=config.schema, pool_size=1)
    application = make_url(config.database_url).username
    owner = make_url(config.owner_database_url).username
    try:
        schema.upgrade(engine, application=application if application != owner else None, district=config.schema)
        with engine.connect() as connection:
            return not connection.execute(select(exists(select(Person.id)))).scalar_one()
    finally:
        engine.dispose()

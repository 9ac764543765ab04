"""Is this installation new? Brings its tables up to date and says whether anybody is in it yet."""

from sqlalchemy import exists, make_url, select

from db import schema
from db.connection import database_now, make_engine, make_sessions
from db.person import Person
from service import releases
from service.config import Config


def migrate(config: Config) -> bool:
    """Bring the tables to this release as their owner, publish its processes where none are; says whether the installation is still without people.

    The application's role gets its rights anew each time. Where one role is both (a single address was
    given), it keeps the owner's rights and only the triggers protect the history.
    """
    engine = make_engine(config.owner_database_url, search_path=config.schema, pool_size=1)
    application = make_url(config.database_url).username
    owner = make_url(config.owner_database_url).username
    try:
        schema.upgrade(engine, application=application if application != owner else None, district=config.schema)
        with make_sessions(engine).begin() as session:
            releases.install_shipped(session, at=database_now(session))
            return not session.execute(select(exists(select(Person.id)))).scalar_one()
    finally:
        engine.dispose()

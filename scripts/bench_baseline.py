"""The yardstick: a bare Flask app on SQLAlchemy Core; one request inserts one row of 300 bytes and commits."""

import os

from flask import Flask
from sqlalchemy import Column, Identity, Integer, MetaData, Table, Text, create_engine, insert

ROW = Table("bench_row", MetaData(), Column("id", Integer, Identity(), primary_key=True), Column("body", Text))
BODY = "x" * 300


def create_app() -> Flask:
    """The yardstick's application; pool and database are those of the product."""
    engine = create_engine(os.environ["JIHENG_DATABASE_URL"], pool_size=int(os.environ["JIHENG_POOL"]), max_overflow=0)
    app = Flask("baseline")

    @app.post("/")
    def keep() -> dict:
        with engine.begin() as connection:
            connection.execute(insert(ROW).values(body=BODY))
        return {"status": "ok"}

    @app.get("/health")
    def health() -> dict:
        return {"status": "ok"}

    return app

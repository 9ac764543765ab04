"""Which types and names do all tables share?"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import DateTime, MetaData, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
#: 万元, six decimals stored, two shown.
Money = Annotated[Decimal, mapped_column(Numeric(18, 6))]
#: Points of a weight or a score.
Points = Annotated[Decimal, mapped_column(Numeric(5, 2))]
Json = Annotated[dict[str, Any], mapped_column(JSONB(none_as_null=True))]
JsonList = Annotated[list[Any], mapped_column(JSONB(none_as_null=True))]


class Base(DeclarativeBase):
    """Declarative base of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {str: Text()}


def opaque_id() -> str:
    """A new identifier people cannot guess: 80 random bits, 16 lower-case letters and digits."""
    return base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower()


OpaqueId = Annotated[str, mapped_column(Text(), primary_key=True, default=opaque_id)]

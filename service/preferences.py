"""How does a person want things on their own desk? Small settings by name, kept on the server."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.desk import Preference

#: What can be set: the list of an inbox, notices, what follows a decision.
NAMES = ("inbox", "notices", "work")


def read(session: Session, person_id: str, name: str) -> dict[str, Any]:
    """What a person has set under a name; {} for one who never set anything."""
    return of_all(session, (person_id,), name).get(person_id, {})


def of_all(session: Session, person_ids: Collection[str], name: str) -> dict[str, dict[str, Any]]:
    """What these persons have set under a name, by person; whoever set nothing is left out."""
    chosen = select(Preference.person_id, Preference.value).where(Preference.name == name)
    rows = session.execute(chosen.where(Preference.person_id.in_(person_ids))).tuples()
    return {person_id: dict(value) for person_id, value in rows}


def keep(session: Session, person_id: str, name: str, value: Mapping[str, Any], *, at: datetime) -> None:
    """Keep what a person wants under a name, in place of what it was.

    Raises:
        KeyError: nothing can be set under this name.
    """
    if name not in NAMES:
        raise KeyError(name)
    row = insert(Preference).values(person_id=person_id, name=name, value=dict(value), changed_at=at)
    news = {"value": row.excluded.value, "changed_at": row.excluded.changed_at}
    session.execute(row.on_conflict_do_update(index_elements=["person_id", "name"], set_=news))

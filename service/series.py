"""Which number comes next? Series without gaps: cases of a year, entries of the library, projects of a unit."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from db.campaign import Counter


def take(session: Session, series: str, count: int = 1) -> int:
    """The first of the next ``count`` numbers of a series, which begins at 1.

    The series is held until the caller's transaction ends, so an undone transaction leaves no gap.
    """
    statement = insert(Counter).values(series=series, value=count)
    statement = statement.on_conflict_do_update(
        index_elements=[Counter.series], set_={"value": Counter.value + statement.excluded.value}
    )
    last: int = session.execute(statement.returning(Counter.value)).scalar_one()
    return last - count + 1

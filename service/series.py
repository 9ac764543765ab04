"""Which number comes next? Series without gaps: cases of a year, entries of the library, projects of a unit."""

from sqlalchemy.orm import Session

from db.statement import executed

#: Plain text, because SQLAlchemy composes every INSERT … ON CONFLICT anew.
_TAKE = (
    "INSERT INTO counter (series, value) VALUES (%(series)s, %(count)s) "
    "ON CONFLICT (series) DO UPDATE SET value = counter.value + excluded.value RETURNING value"
)


def take(session: Session, series: str, count: int = 1) -> int:
    """The first of the next ``count`` numbers of a series, which begins at 1.

    The series is held until the caller's transaction ends, so an undone transaction leaves no gap.
    """
    session.flush()
    with executed(session.connection(), _TAKE, {"series": series, "count": count}) as cursor:
        (last,) = cursor.fetchone() or (0,)
    return int(last) - count + 1

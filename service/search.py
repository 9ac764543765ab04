"""How is a project found by what a person types? Character pairs in an index, and other words for the same thing."""

import csv
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, exists, or_, select, text, true, union_all
from sqlalchemy.orm import Session, aliased

from db.case import CaseFile
from db.event import SearchText
from db.project import Project
from db.writing import upsert
from service.rules.quantities import half_width

_RUN = re.compile(r"[^\W_]+")
_LONGEST = 100
_MOST_TERMS = 8


def bigrams(words: str) -> set[str]:
    """The characters and pairs of neighbouring characters of a text; width and case do not matter, signs part words."""
    found: set[str] = set()
    for run in _runs(words):
        found.update(run)
        found.update(run[place : place + 2] for place in range(len(run) - 1))
    return found


def index(session: Session, subject_id: str, texts: Iterable[str | None]) -> None:
    """Make a subject findable by these texts alone: name and code, the numbers of its cases, its unit.

    A subject is a project, a department in cases about a whole one, or a case that is about neither.

    The caller commits. What it was found by before is replaced; empty texts count as none.
    """
    pairs = sorted(set().union(*(bigrams(words) for words in texts if words)))
    upsert(session, [SearchText(project_id=subject_id, bigrams=pairs)])


def condition(q: str) -> ColumnElement[bool]:
    """Condition on CaseFile: every word typed, or another word for the same thing, is in what its project is found by.

    True for a text without any word. Digits must stand together in the number or code, because pairs of digits are
    everywhere; not so in the few texts a case is found by itself.
    """
    terms = list(_runs(q[:_LONGEST]))[:_MOST_TERMS]
    return and_(true(), *(_term(term) for term in terms))


def plan_for_words(session: Session) -> None:
    """Let the database plan the searches of this transaction for the words that were typed, not for any words.

    A rare word is looked up first, a frequent one last; one plan for both is a hundred times slower for one of them.
    """
    session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def projects(q: str) -> ColumnElement[bool]:
    """Condition on Project, for lists that also hold projects without a case; otherwise as `condition`."""
    terms = list(_runs(q[:_LONGEST]))[:_MOST_TERMS]
    digits = (Project.project_code.contains(term, autoescape=True) for term in terms if term.isdecimal())
    return and_(true(), *(Project.id.in_(_indexed(term)) for term in terms), *digits)


def alternatives(term: str) -> list[str]:
    """The term, then the term with each synonym in it replaced: 农村低保 is also 农村最低生活保障."""
    found = [term]
    for short, full in _synonyms():
        if full in term:
            found.append(term.replace(full, short))
        elif short in term:
            found.append(term.replace(short, full))
    return found


def _term(term: str) -> ColumnElement[bool]:
    code = exists().where(Project.id == CaseFile.project_id, Project.project_code.contains(term, autoescape=True))
    own = CaseFile.id.in_(_indexed(term))
    together = or_(CaseFile.number.contains(term, autoescape=True), code, own) if term.isdecimal() else true()
    return and_(CaseFile.id.in_(_cases(term)), together)


def _cases(term: str) -> CompoundSelect[tuple[str]]:
    """Ids of the cases found by a word: by their project, by their department where it is meant, or by themselves."""
    found = aliased(CaseFile)
    of_projects = select(found.id).where(found.project_id.in_(_indexed(term)))
    of_departments = select(found.id).where(found.project_id.is_(None), found.department_id.in_(_indexed(term)))
    return union_all(of_projects, of_departments, select(found.id).where(found.id.in_(_indexed(term))))


def _indexed(term: str) -> Select[tuple[str]]:
    wanted = or_(*(SearchText.bigrams.contains(_sought(word)) for word in alternatives(term)))
    return select(SearchText.project_id).where(wanted)


def _sought(word: str) -> list[str]:
    """Pairs alone say all that single characters would."""
    return sorted(pair for pair in bigrams(word) if len(pair) == min(len(word), 2))


def _runs(words: str) -> Iterator[str]:
    return (found[0] for found in _RUN.finditer(half_width(words).lower()))


@cache
def _synonyms() -> tuple[tuple[str, str], ...]:
    """Pairs of a short and a full word; a table beside this module that anybody may add to."""
    table = (files("service") / "synonyms.csv").read_text(encoding="utf-8")
    return tuple((row["short"], row["full"]) for row in csv.DictReader(table.splitlines()))

"""Tables other tools export are asked by `jiheng decide`: the answer with its rows, or a sentence that names the place."""

from decimal import Decimal

import pytest

from service.decision_tables import try_decision
from service.engine import ReleaseError
from service.engine.dmn import read_model
from tests.engine.dmn.exports import EXPORTS


def plain(value):
    """Numbers as such, whatever digits they were written with."""
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, list):
        return [plain(one) for one in value]
    return {name: plain(one) for name, one in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_decides_or_says_why_not(name):
    export = EXPORTS[name]
    found = try_decision(export.content, "export.dmn", export.choice, export.inputs)
    if export.refused:
        assert found.status != "decided", found
        assert any(export.refused in problem for problem in found.problems), found.problems
    else:
        assert (found.status, plain(found.result), found.matched) == ("decided", plain(export.answer), export.rows), (
            found
        )
    if export.warns:
        assert set(export.warns) <= {problem.code for problem in read_model(export.content).problems}


def test_there_are_enough_of_them():
    assert len(EXPORTS) >= 60


@pytest.mark.parametrize("name", EXPORTS)
def test_every_prefix_of_an_export_is_refused_in_words(name):
    """A file cut short is never read as a smaller table."""
    content = EXPORTS[name].content
    for part in (3, 2):
        cut = content[: len(content) // part]
        with pytest.raises(ReleaseError) as refused:
            read_model(cut, "export.dmn")
        assert all(problem.message and problem.remedy for problem in refused.value.problems)

"""Does the bench judge fairly? A budget is missed only beyond the noise."""

import pytest
from bench_harness import Outcome
from bench_sections import SECTIONS


@pytest.mark.parametrize(
    ("value", "noise", "less_is_better", "missed"),
    [
        (2.9, 0.0, True, False),
        (3.1, 0.0, True, True),
        (3.1, 0.2, True, False),
        (3.3, 0.2, True, True),
        (2.9, 0.0, False, True),
        (2.9, 0.2, False, False),
        (3.1, 0.0, False, False),
    ],
)
def test_a_budget_is_missed_only_beyond_the_noise(value: float, noise: float, less_is_better: bool, missed: bool):
    outcome = Outcome(name="x", value=value, unit="×", budget=3.0, noise=noise, less_is_better=less_is_better)
    assert outcome.missed is missed


def test_every_section_says_what_it_measures():
    assert all(section.__doc__ for section in SECTIONS.values())

"""How many points does a result earn, by which rule, and how did they come about?

Pure arithmetic under a rule set (LINEAR_2020, THRESHOLD_2021 or a campaign's own edition): exact fractions inside,
rounded half up once, at two decimals.
"""

from __future__ import annotations

from service.rules.scoring.deadline import deadline_score
from service.rules.scoring.execution import execution_score
from service.rules.scoring.experts import PanelRule, PanelScore, panel_score
from service.rules.scoring.explanation import needs_explanation
from service.rules.scoring.level import level_fits, level_score
from service.rules.scoring.quantity import quantity_score
from service.rules.scoring.rule_set import REVERSE_MODES, ScoreRules, read, rule_set, shipped
from service.rules.scoring.score import Score
from service.rules.scoring.total import ProjectScore, Result, grade_of, indicator_score, project_score
from service.rules.scoring.weights import shared, without_satisfaction

__all__ = [
    "REVERSE_MODES",
    "PanelRule",
    "PanelScore",
    "ProjectScore",
    "Result",
    "Score",
    "ScoreRules",
    "deadline_score",
    "execution_score",
    "grade_of",
    "indicator_score",
    "level_fits",
    "level_score",
    "needs_explanation",
    "panel_score",
    "project_score",
    "quantity_score",
    "read",
    "rule_set",
    "shared",
    "shipped",
    "without_satisfaction",
]

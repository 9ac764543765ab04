"""Do the rows of a table contradict each other, leave cases out, or hold values of the wrong type? Said before anyone asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from service.engine.dmn.faults import FeelFault, MissingName
from service.engine.dmn.item_types import check_allowed, fitted
from service.engine.dmn.model import Model
from service.engine.dmn.samples import Sample, samples
from service.engine.dmn.scope import TESTED, Node, Run, Scope
from service.engine.dmn.table import DecisionTable, InputClause, OutputClause, Rule
from service.engine.dmn.values import equal
from service.engine.release import LintProblem, Severity

#: Work allowed for one table: cells tried, and places looked at when searching for what no row covers.
_MOST_TRIALS = 400_000
_MOST_PLACES = 40_000
_MOST_OVERLAPS = 40
_MOST_GAPS = 5
#: Policies under which one answer is wanted, so that cases without a row are a gap.
_ONE_ANSWER = ("UNIQUE", "ANY", "FIRST", "PRIORITY")


class _Unclear(Exception):
    """Whether rows meet depends on more than the tested values."""


def coverage_problems(model: Model) -> Iterator[LintProblem]:
    """Yield what the rows of every table of a model do wrong together, however the table is asked.

    Errors: two rows that can match at once under UNIQUE, or with different results under ANY; a test or a result that
    does not fit the column's type or allowed values. Warnings: values no row matches where there is no default, a row
    that never has its turn under FIRST. Tables whose cells rest on other names, and very large ones, are not judged.
    """
    for decision in model.decisions.values():
        if decision.table is not None:
            yield from _Table(decision.table, decision.id).problems()


class _Table:
    def __init__(self, table: DecisionTable, decision_id: str) -> None:
        self.table = table
        self.decision_id = decision_id
        columns = zip(self.table.inputs, *(rule.texts for rule in table.rules), strict=True)
        self.samples = [samples(clause, texts) for clause, *texts in columns]

    def problems(self) -> Iterator[LintProblem]:
        wrong = [*self._misfits()]
        yield from wrong
        if wrong or len(self.table.rules) * sum(map(len, self.samples)) > _MOST_TRIALS:
            return
        try:
            masks = [self._masks(rule) for rule in self.table.rules]
        except (_Unclear, FeelFault):
            return
        yield from self._meetings(masks)
        if self.table.policy in _ONE_ANSWER and not any(clause.default for clause in self.table.outputs):
            yield from self._gaps(masks)

    def _misfits(self) -> Iterator[LintProblem]:
        for rule in self.table.rules:
            for place, (clause, test) in enumerate(zip(self.table.inputs, rule.tests, strict=True)):
                fault = self._test_fault(clause, test, self.samples[place])
                if fault:
                    yield self._misfit(rule, place, clause.label, fault)
            for place, (output, result) in enumerate(zip(self.table.outputs, rule.results, strict=True)):
                fault = _result_fault(output, result)
                if fault:
                    yield self._misfit(rule, len(self.table.inputs) + place, output.label, fault)

    def _test_fault(self, clause: InputClause, test: Node | None, tried: Sequence[Sample]) -> str:
        if test is None or not clause.type.base.kinds:
            return ""
        try:
            for sample in tried:
                _passes(clause, test, sample)
        except (_Unclear, MissingName):
            return ""
        except FeelFault as fault:
            return f"：这一列是{clause.type.shown}，{fault}"
        return ""

    def _misfit(self, rule: Rule, place: int, label: str, fault: str) -> LintProblem:
        where = rule.cells[place] or rule.id
        message = f"{self._title}第{rule.number}行“{label}”列{fault}"
        return _problem("dmn.misfit", "error", where, message, "请改正这个单元格，或改正这一列的类型。")

    def _masks(self, rule: Rule) -> tuple[int, ...]:
        """Per column: which samples the row's test lets through, as bits."""
        found = []
        for clause, test, tried in zip(self.table.inputs, rule.tests, self.samples, strict=True):
            passed = [test is None or _passes(clause, test, sample) for sample in tried]
            found.append(sum(1 << place for place, yes in enumerate(passed) if yes))
        return tuple(found)

    def _meetings(self, masks: Sequence[tuple[int, ...]]) -> Iterator[LintProblem]:
        told = 0
        for first, second in combinations(self.table.rules, 2):
            common = [a & b for a, b in zip(masks[first.number - 1], masks[second.number - 1], strict=True)]
            if told >= _MOST_OVERLAPS or not all(common):
                continue
            problem = self._meeting(first, second, common, masks[second.number - 1])
            if problem is not None:
                told += 1
                yield problem

    def _meeting(self, first: Rule, second: Rule, common: list[int], later: tuple[int, ...]) -> LintProblem | None:
        rows, example = f"第{first.number}行与第{second.number}行", self._example(common)
        if self.table.policy == "UNIQUE":
            message = f"{self._title}{rows}重叠：{example}时两行都相符，而命中策略 UNIQUE 只允许一行相符"
            return _problem("dmn.overlap", "error", second.id, message, "请改正其中一行的条件，或改用别的命中策略。")
        if self.table.policy == "ANY" and _differ(first, second):
            message = f"{self._title}{rows}重叠而结果不同：{example}时两行都相符，命中策略 ANY 要求结果一致"
            return _problem("dmn.overlap", "error", second.id, message, "请改正其中一行。")
        if self.table.policy == "FIRST" and tuple(common) == later:
            message = f"{self._title}第{second.number}行永远轮不到：凡与它相符的，第{first.number}行已先相符"
            return _problem("dmn.unreachable", "warning", second.id, message, "请调整次序，或删去这一行。")
        return None

    def _gaps(self, masks: Sequence[tuple[int, ...]]) -> Iterator[LintProblem]:
        search = _GapSearch(masks, [len(tried) for tried in self.samples])
        for gap in search.found():
            message = f"{self._title}没有覆盖：{self._example(gap)}时没有一行相符"
            remedy = "请补一行，或给输出列设默认值；确实不会出现的情况可以不管。"
            yield _problem("dmn.gap", "warning", self.decision_id, message, remedy)

    def _example(self, masks: Sequence[int]) -> str:
        """One case the masks allow, in words; columns that admit everything are left out."""
        parts = []
        for clause, tried, mask in zip(self.table.inputs, self.samples, masks, strict=True):
            if mask == (1 << len(tried)) - 1 and len(self.samples) > 1:
                continue
            words = [sample.words for place, sample in enumerate(tried) if mask >> place & 1]
            more = "等" if len(words) > 2 else ""
            parts.append(f"“{clause.label}”{'或'.join(words[:2])}{more}")
        return "、".join(parts) or "任何输入"

    @property
    def _title(self) -> str:
        return f"决策表“{self.table.title}”"


class _GapSearch:
    """Looks for combinations of samples no row lets through; columns whose samples behave alike are taken together."""

    def __init__(self, masks: Sequence[tuple[int, ...]], sizes: Sequence[int]) -> None:
        self.sizes = sizes
        self.places = 0
        self.rows = (1 << len(masks)) - 1
        #: Per column and sample: the rows that let it through, as bits.
        self.through = [
            [sum(1 << row for row, mask in enumerate(masks) if mask[column] >> place & 1) for place in range(size)]
            for column, size in enumerate(sizes)
        ]
        self.sound: set[tuple[int, int]] = set()

    def found(self) -> list[tuple[int, ...]]:
        """The first gaps, each as bits per column; what lies beyond the limit of work is not found."""
        gaps: list[tuple[int, ...]] = []
        self._search(0, self.rows, (), gaps)
        return gaps

    def _search(self, column: int, rows: int, chosen: tuple[int, ...], gaps: list[tuple[int, ...]]) -> None:
        self.places += 1
        if len(gaps) >= _MOST_GAPS or self.places > _MOST_PLACES or (column, rows) in self.sound:
            return
        if rows == 0:
            gaps.append((*chosen, *((1 << size) - 1 for size in self.sizes[column:])))
            return
        if column == len(self.sizes):
            return
        alike: dict[int, int] = {}
        for place, through in enumerate(self.through[column]):
            alike[rows & through] = alike.get(rows & through, 0) | 1 << place
        before = len(gaps)
        for left, mask in alike.items():
            self._search(column + 1, left, (*chosen, mask), gaps)
        if len(gaps) == before:
            self.sound.add((column, rows))


def _passes(clause: InputClause, test: Node, sample: Sample) -> bool:
    run = Run()
    try:
        passed = test(Scope({TESTED: sample.value, clause.variable: sample.value}, run))
    except MissingName as fault:
        raise _Unclear from fault
    return bool(passed)


def _result_fault(output: OutputClause, node: Node | None) -> str:
    if node is None:
        return ""
    try:
        value = fitted(node(Scope({}, Run())), output.type, "结果")
        if value is not None:
            check_allowed(value, output.allowed, output.allowed_text, "结果")
    except MissingName:
        return ""  # known only when the table is asked
    except FeelFault as fault:
        return f"：{fault}"
    return ""


def _differ(first: Rule, second: Rule) -> bool:
    for one, other in zip(first.results, second.results, strict=True):
        if one is None or other is None:
            return one is not other
        try:
            if equal(one(Scope({}, Run())), other(Scope({}, Run()))) is not True:
                return True
        except FeelFault:
            return False
    return False


def _problem(code: str, severity: Severity, element_id: str, message: str, remedy: str) -> LintProblem:
    return LintProblem(code=code, severity=severity, element_id=element_id, message=f"{message}。", remedy=remedy)

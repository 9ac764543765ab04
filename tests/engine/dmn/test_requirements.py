"""Decisions rest on other decisions, call functions and hold contexts, as the standard's larger cases do."""

from decimal import Decimal

import pytest

from service.engine.dmn import Undecided, choose, decide, read_model
from tests.engine.dmn.models import (
    clause,
    column,
    decision,
    definitions,
    input_data,
    knowledge,
    literal,
    made,
    result,
    table,
)


def binding(name, text):
    return f'<binding><parameter name="{name}"/>{literal(text)}</binding>'


def invocation(name, **bindings):
    return f"<invocation>{literal(name)}{''.join(binding(*pair) for pair in bindings.items())}</invocation>"


def entry(name, logic, kind=""):
    variable = f'<variable name="{name}" typeRef="{kind}"/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


RISK = decision(
    "风险 等级",
    table(
        [column("得分", "number")],
        [result("level", "string", '"高","低"')],
        [(["< 60"], ['"高"']), ([">= 60"], ['"低"'])],
    ),
    kind="string",
    decision_id="risk",
)
FINAL = decision(
    "处理",
    table(
        [column("风险 等级", "string"), column("金额", "number")],
        [result()],
        [(['"高"', "-"], ['"退回"']), (['"低"', ">= 300"], ['"复核"']), (['"低"', "< 300"], ['"通过"'])],
    ),
    needs=["risk"],
    decision_id="final",
)


def test_a_table_may_use_the_result_of_another():
    answer = made(RISK, FINAL, 得分=80, 金额=300)
    assert answer.value == "复核"
    assert answer.rows == (2,)
    assert [(made.name, made.value, made.rows) for made in answer.required] == [("风险 等级", "低", (2,))]
    assert [firing.title for firing in answer.firings] == ["风险 等级", "处理"]


@pytest.mark.parametrize("choice", ["risk", "风险 等级", "风险  等级"])
def test_a_decision_is_chosen_by_id_or_name(choice):
    assert made(RISK, FINAL, choice=choice, 得分=10).value == "高"


def test_without_a_choice_the_final_decision_is_made():
    assert choose(read_model(definitions(RISK, FINAL)), None).id == "final"


def test_an_unknown_or_missing_choice_lists_what_there_is():
    with pytest.raises(Undecided, match=r"没有决策“x”，文件中有：风险 等级（risk）、处理（final）"):
        made(RISK, FINAL, choice="x")
    with pytest.raises(Undecided, match="请指定其中一个"):
        made(RISK, decision("另一个", literal("1")))


def test_a_fault_in_a_required_decision_names_that_decision():
    with pytest.raises(Undecided, match="决策表“风险 等级”输入“得分”：缺少输入“得分”"):
        made(RISK, FINAL, 金额=300)


def test_a_required_table_without_a_matching_row_gives_null_and_says_so():
    gap = RISK.replace("&lt; 60", "&lt; 50")
    answer = made(gap, FINAL, 得分=55, 金额=1)
    assert not answer.decided
    assert "决策表“风险 等级”没有一行与输入相符" in answer.required[0].notes[0]


def test_a_result_that_is_supplied_is_taken_and_noted():
    answer = made(RISK, FINAL, 金额=100, **{"风险 等级": "低"})
    assert answer.value == "通过"
    assert answer.notes == ("决策“风险 等级”的结果取自输入，没有计算",)


def test_a_decision_without_logic_must_be_supplied():
    person = decision("专家 意见", "", decision_id="p")
    final = decision("结论", literal('"专家：" + 专家 意见'), needs=["p"])
    assert made(person, final, choice="结论", **{"专家 意见": "可行"}).value == "专家：可行"
    with pytest.raises(Undecided, match="请在输入中给出它的结果"):
        made(person, final, choice="结论")


def test_decisions_that_rest_on_each_other_are_refused():
    parts = [decision("a", literal("b"), ["d_b"]), decision("b", literal("a"), ["d_a"])]
    assert "互相依赖" in read_model(definitions(*parts)).problems[0].message
    with pytest.raises(Undecided, match="间接依赖它自己"):
        made(*parts, choice="a")


def test_a_required_decision_that_is_not_in_the_file_is_said():
    with pytest.raises(Undecided, match="需要的决策 #nowhere 不在文件中"):
        made(decision("a", literal("1"), ["nowhere"]))


@pytest.mark.parametrize("name", ["level", "risk"])
def test_some_tools_refer_to_a_result_by_output_name_or_id(name):
    final = decision("处理", table([column(name)], [result()], [(['"低"'], ["1"])]), ["risk"])
    assert made(RISK, final, 得分=80).value == 1


def test_a_fault_in_one_decision_leaves_the_others_usable():
    broken = decision("坏", table([column("x")], [result()], [(["> >"], ["1"])]))
    assert made(broken, RISK, choice="risk", 得分=10).value == "高"
    with pytest.raises(Undecided, match="“坏”第1行“x”列"):
        made(broken, RISK, choice="坏", x=1)


def test_a_function_with_a_table_is_called_with_arguments_by_name():
    score = knowledge(
        "评分 表",
        [("预警-等级", "string")],
        table([column("预警-等级", "string")], [result()], [(['"红"'], ["0.6"]), (["-"], ["0.8"])], "FIRST"),
    )
    asked = decision("系数", invocation("评分 表", **{"预警-等级": "等级"}), kind="number")
    answer = made(score, asked, 等级="红")
    assert answer.value == Decimal("0.6")
    assert [(firing.title, firing.rows) for firing in answer.firings] == [("评分 表", (1,))]


def test_functions_call_functions_from_expressions():
    payment = knowledge(
        "PMT", [("p", "number"), ("r", "number"), ("n", "number")], literal("(p*r/12)/(1-(1+r/12)**-n)")
    )
    asked = decision("月付", literal("PMT(Loan.amount, Loan.rate, Loan.term) + fee"))
    loan = {"amount": 30000, "rate": Decimal("0.0475"), "term": 60}
    value = made(payment, asked, Loan=loan, fee=100).value
    assert round(value, 10) == Decimal("662.7073593733")


def test_parameters_may_have_dots_in_their_names():
    parameters = [("Person.Name", "string"), ("Person.Children", "number")]
    text = 'Person.Name + " " + string(Person.Children)'
    described = knowledge("Description", parameters, table([column("Person.Name")], [result()], [(["-"], [text])]))
    asked = decision("d", invocation("Description", **{p: p for p, _ in parameters}))
    assert made(described, asked, Person={"Name": "甲", "Children": 2}).value == "甲 2"


def test_wrong_arguments_are_said():
    double = knowledge("双倍", [("x", "number")], literal("x * 2"))
    for text, said in [
        ("双倍(1, 2)", "参数应为 x"),
        ("双倍(y: 1)", "参数应为 x"),
        ("双倍()", "缺少参数“x”"),
        ('双倍("1")', "应为数字"),
    ]:
        with pytest.raises(Undecided, match=said):
            made(double, decision("d", literal(text)))


def test_a_context_computes_step_by_step_and_ends_in_a_value():
    calculation = "".join(
        [
            entry("可支配 收入", literal("收入 - 支出"), "number"),
            entry("系数", table([column("等级")], [result()], [(['"高"'], ["0.5"]), (['"低"'], ["1"])])),
            entry("", literal("可支配 收入 * 系数 > 100")),
        ]
    )
    asked = decision("可承受", f"<context>{calculation}</context>", kind="boolean")
    assert made(asked, 收入=500, 支出=200, 等级="高").value is True
    pair = decision("两项", f"<context>{entry('a', literal('1'))}{entry('b', literal('a + 1'))}</context>")
    assert made(pair).value == {"a": 1, "b": 2}


def test_boxed_lists_relations_functions_and_loops():
    rows = f"<row>{literal('1')}{literal('2')}</row><row>{literal('3')}{literal('4')}</row>"
    relation = f'<relation><column name="a"/><column name="b"/>{rows}</relation>'
    assert made(decision("r", relation)).value == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]
    assert made(decision("l", f"<list>{literal('1')}{literal('1 + 1')}</list>")).value == [1, 2]
    loop = f'<for iteratorVariable="i"><in>{literal("1..3")}</in><return>{literal("i * 2")}</return></for>'
    assert made(decision("f", loop.replace("1..3", "[1, 2]"))).value == [2, 4]
    some = f'<some iteratorVariable="i"><in>{literal("[1, 2]")}</in><satisfies>{literal("i > 1")}</satisfies></some>'
    assert made(decision("s", some)).value is True
    filtered = f"<filter><in>{literal('[1, 2]')}</in><match>{literal('item > 1')}</match></filter>"
    assert made(decision("g", filtered)).value == [2]
    chosen = (
        f"<conditional><if>{literal('x > 1')}</if><then>{literal('1')}</then><else>{literal('0')}</else></conditional>"
    )
    assert made(decision("c", chosen), x=2).value == 1
    helper = f'<functionDefinition><formalParameter name="x"/>{literal("x + 1")}</functionDefinition>'
    context = f"<context>{entry('f', helper)}{entry('', literal('f(2)'))}</context>"
    assert made(decision("h", context)).value == 3


STRUCTURE = (
    '<itemDefinition name="tProject"><itemComponent name="start date"><typeRef>date</typeRef></itemComponent>'
    '<itemComponent name="kind"><typeRef>string</typeRef><allowedValues><text>"new", "renewed"</text></allowedValues>'
    '</itemComponent><itemComponent name="sums" isCollection="true"><typeRef>number</typeRef></itemComponent>'
    "</itemDefinition>"
)


def project(**inputs):
    value = {"start date": "2026-03-01", "kind": "new", "sums": [1, 2], **inputs}
    text = 'if Project.start date > date("2026-01-01") then sum(Project.sums) else 0'
    return made(STRUCTURE, input_data("Project", "tns:tProject"), decision("d", literal(text)), Project=value)


def test_structures_are_read_by_their_declared_types():
    assert project().value == 3
    assert project(**{"start date": "2025-03-01"}).value == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"start date": "gestern"}, "输入“Project”.start date应为日期"),
        ({"kind": "old"}, "输入“Project”.kind的值“old”不在允许的值"),
        ({"sums": [1, "2"]}, r"输入“Project”.sums\[2\]应为数字"),
    ],
)
def test_a_wrong_part_of_a_structure_is_named(change, said):
    with pytest.raises(Undecided, match=said):
        project(**change)


def test_an_input_is_told_from_its_declared_type_where_a_column_says_otherwise():
    asked = decision("d", table([column("ok", "string")], [result()], [(["true"], ["1"]), (["false"], ["2"])]))
    model = read_model(definitions(input_data("ok", "boolean"), asked))
    assert "声明为文字，而“ok”声明为真假值" in model.problems[0].message
    assert model.problems[0].severity == "warning"
    assert decide(model, None, {"ok": False}).value == 2


def test_a_result_that_differs_from_its_declared_type_is_kept_and_said():
    answer = made(decision("d", literal('"甲"'), kind="number"))
    assert answer.value == "甲"
    assert "决策“d”的结果应为数字" in answer.notes[0]


def test_names_with_signs_are_read_as_the_model_declares_them():
    parts = [input_data("Approved/Declined"), input_data("it's + more (net)")]
    asked = decision("d", table([column("Approved/Declined")], [result()], [(["it's + more (net)"], ["1"])]))
    assert made(*parts, asked, **{"Approved/Declined": 5, "it's + more (net)": 5}).value == 1


def test_a_function_in_another_language_is_refused():
    java = '<encapsulatedLogic kind="Java"><context/></encapsulatedLogic>'
    part = f'<businessKnowledgeModel id="b" name="外部"><variable name="外部"/>{java}</businessKnowledgeModel>'
    model = read_model(definitions(part, decision("d", literal("外部()"))))
    assert "只支持 FEEL" in model.problems[0].message
    with pytest.raises(Undecided, match="函数“外部”本身有错误"):
        decide(model, None, {})


def test_a_literal_in_another_language_is_refused():
    text = clause("literalExpression", "execution.x", 'expressionLanguage="groovy"')
    with pytest.raises(Undecided, match="用的是 groovy 语言，只支持标准的 FEEL"):
        made(decision("d", text))


def test_two_decisions_of_one_name_must_be_told_apart_by_id():
    same = [decision("同名", literal("1"), decision_id="a"), decision("同名", literal("2"), decision_id="b")]
    assert made(*same, choice="b").value == 2
    with pytest.raises(Undecided, match="有几个决策名为“同名”，请用标识指定：同名（a）、同名（b）"):
        made(*same, choice="同名")


def test_two_decisions_of_one_id_are_never_made():
    same = [decision("甲", literal("1"), decision_id="x"), decision("乙", literal("2"), decision_id="x")]
    with pytest.raises(Undecided, match="决策标识 x 重复"):
        made(*same, choice="x")

"""Files as other tools save them are read: vendor extensions and diagrams are passed over, nothing is lost in silence."""

import time

import pytest

from service.engine import ReleaseError
from service.engine.dmn import Undecided, decide, read_model, show
from tests.engine.dmn.models import column, decision, definitions, literal, made, result, rule, table

CAMUNDA = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"
 xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" xmlns:biodi="http://bpmn.io/schema/dmn/biodi/2.0"
 xmlns:camunda="http://camunda.org/schema/1.0/dmn" xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="dish"
 name="Dish" namespace="http://camunda.org/schema/1.0/dmn" exporter="Camunda Modeler" exporterVersion="5.20.0"
 modeler:executionPlatform="Camunda Platform" modeler:executionPlatformVersion="7.20.0">
  <decision id="light" name="Light" camunda:historyTimeToLive="P5D">
    <informationRequirement id="r1"><requiredDecision href="#rate" /></informationRequirement>
    <decisionTable id="t1" hitPolicy="FIRST">
      <input id="i1" label="Execution rate" biodi:width="192" camunda:inputVariable="rate_in_percent">
        <inputExpression id="e1" typeRef="double"><text>executionRate</text></inputExpression>
      </input>
      <input id="i2" label="Month"><inputExpression id="e2" typeRef="integer"><text>month</text></inputExpression>
        <inputValues id="v"><text>1,2,3,4,5,6,7,8,9,10,11,12</text></inputValues></input>
      <output id="o1" label="Light" name="light" typeRef="string" biodi:width="150"><outputValues id="ov">
        <text>"green","yellow","red"</text></outputValues></output>
      <rule id="row-1"><description>on time</description>
        <inputEntry id="u1"><text>&gt;= 80</text></inputEntry><inputEntry id="u2"><text></text></inputEntry>
        <outputEntry id="l1"><text>"green"</text></outputEntry></rule>
      <rule id="row-2"><inputEntry id="u3"><text>rate_in_percent &gt; 50</text></inputEntry>
        <inputEntry id="u4"><text>[1..6]</text></inputEntry><outputEntry id="l2"><text>"yellow"</text></outputEntry></rule>
      <rule id="row-3"><inputEntry id="u5"><text>-</text></inputEntry><inputEntry id="u6"><text>-</text></inputEntry>
        <outputEntry id="l3"><text>"red"</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <decision id="rate" name="Rate">
    <variable id="x" name="executionRate" typeRef="double" />
    <literalExpression id="le"><text>paid / budget * 100</text></literalExpression>
  </decision>
  <dmndi:DMNDI><dmndi:DMNDiagram id="d"><dmndi:DMNShape id="s" dmnElementRef="light">
    <dc:Bounds height="80" width="180" x="160" y="100" /></dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>"""

TRISOTECH = """<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<semantic:definitions xmlns:semantic="http://www.omg.org/spec/DMN/20151101/dmn.xsd"
 xmlns:triso="http://www.trisotech.com/2015/triso/modeling" xmlns:feel="http://www.omg.org/spec/FEEL/20140401"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://www.trisotech.com/definitions/_e"
 id="_e" namespace="http://www.trisotech.com/definitions/_e" exporter="DMN Modeler" name="review" triso:logoChoice="Default"
 xsi:schemaLocation="http://www.omg.org/spec/DMN/20151101/dmn.xsd dmn.xsd">
 <semantic:extensionElements><rss xmlns="http://purl.org/rss/2.0/" version="2.0"><channel/></rss></semantic:extensionElements>
 <semantic:decision id="_3b" name="Review Status"><semantic:question>Which?</semantic:question>
  <semantic:variable name="Review Status" typeRef="feel:string"/>
  <semantic:informationRequirement><semantic:requiredInput href="#_4"/></semantic:informationRequirement>
  <semantic:decisionTable hitPolicy="UNIQUE" outputLabel="Review Status">
   <semantic:input id="_b" label="Total Score"><semantic:inputExpression typeRef="feel:number">
    <semantic:text>Total Score</semantic:text></semantic:inputExpression></semantic:input>
   <semantic:output id="_o"><semantic:outputValues triso:constraintsType="enumeration">
    <semantic:text>"优", "差"</semantic:text></semantic:outputValues></semantic:output>
   <semantic:rule id="_7"><semantic:inputEntry id="_7-0"><semantic:text>&gt;=60</semantic:text></semantic:inputEntry>
    <semantic:outputEntry id="_7-1" triso:unparsed="true"><semantic:text>"优"</semantic:text></semantic:outputEntry></semantic:rule>
   <semantic:rule id="_8"><semantic:inputEntry id="_8-0"><semantic:text>&lt;60</semantic:text></semantic:inputEntry>
    <semantic:outputEntry id="_8-1"><semantic:text>"差"</semantic:text></semantic:outputEntry></semantic:rule>
  </semantic:decisionTable></semantic:decision>
 <semantic:inputData id="_4" name="Total Score"><semantic:variable name="Total Score" typeRef="feel:number"/></semantic:inputData>
</semantic:definitions>""".encode()

KIE = b"""<dmn:definitions xmlns:dmn="http://www.omg.org/spec/DMN/20180521/MODEL/" xmlns="https://kiegroup.org/dmn/_A"
 xmlns:feel="http://www.omg.org/spec/DMN/20180521/FEEL/" xmlns:kie="http://www.drools.org/kie/dmn/1.2" id="_A" name="fines"
 expressionLanguage="http://www.omg.org/spec/DMN/20180521/FEEL/" typeLanguage="http://www.omg.org/spec/DMN/20180521/FEEL/"
 namespace="https://kiegroup.org/dmn/_A">
 <dmn:extensionElements/>
 <dmn:itemDefinition id="_T" name="tViolation" isCollection="false"><dmn:itemComponent id="_C" name="Actual Speed">
  <dmn:typeRef>number</dmn:typeRef></dmn:itemComponent><dmn:itemComponent id="_D" name="Speed Limit">
  <dmn:typeRef>number</dmn:typeRef></dmn:itemComponent></dmn:itemDefinition>
 <dmn:inputData id="_I" name="Violation"><dmn:extensionElements/><dmn:variable id="_V" name="Violation" typeRef="tViolation"/>
 </dmn:inputData>
 <dmn:decision id="_F" name="Fine"><dmn:extensionElements/><dmn:variable id="_W" name="Fine"/>
  <dmn:informationRequirement id="_R"><dmn:requiredInput href="#_I"/></dmn:informationRequirement>
  <dmn:decisionTable id="_DT" hitPolicy="UNIQUE" preferredOrientation="Rule-as-Row">
   <dmn:input id="_IN"><dmn:inputExpression id="_IE" typeRef="number">
    <dmn:text>Violation.Actual Speed - Violation.Speed Limit</dmn:text></dmn:inputExpression></dmn:input>
   <dmn:output id="_O1" name="Amount" typeRef="number"/><dmn:output id="_O2" name="Points" typeRef="number"/>
   <dmn:annotation name="annotation-1"/>
   <dmn:rule id="_R1"><dmn:inputEntry id="_1"><dmn:text>[10..30)</dmn:text></dmn:inputEntry>
    <dmn:outputEntry id="_2"><dmn:text>500</dmn:text></dmn:outputEntry>
    <dmn:outputEntry id="_3"><dmn:text>3</dmn:text></dmn:outputEntry>
    <dmn:annotationEntry><dmn:text>mild</dmn:text></dmn:annotationEntry></dmn:rule>
   <dmn:rule id="_R2"><dmn:inputEntry id="_4"><dmn:text>&gt;= 30</dmn:text></dmn:inputEntry>
    <dmn:outputEntry id="_5"><dmn:text>1000</dmn:text></dmn:outputEntry>
    <dmn:outputEntry id="_6"><dmn:text>7</dmn:text></dmn:outputEntry>
    <dmn:annotationEntry><dmn:text/></dmn:annotationEntry></dmn:rule>
  </dmn:decisionTable></dmn:decision>
 <kie:ComponentsWidthsExtension xmlns:dmndi="x"><kie:ComponentWidths dmnElementRef="_DT"/></kie:ComponentsWidthsExtension>
</dmn:definitions>"""

SIGNAVIO = b"""<definitions xmlns="http://www.omg.org/spec/DMN/20151101/dmn.xsd" xmlns:feel="http://www.omg.org/spec/FEEL/20140401"
 xmlns:sigExt="http://www.signavio.com/schema/dmn/1.1/" expressionLanguage="http://www.omg.org/spec/FEEL/20140401"
 id="id-1" name="Discount" namespace="http://www.signavio.com/dmn/1.1/diagram/1.xml">
 <itemDefinition id="id-2" label="Customer level" name="customerLevel"><typeRef>feel:string</typeRef>
  <allowedValues><text>"Gold", "Silver"</text></allowedValues></itemDefinition>
 <inputData id="id-3" name="Customer level"><extensionElements/><variable id="id-4" name="customerLevel" typeRef="customerLevel"
  sigExt:shapeId="sid"/></inputData>
 <decision id="id-5" name="Discount" sigExt:shapeId="sid-2"><extensionElements/><variable name="discount" typeRef="feel:number"/>
  <informationRequirement><requiredInput href="#id-3"/></informationRequirement>
  <decisionTable hitPolicy="UNIQUE"><input id="id-6" label="Customer level"><inputExpression typeRef="customerLevel">
   <text>customerLevel</text></inputExpression></input><output id="id-7" label="Discount" name="discount" typeRef="feel:number"/>
   <rule id="id-8"><inputEntry id="id-9"><text>"Gold"</text></inputEntry><outputEntry id="id-10"><text>0.1</text></outputEntry></rule>
   <rule id="id-11"><inputEntry id="id-12"><text>not("Gold")</text></inputEntry><outputEntry id="id-13"><text>0</text></outputEntry></rule>
  </decisionTable></decision></definitions>"""


@pytest.mark.parametrize(
    ("text", "choice", "inputs", "value", "rows"),
    [
        (CAMUNDA, None, {"paid": 90, "budget": 100, "month": 3}, "green", (1,)),
        (CAMUNDA, "light", {"paid": 60, "budget": 100, "month": 3}, "yellow", (2,)),
        (CAMUNDA, "Light", {"paid": 60, "budget": 100, "month": 8}, "red", (3,)),
        (TRISOTECH, "Review Status", {"Total Score": 60}, "优", (1,)),
        (TRISOTECH, "_3b", {"Total Score": 59}, "差", (2,)),
        (KIE, "Fine", {"Violation": {"Actual Speed": 115, "Speed Limit": 100}}, {"Amount": 500, "Points": 3}, (1,)),
        (SIGNAVIO, "Discount", {"customerLevel": "Silver"}, 0, (2,)),
        (SIGNAVIO, "discount", {"customerLevel": "Gold"}, pytest.approx(0.1), (1,)),
    ],
)
def test_a_file_of_another_tool_decides(text, choice, inputs, value, rows):
    model = read_model(text)
    assert [problem for problem in model.problems if problem.severity == "error"] == []
    answer = decide(model, choice, inputs)
    answered = float(answer.value) if isinstance(value, type(pytest.approx(0.1))) else answer.value
    assert (answered, answer.rows) == (value, rows)


def test_a_repeated_decision_of_a_vendor_is_refused_and_not_read_as_a_plain_one():
    extension = '<extensionElements><s:MultiInstanceDecision xmlns:s="http://www.signavio.com/x"/></extensionElements>'
    with pytest.raises(Undecided, match="逐项重复的决策"):
        made(decision("d", extension + literal("1")))


def test_a_column_without_expression_is_read_by_its_label_with_a_warning():
    asked = decision(
        "d",
        table(['<input label="body temp."><inputExpression typeRef="number"/></input>'], [result()], [(["1"], ["1"])]),
    )
    model = read_model(definitions(asked))
    assert [(problem.code, problem.severity) for problem in model.problems] == [("dmn.no_expression", "warning")]
    assert decide(model, None, {"body temp.": 1}).value == 1


def test_another_namespace_with_decisions_is_read_with_a_warning():
    model = read_model(definitions(decision("d", literal("1")), namespace="https://example.org/dmn"))
    assert [(problem.code, problem.severity) for problem in model.problems] == [("dmn.namespace", "warning")]
    assert decide(model, None, {}).value == 1


def test_an_import_is_said_and_the_rest_is_read():
    model = read_model(definitions('<import namespace="x" name="别处"/>', decision("d", literal("1"))))
    assert "引用了别的文件 别处" in model.problems[0].message
    assert decide(model, None, {}).value == 1


SOUND = definitions(decision("d", table([column("x")], [result()], [(["1"], ["1"])])))
HOSTILE = {
    "empty": b"",
    "not xml": b"\x00\x01\x02",
    "truncated": SOUND[:-20],
    "html": b"<html><body/></html>",
    "a process": b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p"/></definitions>',
    "no decision": definitions(),
    "doctype": b"<!DOCTYPE x>" + SOUND,
    "billion laughs": b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>',
    "external entity": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
    "deep": b"<a>" * 1_000 + b"</a>" * 1_000,
    "two megabytes": definitions(f"<description>{'a' * 2_100_000}</description>", decision("d", literal("1"))),
    "many elements": definitions(decision("d", literal("1")), "<textAnnotation/>" * 12_000),
    "many decisions": definitions(*(decision(f"d{n}", literal("1")) for n in range(400))),
    "wrong encoding": '<?xml version="1.0" encoding="UTF-8"?><definitions name="é"/>'.encode("latin-1"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_decision_file_is_refused_in_time(name):
    began = time.process_time()
    with pytest.raises(ReleaseError) as refused:
        read_model(HOSTILE[name], "x.dmn")
    assert time.process_time() - began < 2
    assert all(problem.message and problem.remedy for problem in refused.value.problems)


ODD = {
    "no ids": b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"><decision><decisionTable/></decision></definitions>',
    "empty table": definitions(decision("d", "<decisionTable/>")),
    "empty context": definitions(decision("d", "<context/>")),
    "entry without logic": definitions(
        decision("d", '<context><contextEntry><variable name="a"/></contextEntry></context>')
    ),
    "invocation of nothing": definitions(decision("d", "<invocation/>")),
    "empty expression": definitions(decision("d", "<literalExpression/>")),
    "relation with holes": definitions(decision("d", '<relation><column name="a"/><row/></relation>')),
    "type in itself": definitions(
        '<itemDefinition name="t"><itemComponent name="c"><typeRef>t</typeRef></itemComponent></itemDefinition>',
        decision("d", literal("1"), kind="t"),
    ),
    "same id twice": definitions(
        decision("a", literal("1"), decision_id="x"), decision("b", literal("2"), decision_id="x")
    ),
    "logic inside logic": definitions(decision("d", "<list>" * 20 + literal("1") + "</list>" * 20)),
    "text with markup": definitions(decision("d", "<literalExpression><text>1<b>2</b></text></literalExpression>")),
    "unknown logic": definitions(decision("d", "<magic/>")),
    "long cell": definitions(decision("d", table([column("x")], [result()], [rule([",".join("12" * 3000)], ["1"])]))),
}


def told(model, decision_id):
    """What a person is told: the answer, or why there is none."""
    try:
        return show(decide(model, decision_id, {}).value)
    except Undecided as undecided:
        return str(undecided)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_file_gives_a_list_of_problems_or_an_answer_but_never_a_crash(name):
    began = time.process_time()
    model = read_model(ODD[name])
    assert all(told(model, decision_id) for decision_id in model.decisions)
    assert time.process_time() - began < 2

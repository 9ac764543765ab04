"""Decision files in the shape each modeller writes: namespaces, prefixes, vendor additions, what it leaves out.

Every entry gives the file, which decision is asked with what, and the answer with its rows, or words of the refusal.
"""

from dataclasses import dataclass, field
from typing import Any

V11 = "http://www.omg.org/spec/DMN/20151101/dmn.xsd"
V12 = "http://www.omg.org/spec/DMN/20180521/MODEL/"
V13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"
V14 = "https://www.omg.org/spec/DMN/20211108/MODEL/"
V15 = "https://www.omg.org/spec/DMN/20230324/MODEL/"


@dataclass
class Export:
    text: str | bytes
    inputs: dict[str, Any]
    answer: Any = None
    rows: tuple[int, ...] = ()
    choice: str | None = None
    refused: str = ""
    warns: tuple[str, ...] = field(default=())

    @property
    def content(self) -> bytes:
        return self.text if isinstance(self.text, bytes) else self.text.encode()


def file(inner, space=V13, prefix="", more="", head='<?xml version="1.0" encoding="UTF-8"?>\n'):
    name = f"{prefix}:definitions" if prefix else "definitions"
    declared = f'xmlns:{prefix}="{space}"' if prefix else f'xmlns="{space}"'
    return f'{head}<{name} {declared} id="d1" name="d1" namespace="urn:x" {more}>{inner}</{name}>'


def dmn_js(cell, result='"red"', more="", column='<inputExpression id="e" typeRef="number"><text>rate</text></inputExpression>',
           attributes="", rules=""):  # fmt: skip
    """As dmn-js and the Camunda Modeler save a new table."""
    row = (
        f'<rule id="DecisionRule_1"><inputEntry id="u1"><text>{cell}</text></inputEntry>'
        f'<outputEntry id="l1"><text>{result}</text></outputEntry></rule>'
    )
    inner = (
        f'<decision id="Decision_1" name="Decision 1"><decisionTable id="t" {attributes}><input id="Input_1" biodi:width="192">'
        f'{column}</input><output id="Output_1" name="" typeRef="string"/>{row}{rules}</decisionTable></decision>{more}'
    )
    return file(
        inner,
        more='xmlns:biodi="http://bpmn.io/schema/dmn/biodi/2.0" exporter="dmn-js (https://demo.bpmn.io/dmn)" exporterVersion="17.1.0"',
    )


ZEEBE = (
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:modeler="http://camunda.org/schema/modeler/1.0"'
    ' modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.6.0" exporter="Camunda Modeler"'
)
TRISO = 'xmlns:triso="http://www.trisotech.com/2015/triso/modeling" xmlns:feel="http://www.omg.org/spec/FEEL/20140401" triso:logoChoice="Default"'
KIE = (
    'xmlns:kie="https://kie.org/dmn/extensions/1.0" xmlns:feel="https://www.omg.org/spec/DMN/20191111/FEEL/"'
    ' expressionLanguage="https://www.omg.org/spec/DMN/20211108/FEEL/" typeLanguage="https://www.omg.org/spec/DMN/20211108/FEEL/"'
)
SIG = 'xmlns:sigExt="http://www.signavio.com/schema/dmn/1.2/" xmlns:feel="http://www.omg.org/spec/DMN/20180521/FEEL/"'


def prefixed(prefix, inner):
    """Put a prefix on every tag of the standard."""
    import re

    return re.sub(r"<(/?)(?=[a-z])(?!\w+:)", rf"<\1{prefix}:", inner)


SHOP = """<inputData id="i1" name="Order Size"><variable name="Order Size" typeRef="{number}"/></inputData>
<inputData id="i2" name="Customer"><variable name="Customer" typeRef="{string}"/></inputData>
<decision id="d" name="Discount"><description>How much?</description><question>Which?</question><allowedAnswers>0..1</allowedAnswers>
<variable name="Discount" typeRef="{number}"/>
<informationRequirement id="q1"><requiredInput href="#i1"/></informationRequirement>
<informationRequirement id="q2"><requiredInput href="#i2"/></informationRequirement>
<authorityRequirement id="q3"><requiredAuthority href="#k"/></authorityRequirement>
<decisionTable id="t" hitPolicy="{policy}" {more}>
<input id="c1" label="Customer"><inputExpression id="x1" typeRef="{string}"><text>Customer</text></inputExpression>
<inputValues><text>"Business","Private","Government"</text></inputValues></input>
<input id="c2"><inputExpression id="x2" typeRef="{number}"><text>Order Size</text></inputExpression></input>
<output id="o" label="Discount" name="Discount" typeRef="{number}"/>
<rule id="r1"><inputEntry id="a1"><text>"Business"</text></inputEntry><inputEntry id="a2"><text>&lt;10</text></inputEntry><outputEntry id="a3"><text>0.05</text></outputEntry></rule>
<rule id="r2"><inputEntry id="b1"><text>"Business"</text></inputEntry><inputEntry id="b2"><text>&gt;=10</text></inputEntry><outputEntry id="b3"><text>0.10</text></outputEntry></rule>
<rule id="r3"><inputEntry id="g1"><text>"Private","Government"</text></inputEntry><inputEntry id="g2"><text>-</text></inputEntry><outputEntry id="g3"><text>0.15</text></outputEntry></rule>
</decisionTable></decision><knowledgeSource id="k" name="Policy"><type>document</type></knowledgeSource>"""


def shop(number="number", string="string", policy="UNIQUE", more=""):
    return SHOP.format(number=number, string=string, policy=policy, more=more)


ORDER = {"Order Size": 12, "Customer": "Business"}
DATED = """<decision id="d" name="Term"><decisionTable hitPolicy="FIRST"><input id="i" label="Filed"><inputExpression typeRef="{kind}">
<text>filed</text></inputExpression></input><output id="o" name="term" typeRef="string"/>
<rule id="r1"><inputEntry id="a"><text>{cell}</text></inputEntry><outputEntry id="b"><text>"early"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="c"><text></text></inputEntry><outputEntry id="e"><text>"late"</text></outputEntry></rule></decisionTable></decision>"""
TWO = """<decision id="a" name="First"><variable name="First" typeRef="number"/><literalExpression><text>x * 2</text></literalExpression></decision>
<decision id="b" name="Second"><variable name="Second" typeRef="number"/><informationRequirement><requiredDecision href="#a"/></informationRequirement>
<literalExpression><text>First + 1</text></literalExpression></decision>
<decision id="c" name="Third"><variable name="Third"/><literalExpression><text>x</text></literalExpression></decision>"""
COLLECT = """<decision id="d" name="Fees"><decisionTable hitPolicy="{policy}" {aggregation}><input id="i"><inputExpression typeRef="number"><text>days</text></inputExpression></input>
<output id="o" name="fee" typeRef="number">{values}</output>
<rule id="r1"><inputEntry><text>&gt; 1</text></inputEntry><outputEntry><text>10</text></outputEntry></rule>
<rule id="r2"><inputEntry><text>&gt; 5</text></inputEntry><outputEntry><text>30</text></outputEntry></rule>
<rule id="r3"><inputEntry><text>&gt; 9</text></inputEntry><outputEntry><text>20</text></outputEntry></rule></decisionTable></decision>"""


def fees(policy, aggregation="", values=""):
    written = f'aggregation="{aggregation}"' if aggregation else ""
    return file(COLLECT.format(policy=policy, aggregation=written, values=values))


ORDERED = "<outputValues><text>30, 20, 10</text></outputValues>"
NO_NAMES = """<decision id="d" name="Light"><decisionTable><input><inputExpression><text>rate</text></inputExpression></input><output/>
<rule><inputEntry><text>&gt;= 0.97</text></inputEntry><outputEntry><text>"green"</text></outputEntry></rule></decisionTable></decision>"""
CONTEXT = """<decision id="d" name="Score"><variable name="Score" typeRef="number"/><context>
<contextEntry><variable name="Base" typeRef="number"/><literalExpression><text>points * 10</text></literalExpression></contextEntry>
<contextEntry><variable name="Bonus"/><literalExpression><text>if points &gt; 5 then 3 else 0</text></literalExpression></contextEntry>
<contextEntry><literalExpression><text>Base + Bonus</text></literalExpression></contextEntry></context></decision>"""
BKM = """<businessKnowledgeModel id="k" name="Rate"><variable name="Rate"/><encapsulatedLogic><formalParameter name="risk" typeRef="string"/>
<decisionTable hitPolicy="UNIQUE"><input><inputExpression typeRef="string"><text>risk</text></inputExpression></input><output name="Rate" typeRef="number"/>
<rule><inputEntry><text>"high"</text></inputEntry><outputEntry><text>0.2</text></outputEntry></rule>
<rule><inputEntry><text>not("high")</text></inputEntry><outputEntry><text>0.1</text></outputEntry></rule></decisionTable></encapsulatedLogic></businessKnowledgeModel>
<decision id="d" name="Charge"><variable name="Charge"/><knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>
<invocation><literalExpression><text>Rate</text></literalExpression><binding><parameter name="risk"/><literalExpression><text>grade</text></literalExpression></binding></invocation></decision>"""
DEFAULTS = """<decision id="d" name="Terms"><decisionTable hitPolicy="UNIQUE"><input><inputExpression typeRef="number"><text>n</text></inputExpression></input>
<output name="status" typeRef="string"><defaultOutputEntry><text>"refuse"</text></defaultOutputEntry></output><output name="days" typeRef="number"><defaultOutputEntry><text>0</text></defaultOutputEntry></output>
<rule><inputEntry><text>[1..5]</text></inputEntry><outputEntry><text>"admit"</text></outputEntry><outputEntry><text>3</text></outputEntry></rule></decisionTable></decision>"""
RED = {"rate": 0.5}

EXPORTS: dict[str, Export] = {
    "dmn-js": Export(dmn_js("&lt; 0.9"), RED, "red", (1,)),
    "dmn-js untouched": Export(
        dmn_js("", '""', column='<inputExpression id="e" typeRef="string"><text></text></inputExpression>'), RED,
        refused="没有表达式"),
    "dmn-js literal": Export(
        file('<decision id="d" name="D"><variable id="v" name="total"/><literalExpression id="l"><text>a + b</text></literalExpression></decision>'),
        {"a": 1, "b": 2}, 3),
    "Camunda 8": Export(file(shop(), more=ZEEBE), ORDER, 0.1, (2,)),
    "Camunda 7 integer": Export(file(shop("integer"), V12), ORDER, refused="第2行“Discount”列：结果应为整数，得到的是数字（0.1）"),
    "Camunda 7 long": Export(file(shop("long").replace("0.10", "10"), V12), ORDER, 10, (2,)),
    "Camunda 7 wrong integer": Export(file(shop("integer"), V12), {**ORDER, "Order Size": 1.5}, refused="“Order Size”应为整数"),
    "Camunda 7 juel": Export(
        dmn_js("${rate &lt; 1}").replace('<inputEntry id="u1">', '<inputEntry id="u1" expressionLanguage="juel">'), RED,
        refused="第1行“rate”列用的是 juel 语言，只支持标准的 FEEL"),
    "Camunda 7 groovy": Export(
        dmn_js("&lt; 1", "def x = 1").replace('<outputEntry id="l1">', '<outputEntry id="l1" expressionLanguage="groovy">'), RED,
        refused="用的是 groovy 语言"),
    "Camunda 7 history": Export(
        file(shop().replace("<decision ", '<decision camunda:historyTimeToLive="P30D" camunda:versionTag="1" '), V12,
             more='xmlns:camunda="http://camunda.org/schema/1.0/dmn"'), ORDER, 0.1, (2,)),
    "Camunda 7 date": Export(
        file(DATED.format(kind="date", cell='&lt; date and time("2027-03-31T00:00:00")'), V12), {"filed": "2027-03-01T08:00:00"},
        "early", (1,)),
    "date interval": Export(
        file(DATED.format(kind="date", cell='[date("2027-01-01")..date("2027-03-31")]')), {"filed": "2027-03-31"}, "early", (1,)),
    "date literal": Export(file(DATED.format(kind="date", cell='&lt;= @"2027-03-31"'), V15), {"filed": "2027-04-01"}, "late", (2,)),
    "duration": Export(
        file(DATED.format(kind="feel:days and time duration", cell='&lt;= duration("P5D")')), {"filed": "P4DT23H"}, "early", (1,)),
    "years and months": Export(
        file(DATED.format(kind="yearMonthDuration", cell='&lt; duration("P2Y")')), {"filed": "P23M"}, "early", (1,)),
    "date as nonsense": Export(
        file(DATED.format(kind="date", cell='&lt; date("2027-03-31")')), {"filed": "三月"}, refused="“Filed”"),
    "Signavio 1.2": Export(file(shop("feel:number", "feel:string"), V12, more=SIG), ORDER, 0.1, (2,)),
    "Signavio sum": Export(fees("COLLECT", "SUM"), {"days": 7}, 40, (1, 2)),
    "Signavio small letters": Export(fees("Collect", "max"), {"days": 10}, 30, (1, 2, 3)),
    "letters": Export(fees("C+"), {"days": 10}, 60, (1, 2, 3)),
    "letter count": Export(fees("C#"), {"days": 6}, 2, (1, 2)),
    "letter and sign": Export(fees("C", "&lt;"), {"days": 10}, 10, (1, 2, 3)),
    "letter first": Export(fees("F"), {"days": 10}, 10, (1,)),
    "underscores": Export(fees("RULE_ORDER"), {"days": 10}, [10, 30, 20], (1, 2, 3)),
    "output order": Export(fees("Output Order", values=ORDERED), {"days": 10}, [30, 20, 10], (2, 3, 1)),
    "priority": Export(fees("PRIORITY", values=ORDERED), {"days": 10}, 30, (2,)),
    "priority without values": Export(fees("PRIORITY"), {"days": 10}, refused="须在输出列中列出输出值"),
    "unknown policy": Export(fees("BEST"), {"days": 10}, refused="没有命中策略 BEST"),
    "sum without collect": Export(fees("FIRST", "SUM"), {"days": 10}, refused="汇总 SUM 不可用"),
    "unique overlap": Export(fees("UNIQUE"), {"days": 7}, refused="第1、2行"),
    "any contradiction": Export(fees("ANY"), {"days": 7}, refused="第1、2行"),
    "Trisotech prefix": Export(
        file(prefixed("semantic", shop("feel:number", "feel:string")), V11, "semantic", TRISO), ORDER, 0.1, (2,)),
    "Trisotech context": Export(file(prefixed("dmn", CONTEXT), V13, "dmn", TRISO), {"points": 6}, 63),
    "Trisotech knowledge": Export(file(prefixed("semantic", BKM), V14, "semantic", TRISO), {"grade": "high"}, 0.2),
    "Trisotech service": Export(
        file(shop() + '<decisionService id="s" name="S"><outputDecision href="#d"/><inputData href="#i1"/></decisionService>', V13), ORDER,
        0.1, (2,)),
    "Drools": Export(file(prefixed("dmn", shop("feel:number", "feel:string")), V12, "dmn", KIE), ORDER, 0.1, (2,)),
    "Kogito 1.5": Export(file(shop() + "<extensionElements><kie:ComponentsWidthsExtension/></extensionElements>", V15, more=KIE), ORDER, 0.1, (2,)),
    "Drools clark type": Export(file(shop("{http://www.omg.org/spec/FEEL/20140401}number"), V11), ORDER, 0.1, (2,)),
    "Drools missing input": Export(file(shop(), V12, more=KIE), {"Customer": "Business"}, refused="缺少输入“Order Size”"),
    "value not listed": Export(file(shop()), {**ORDER, "Customer": "Foreign"}, refused="“Customer”的值“Foreign”不在允许的值"),
    "wrong type": Export(file(shop()), {**ORDER, "Order Size": "many"}, refused="应为数字，得到的是文字"),
    "several decisions": Export(file(TWO), {"x": 2}, refused="有几个决策，请指定其中一个：First（a）、Second（b）、Third（c）"),
    "one of several": Export(file(TWO), {"x": 2}, 5, choice="Second"),
    "circular": Export(
        file(TWO.replace('name="First" typeRef="number"/>', 'name="First" typeRef="number"/><informationRequirement><requiredDecision href="#b"/></informationRequirement>')),
        {"x": 2}, choice="b", refused="依赖"),
    "no names at all": Export(file(NO_NAMES), {"rate": 1}, "green", (1,)),
    "defaults": Export(file(DEFAULTS), {"n": 9}, {"status": "refuse", "days": 0}),
    "no row": Export(file(NO_NAMES), {"rate": 0.5}, refused="没有一行与输入相符"),
    "CDATA": Export(dmn_js("<![CDATA[< 0.9]]>"), RED, "red", (1,)),
    "comments": Export(dmn_js("<!-- red line -->&lt; 0.9<!-- per month -->"), RED, "red", (1,)),
    "processing instruction": Export(dmn_js("&lt; 0.9").replace("<decision ", "<?tool x?><decision ", 1), RED, "red", (1,)),
    "spaces and lines": Export(dmn_js("\n\t  &lt;\u00a0 0.9 \r\n"), RED, "red", (1,)),
    "byte order mark": Export("\ufeff" + dmn_js("&lt; 0.9"), RED, "red", (1,)),
    "UTF-16": Export(dmn_js("&lt; 0.9").replace("UTF-8", "UTF-16").encode("utf-16"), RED, "red", (1,)),
    "GB18030": Export(dmn_js("&lt; 0.9", '"红"').replace("UTF-8", "GB18030").encode("gb18030"), RED, "红", (1,)),
    "wrong encoding": Export(dmn_js("&lt; 0.9", '"红"').encode("gb18030"), RED, refused="GB18030"),
    "unicode minus": Export(dmn_js("&gt; \u22121"), RED, refused="第1行“rate”列写错了：第3个字符处的“\u2212”不是决策表的符号，请改为 -"),
    "typeset dash": Export(dmn_js("\u2013"), RED, refused="“\u2013”不是决策表的符号，请改为 -"),
    "typeset sign": Export(dmn_js("≤ 0.9"), RED, refused="“≤”不是决策表的符号，请改为 <="),
    "full-width sign": Export(dmn_js("\uff1c 0.9"), RED, refused="“\uff1c”是全角符号，请改为半角的 <"),
    "curly quotes": Export(dmn_js("&lt; 0.9", "“红”"), RED, refused="是全角符号，请改为半角的 \""),
    "single quotes": Export(dmn_js("&lt; 0.9", "'red'"), RED, refused="文字要用双引号括起来"),
    "without quotes": Export(dmn_js("&lt; 0.9", "red"), RED, refused="“red”", warns=("dmn.bare_word",)),
    "decimal comma": Export(dmn_js("&gt; 0, 0,97"), RED, "red", (1,), warns=("dmn.comma",)),
    "percent": Export(dmn_js("&lt; 97%"), RED, refused="第5个字符处的“%”无法识别"),
    "dash as result": Export(dmn_js("&lt; 0.9", "-"), RED, refused="写的是 -，输出列须有结果"),
    "descriptions": Export(
        dmn_js("&lt; 0.9").replace('<rule id="DecisionRule_1">', '<rule id="DecisionRule_1"><description>red line</description>'), RED, "red", (1,)),
    "reversed brackets": Export(dmn_js("]0..1["), RED, "red", (1,)),
    "list of ranges": Export(dmn_js("(0.8..0.9], [0.4..0.6)"), RED, "red", (1,)),
    "negation": Export(dmn_js("not(&lt; 0.4, &gt; 0.6)"), RED, "red", (1,)),
    "columns as rules": Export(file(shop(more='preferredOrientation="Rule-as-Column" outputLabel="Discount"')), ORDER, 0.1, (2,)),
    "unknown namespace": Export(file(shop(), "http://tools.example.org/dmn/9"), ORDER, 0.1, (2,), warns=("dmn.namespace",)),
    "import": Export(file('<import namespace="urn:y" name="shared" importType="x"/>' + shop()), ORDER, 0.1, (2,), warns=("dmn.import",)),
    "unknown type": Export(file(shop("tMoney")), ORDER, 0.1, (2,), warns=("dmn.type",)),
}  # fmt: skip

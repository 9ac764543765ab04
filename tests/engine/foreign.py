"""A corpus of files in the shapes other tools write: what each must be said about, without any of their software."""

from dataclasses import dataclass
from itertools import product

from service.engine.bpmn_words import BANNED

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DRAWING = (
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
)


@dataclass(frozen=True)
class Sample:
    """One file; ``says`` are texts that its problems must contain, ``codes`` codes among them."""

    text: bytes
    says: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    readable: bool = True
    clean: bool = False


@dataclass(frozen=True)
class Tool:
    """How a tool writes: its prefix for BPMN, its own namespace, an attribute on steps, an element of its extensions."""

    bpmn: str
    prefix: str
    namespace: str
    attribute: str
    element: str
    inner: str = ""


TOOLS = {
    "bpmn.io": Tool("bpmn2", "xs", "http://example.com/bpmn-js-token", "color", "metadata"),
    "camunda7": Tool("bpmn", "camunda", "http://camunda.org/schema/1.0/bpmn", "assignee", "formData", "formField"),
    "camunda8": Tool("bpmn", "zeebe", "http://camunda.org/schema/zeebe/1.0", "modelerTemplate", "taskDefinition"),
    "modeler": Tool("bpmn", "modeler", "http://camunda.org/schema/modeler/1.0", "executionPlatform", "note"),
    "signavio": Tool("", "signavio", "http://www.signavio.com", "externalId", "signavioMetaData", "label"),
    "spiff": Tool(
        "bpmn", "spiffworkflow", "http://spiffworkflow.org/bpmn/schema/1.0/core", "scriptsOnInstances", "preScript"
    ),
    "bonita": Tool("model", "bonita", "http://www.bonitasoft.org/ns/bpmn", "actor", "connector", "input"),
    "flowable": Tool("", "flowable", "http://flowable.org/bpmn", "candidateGroups", "executionListener"),
    "activiti": Tool("", "activiti", "http://activiti.org/bpmn", "formKey", "taskListener", "field"),
    "trisotech": Tool("semantic", "triso", "http://www.trisotech.com/2015/bpmn/modeling", "decision", "attachment"),
    "adonis": Tool("bpmn", "adonis", "http://www.boc-group.com", "notebook", "attributes", "attribute"),
    "bizagi": Tool("", "bizagi", "http://www.bizagi.com/bpmn20", "performer", "BizagiExtensions", "BizagiProperties"),
    "jbpm": Tool("bpmn2", "drools", "http://www.jboss.org/drools", "taskName", "onEntry-script", "script"),
}


def wrap(inner, tool=None, encoding="UTF-8", drawing=""):
    prefix = tool.bpmn if tool else "bpmn"
    spaces = f'xmlns{f":{prefix}" if prefix else ""}="{MODEL}" {DRAWING}'
    spaces += f' xmlns:{tool.prefix}="{tool.namespace}"' if tool else ""
    name = f"{prefix}:definitions" if prefix else "definitions"
    declared = f'<?xml version="1.0" encoding="{encoding}"?>\n' if encoding else ""
    return f'{declared}<{name} {spaces} id="D" targetNamespace="urn:x">{inner}{drawing}</{name}>'


def tags(inner, tool):
    """Write the elements given with the prefix ``b:`` in the tool's own way."""
    prefix = f"{tool.bpmn}:" if tool.bpmn else ""
    return inner.replace("<b:", f"<{prefix}").replace("</b:", f"</{prefix}")


def path(process_id="p", extra="", step="", inner="", flow=""):
    """A process with one step between start and end."""
    return (
        f'<b:process id="{process_id}" name="流程" isExecutable="true">{extra}<b:startEvent id="{process_id}_s"/>'
        f'<b:userTask id="{process_id}_step" name="审核" {step}>{inner}</b:userTask><b:endEvent id="{process_id}_e"/>'
        f'<b:sequenceFlow id="{process_id}_1" sourceRef="{process_id}_s" targetRef="{process_id}_step" {flow}/>'
        f'<b:sequenceFlow id="{process_id}_2" sourceRef="{process_id}_step" targetRef="{process_id}_e"/></b:process>'
    )


def own(tool):
    """The tool's additions to a step."""
    inside = f"<{tool.prefix}:{tool.inner}>x</{tool.prefix}:{tool.inner}>" if tool.inner else "x"
    element = f'<{tool.prefix}:{tool.element} a="1">{inside}</{tool.prefix}:{tool.element}>'
    return f'{tool.prefix}:{tool.attribute}="x"', f"<b:extensionElements>{element}</b:extensionElements>"


def shape(name, bounds='<dc:Bounds x="1" y="1" width="80" height="60"/>'):
    return f'<bpmndi:BPMNShape id="{name}_di" bpmnElement="{name}">{bounds}</bpmndi:BPMNShape>'


def plane(inner):
    return f'<bpmndi:BPMNDiagram id="dia"><bpmndi:BPMNPlane id="pl" bpmnElement="p">{inner}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'


def pools(*names, black=""):
    inside = "".join(f'<b:participant id="pool_{name}" name="单位{name}" processRef="{name}"/>' for name in names)
    inside += (
        f'<b:participant id="{black}" name="群众"/><b:messageFlow id="mf" sourceRef="{black}" targetRef="p_step"/>'
    )
    return f'<b:collaboration id="C">{inside}</b:collaboration>'


SHAPES = {
    "plain": (lambda step, inner: path(step=step, inner=inner), "", ("drawing.missing",)),
    "black_box": (
        lambda step, inner: pools("p", black="citizens") + path(step=step, inner=inner),
        "",
        ("pool.black_box", "pool.message_flow"),
    ),
    "several": (lambda step, inner: path(step=step, inner=inner) + path("q"), "", ("process.several",)),
    "odd_drawing": (
        lambda step, inner: path(step=step, inner=inner),
        plane(shape("p_step", "") + shape("ghost") + shape("p_s", '<dc:Bounds x="NaN" y="1" width="-3" height="x"/>')),
        ("drawing.orphan", "drawing.size", "drawing.missing"),
    ),
    "flow_extension": (
        lambda step, inner: path(step=step, inner=inner, flow=step.replace('="x"', '="y"')),
        "",
        ("xml.foreign",),
    ),
    "pool_without_process": (
        lambda step, inner: pools("p", "nowhere", black="firm") + path(step=step, inner=inner),
        "",
        ("pool.process",),
    ),
}


def tool_samples():
    for (name, tool), (kind, (make, drawing, codes)) in product(TOOLS.items(), SHAPES.items()):
        step, inner = own(tool)
        text = wrap(tags(make(step, inner), tool), tool, drawing=drawing).encode()
        says = [f"{tool.prefix}:{tool.attribute}", f"{tool.prefix}:{tool.element}", "“审核”（p_step）"]
        says += [f"{tool.prefix}:{tool.inner}"] if tool.inner else []
        yield f"{name}-{kind}", Sample(text, tuple(says), ("xml.foreign", "step.role", *codes))


def element_samples():
    """Every element of the standard that is not allowed, once directly in the process and once in a step."""
    tool = TOOLS["camunda7"]
    for name, title in BANNED.items():
        element = f'<b:{name} id="it" name="某物"/>'
        says = ("某物", "it", title, name)
        yield f"element-{name}", Sample(wrap(tags(path(extra=element), tool), tool).encode(), says, ("element.banned",))
        inside = path(inner=f"<b:{name}/>")
        says = ("“审核”（p_step）", title)
        yield f"inner-{name}", Sample(wrap(tags(inside, tool), tool).encode(), says, ("element.banned",))


def attribute_samples():
    tool = TOOLS["camunda7"]
    pairs = ("isForCompensation='true'", "startQuantity='3'", "completionQuantity='2'", "priority='9'", "foo='bar'")
    for pair in pairs:
        text = wrap(tags(path(step=pair), tool), tool).encode()
        yield f"attribute-{pair.split('=')[0]}", Sample(text, (pair.split("=")[0], "p_step"))


def language_samples():
    tool = TOOLS["jbpm"]
    for language in ("groovy", "http://www.java.com/java", "http://www.mvel.org/2.0"):
        condition = f'<b:conditionExpression language="{language}">x</b:conditionExpression></b:sequenceFlow>'
        flow = f'<b:sequenceFlow id="f" name="大额" sourceRef="p_s" targetRef="p_e">{condition}'
        text = wrap(tags(path(extra=flow), tool), tool).encode()
        yield f"language-{language}", Sample(text, (language, "“大额”（f）"), ("attribute.unsupported",))


def broken_samples():
    tool = TOOLS["camunda7"]
    step, inner = own(tool)
    whole = wrap(tags(path(step=step, inner=inner), tool), tool)
    for percent in range(5, 100, 5):
        yield f"truncated-{percent}", Sample(whole.encode()[: len(whole.encode()) * percent // 100], readable=False)
    for name, text in {
        "empty": b"",
        "blank": b" \n\t ",
        "binary": bytes(range(256)) * 50,
        "zip": b"PK\x03\x04" + bytes(200),
        "json": b'{"a": 1}',
        "html": b"<html><body>x</body></html>",
        "xpdl": b'<Package xmlns="http://www.wfmc.org/2009/XPDL2.2"/>',
        "beta": whole.replace(MODEL, "http://schema.omg.org/spec/BPMN/2.0").encode(),
        "cmmn": b'<definitions xmlns="http://www.omg.org/spec/CMMN/20151109/MODEL"/>',
        "doctype": b'<!DOCTYPE a [<!ENTITY b "c">]>' + whole.partition("?>")[2].encode(),
        "doctype-utf16": ('<!DOCTYPE a [<!ENTITY b "c">]>' + whole.partition("?>")[2]).encode("utf-16"),
        "nul": whole.replace("审核", "审\0核").encode(),
        "two-roots": (whole + "<x/>").encode(),
        "deep": b"<a>" * 5_000 + b"</a>" * 5_000,
        "unbound": whole.replace(f'xmlns:camunda="{tool.namespace}"', "").encode(),
        "large": whole.replace("流程", "流" * 800_000).encode(),
        "very-large": b" " * 9_000_000,
    }.items():
        yield f"broken-{name}", Sample(text, readable=False)


def encoded_samples():
    tool = TOOLS["flowable"]
    step, inner = own(tool)

    def made(declared):
        return wrap(tags(path(step=step, inner=inner), tool), tool, declared)

    says = ("flowable:candidateGroups", "“审核”（p_step）")
    for name, text in {
        "utf16": made("UTF-16").encode("utf-16"),
        "utf16-as-utf8": made("UTF-8").encode("utf-16-le"),
        "utf16-undeclared": made("").encode("utf-16"),
        "gb18030": made("GB18030").encode("gb18030"),
        "gbk": made("GBK").encode("gbk"),
        "bom": b"\xef\xbb\xbf" + made("UTF-8").encode(),
        "undeclared": made("").encode(),
        "latin": made("ISO-8859-1").encode("ascii", "xmlcharrefreplace"),
    }.items():
        yield f"encoded-{name}", Sample(text, says, ("xml.foreign",))
    for name, text in {
        "gb18030-undeclared": made("").encode("gb18030"),
        "gb18030-as-utf8": made("UTF-8").encode("gb18030"),
    }.items():
        yield f"encoded-{name}", Sample(text, ("GB18030",), readable=False)
    for name, text in {
        "utf8-as-utf16": made("UTF-16").encode(),
        "unknown": made("x-martian").encode(),
    }.items():
        yield f"encoded-{name}", Sample(text, readable=False)


def large_samples():
    tool = TOOLS["camunda7"]
    step, _ = own(tool)

    def chain(count):
        steps = "".join(f'<b:userTask id="t{i}" name="办{i}"/>' for i in range(count))
        flows = "".join(f'<b:sequenceFlow id="f{i}" sourceRef="t{i}" targetRef="t{i + 1}"/>' for i in range(count - 1))
        return f'<b:process id="p" isExecutable="true">{steps}{flows}</b:process>'

    def fan(count):
        branches = "".join(
            f'<b:userTask id="t{i}" name="办{i}"/><b:sequenceFlow id="a{i}" sourceRef="f" targetRef="t{i}"/>'
            f'<b:sequenceFlow id="b{i}" sourceRef="t{i}" targetRef="j"/>'
            for i in range(count)
        )
        ends = (
            '<b:sequenceFlow id="x" sourceRef="s" targetRef="f"/><b:sequenceFlow id="y" sourceRef="j" targetRef="e"/>'
        )
        nodes = '<b:startEvent id="s"/><b:parallelGateway id="f"/><b:parallelGateway id="j"/><b:endEvent id="e"/>'
        return f'<b:process id="p" isExecutable="true">{nodes}{branches}{ends}</b:process>'

    nested = path(inner="<b:extensionElements>" + "<camunda:x>" * 200 + "</camunda:x>" * 200 + "</b:extensionElements>")
    boxes = "".join(f'<b:subProcess id="sub{i}">' for i in range(40)) + "</b:subProcess>" * 40
    many = "".join(f'<b:task id="m{i}" camunda:asyncBefore="true"/>' for i in range(11_000))
    for name, body, codes in (
        ("chain-500", chain(500), ("xml.too_many",)),
        ("chain-4000", chain(4_000), ("xml.too_many",)),
        ("chain-12000", chain(12_000), ("xml.too_many",)),
        ("fan-120", fan(120), ("step.role",)),
        ("nested-extension", nested, ("xml.foreign", "xml.too_deep")),
        ("nested-subprocess", f'<b:process id="p" isExecutable="true">{boxes}</b:process>', ("xml.too_deep",)),
        ("many-foreign", f'<b:process id="p">{many}</b:process>', ("xml.foreign", "check.more")),
        ("long-value", path(step=f'name="{"长" * 5_000}"').replace('name="审核"', ""), ("xml.long_value",)),
    ):
        text = wrap(tags(body.replace('name="流程"', f'name="流程" {step}') if name == "fan-120" else body, tool), tool)
        yield f"large-{name}", Sample(text.encode(), codes=codes)


DECISION = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:camunda="http://camunda.org/schema/1.0/dmn"'
    ' id="D" name="d" namespace="urn:x"><decision id="light" name="亮灯" camunda:historyTimeToLive="9"><extensionElements>'
    "<camunda:properties/></extensionElements>{}</decision></definitions>"
)
TABLE = (
    '<decisionTable id="t"><input id="i"><inputExpression id="x" typeRef="number"><text>rate</text></inputExpression>'
    '</input><output id="o" name="light" typeRef="string"/><rule id="r"><inputEntry id="e"><text>&gt; 1</text></inputEntry>'
    '<outputEntry id="f"><text>"绿"</text></outputEntry></rule></decisionTable>'
)


def decision_samples():
    says = ("camunda:historyTimeToLive", "camunda:properties", "“亮灯”（light）")
    for name, text in {
        "table": DECISION.format(TABLE),
        "broken-cell": DECISION.format(TABLE.replace("&gt; 1", "&gt;&gt; 1")),
        "no-logic": DECISION.format(""),
        "java": DECISION.format(TABLE.replace("<text>rate", "<text>${{rate.get()}}")),
    }.items():
        yield f"decision-{name}", Sample(text.encode(), says, ("xml.foreign",))
    empty = b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
    yield "decision-none", Sample(empty, codes=("dmn.decisions",))


def odd_samples():
    tool = TOOLS["camunda7"]
    for name, body, codes in (
        ("no-ids", path().replace('id="p_step"', ""), ("id.missing",)),
        ("same-ids", path() + path(), ("id.duplicate",)),
        ("uuid-ids", path().replace("p_step", "{0af1-7}"), ("id.illegal",)),
        ("no-process", '<b:collaboration id="C"/>', ("process.missing",)),
        ("empty-process", '<b:process id="p" isExecutable="true"/>', ("flow.start", "flow.end")),
        ("not-executable", path().replace('isExecutable="true"', ""), ("process.not_executable",)),
        ("dangling", path().replace('targetRef="p_e"', 'targetRef="gone"'), ("flow.dangling",)),
        ("self-call", path(extra='<b:callActivity id="c" calledElement="p"/>'), ("call.loop",)),
        ("unknown-call", path(extra='<b:callActivity id="c" calledElement="zz"/>'), ("call.unknown",)),
        ("juel", path(flow="").replace(
            "</b:process>",
            '<b:sequenceFlow id="h" sourceRef="p_s" targetRef="p_e"><b:conditionExpression>${x &gt; 1}'
            "</b:conditionExpression></b:sequenceFlow></b:process>"), ("condition.invalid",)),
        ("event-subprocess", path(extra='<b:subProcess id="es" triggeredByEvent="true"/>'), ("element.banned",)),
        ("lost-boundary", path(extra='<b:boundaryEvent id="be" attachedToRef="none"/>'), ("event.unattached",)),
        ("two-definitions", path(extra='<b:startEvent id="s2"><b:timerEventDefinition/><b:messageEventDefinition/>'
         "</b:startEvent>"), ("event.several",)),
        ("extension-in-nowhere", path() + "<thing/>", ("xml.foreign",) if tool.bpmn else ()),
    ):  # fmt: skip
        yield f"odd-{name}", Sample(wrap(tags(body, tool), tool).encode(), codes=codes)


def corpus():
    """Every sample by name."""
    parts = (
        tool_samples, language_samples, element_samples, attribute_samples, broken_samples, encoded_samples, large_samples, odd_samples,
        decision_samples,
    )  # fmt: skip
    return {name: sample for part in parts for name, sample in part()}


#: A small file of Camunda Modeler, for whoever needs just one.
CAMUNDA = corpus()["camunda7-plain"].text

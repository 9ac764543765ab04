"""Small diagrams as text."""

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:jh="urn:jiheng:process:1.0"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="D" targetNamespace="urn:test">'
)
START = '<bpmn:startEvent id="s"/>'
END = '<bpmn:endEvent id="e" jh:stage="in_library"/>'
STEP = 'jh:role="UNIT_CLERK" jh:organisation="project.unit" jh:stage="draft"'
OUTCOMES = '<bpmn:extensionElements><jh:outcomes><jh:outcome verb="approve" label="同意"/></jh:outcomes></bpmn:extensionElements>'


def definitions(inner):
    return f"{HEAD}{inner}</bpmn:definitions>".encode()


def process_element(inner, process_id="p"):
    return f'<bpmn:process id="{process_id}" name="流程" isExecutable="true">{inner}</bpmn:process>'


def process(inner, process_id="p"):
    return definitions(process_element(inner, process_id))


def user_task(node_id, attributes="", inner=OUTCOMES, step=STEP):
    return f'<bpmn:userTask id="{node_id}" name="办理{node_id}" {step} {attributes}>{inner}</bpmn:userTask>'


def flow(source, target, condition=None, flow_id=None):
    inner = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    arrow = f'<bpmn:sequenceFlow id="{flow_id or f"{source}_{target}"}" sourceRef="{source}" targetRef="{target}">'
    return f"{arrow}{inner}</bpmn:sequenceFlow>"


def flows(*arrows):
    return "".join(flow(*arrow) for arrow in arrows)


def simple(extra="", task=None):
    return process(START + (task or user_task("a")) + END + flows(("s", "a"), ("a", "e")) + extra)

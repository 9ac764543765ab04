"""Small diagrams as text, for tests of the engine's reading side."""

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


def process(inner, process_id="p"):
    return definitions(f'<bpmn:process id="{process_id}" name="流程" isExecutable="true">{inner}</bpmn:process>')


def user_task(node_id, attributes="", inner=OUTCOMES, step=STEP):
    return f'<bpmn:userTask id="{node_id}" name="办理{node_id}" {step} {attributes}>{inner}</bpmn:userTask>'


def flows(*pairs):
    parts = []
    for source, target, *condition in pairs:
        inner = f"<bpmn:conditionExpression>{condition[0]}</bpmn:conditionExpression>" if condition else ""
        arrow = f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}'
        parts.append(arrow + "</bpmn:sequenceFlow>")
    return "".join(parts)


def simple(extra="", task=None):
    return process(START + (task or user_task("a")) + END + flows(("s", "a"), ("a", "e")) + extra)

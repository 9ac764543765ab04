"""Small decision models written as the tools write them, for the tests beside this module."""

from html import escape

from service.engine.dmn import decide, read_model

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def clause(tag, text, attributes=""):
    return f"<{tag} {attributes}><text>{escape(text)}</text></{tag}>"


def column(expression, kind="", allowed="", label=""):
    values = clause("inputValues", allowed) if allowed else ""
    shown = f' label="{escape(label)}"' if label else ""
    typed = f'typeRef="{kind}"' if kind else ""
    return f"<input{shown}>{clause('inputExpression', expression, typed)}{values}</input>"


def result(name="", kind="", allowed="", default="", label=""):
    values = clause("outputValues", allowed) if allowed else ""
    otherwise = clause("defaultOutputEntry", default) if default else ""
    attributes = "".join(
        f' {key}="{escape(value)}"' for key, value in (("name", name), ("typeRef", kind), ("label", label)) if value
    )
    return f"<output{attributes}>{values}{otherwise}</output>"


def rule(tests, results, annotation="", rule_id=""):
    cells = "".join(clause("inputEntry", test) for test in tests)
    cells += "".join(clause("outputEntry", value) for value in results)
    note = clause("annotationEntry", annotation) if annotation else ""
    identity = f' id="{rule_id}"' if rule_id else ""
    return f"<rule{identity}>{cells}{note}</rule>"


def table(columns, results, rules, policy="UNIQUE", aggregation=""):
    summed = f' aggregation="{aggregation}"' if aggregation else ""
    rows = "".join(row if isinstance(row, str) else rule(*row) for row in rules)
    return f'<decisionTable hitPolicy="{policy}"{summed}>{"".join(columns)}{"".join(results)}{rows}</decisionTable>'


def literal(text):
    return clause("literalExpression", text)


def decision(name, logic, needs=(), kind="", decision_id=""):
    typed = f' typeRef="{kind}"' if kind else ""
    required = "".join(
        f'<informationRequirement><requiredDecision href="#{need}"/></informationRequirement>' for need in needs
    )
    identity = decision_id or f"d_{name}"
    return (
        f'<decision id="{escape(identity)}" name="{escape(name)}"><variable name="{escape(name)}"{typed}/>'
        f"{required}{logic}</decision>"
    )


def input_data(name, kind=""):
    typed = f' typeRef="{kind}"' if kind else ""
    return (
        f'<inputData id="i_{escape(name)}" name="{escape(name)}"><variable name="{escape(name)}"{typed}/></inputData>'
    )


def definitions(*parts, namespace=NAMESPACE, attributes=""):
    return f'<definitions xmlns="{namespace}" id="m" name="m" {attributes}>{"".join(parts)}</definitions>'.encode()


def knowledge(name, parameters, logic):
    formal = "".join(f'<formalParameter name="{escape(p)}" typeRef="{kind}"/>' for p, kind in parameters)
    return (
        f'<businessKnowledgeModel id="b_{escape(name)}" name="{escape(name)}"><variable name="{escape(name)}"/>'
        f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic></businessKnowledgeModel>"
    )


def made(*parts, choice=None, **inputs):
    """Read a model of these parts and make one decision with these inputs."""
    return decide(read_model(definitions(*parts)), choice, inputs)


def valued(text, **inputs):
    """Work out one expression."""
    return made(decision("值", literal(text)), **inputs)


def cell_matches(cell, value, kind="", **inputs):
    """Does a cell admit a value?"""
    asked = table([column("x", kind)], [result()], [([cell], ["true"]), (["-"], ["false"])], policy="FIRST")
    return made(decision("测试", asked), x=value, **inputs).value

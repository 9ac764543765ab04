import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms import accept, changes, compute, load, view
from tests.forms.samples import CONTEXT

TARGET, REVIEW = load("project_target"), load("target_review")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = [field.id for field in TARGET.questions]
COLUMNS = [column.id for column in TARGET.field("indicators").columns]
ROWS = st.lists(st.dictionaries(st.sampled_from([*COLUMNS, "row_id", "?"]), JSON, max_size=6) | JSON, max_size=4)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(raw=JSON | st.dictionaries(st.sampled_from([*NAMES, "?"]), JSON | ROWS), complete=st.booleans())
def test_nothing_that_is_json_makes_it_fail(raw, complete):
    content, problems = accept(TARGET, raw, node="draft", context=CONTEXT, complete=complete)
    json.dumps(content, allow_nan=False).encode()
    for problem in problems:
        json.dumps(problem.to_json(), ensure_ascii=False).encode("utf-8")
    again, _ = accept(TARGET, content, node="draft", context=CONTEXT, current=content, complete=complete)
    assert again == content or not content


WORDS = JSON | st.sampled_from(["C1", "C2", "优", "差", "9"])
REVIEW_ROWS = st.lists(st.dictionaries(st.sampled_from(["code", "rating", "score", "comment"]), WORDS))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(items=REVIEW_ROWS, opinion=JSON, key=st.booleans())
def test_nothing_sent_as_a_review_makes_it_fail(items, opinion, key):
    content, _ = accept(
        REVIEW, {"items": items, "opinion": opinion}, node="fund_review", context={"is_key_project": key}
    )
    json.dumps(compute(REVIEW, content))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    raw=st.dictionaries(st.sampled_from(NAMES), JSON | ROWS), old=st.dictionaries(st.sampled_from(NAMES), JSON | ROWS)
)
def test_anything_typed_can_be_shown_and_compared(raw, old):
    view(TARGET, raw, mode="edit", node="draft", previous=old)
    view(TARGET, raw, mode="print", context={"previous": old})
    assert changes(TARGET, raw, raw) == []
    changes(TARGET, old, raw)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    raw=st.dictionaries(st.sampled_from(NAMES), JSON | ROWS),
    old=JSON | st.dictionaries(st.sampled_from(NAMES), JSON | ROWS),
)
def test_spoilt_earlier_content_does_not_stop_the_taking_in(raw, old):
    accept(
        TARGET, raw, node="draft", context={"previous": old, **CONTEXT}, current=old if isinstance(old, dict) else {}
    )
    accept(TARGET, raw, node="fund_review", current=old if isinstance(old, dict) else {})

"""Do votes give the same result in whatever order they come, and is nobody counted who is not there any more?"""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.votes import Ballot, Policy, certain, needed, outcome, ready

policies = st.builds(
    Policy,
    rule=st.sampled_from(["all", "sequential", "ratio"]),
    share=st.integers(1, 100),
    veto=st.booleans(),
    collect_all=st.booleans(),
)
votes_given = st.lists(st.tuples(st.sampled_from(["yes", "no", "abstain"]), st.integers(1, 4)), min_size=1, max_size=5)


def seats(given_votes, voted):
    return [
        Ballot(id=str(n), weight=weight, vote=vote if n in voted else None, state="done" if n in voted else "open")
        for n, (vote, weight) in enumerate(given_votes)
    ]


def first_result(policy, given_votes, order):
    for count in range(len(order) + 1):
        result = outcome(policy, seats(given_votes, order[:count]))
        if result:
            return result
    return None


@given(policies, votes_given)
def test_the_order_of_votes_never_matters(policy, given_votes):
    orders = permutations(range(len(given_votes)))
    results = {first_result(policy, given_votes, order) for order in orders}
    assert len(results) == 1
    assert results != {None}


@given(policies, votes_given, st.data())
def test_an_early_result_is_the_one_everybody_would_have_reached(policy, given_votes, data):
    voted = data.draw(st.sets(st.sampled_from(range(len(given_votes)))))
    early = outcome(policy, seats(given_votes, voted))
    if early:
        assert early == outcome(policy, seats(given_votes, set(range(len(given_votes)))))


@given(policies, votes_given, st.sampled_from(["cancelled", "transferred"]))
def test_seats_that_are_gone_are_not_counted(policy, given_votes, gone):
    alive = seats(given_votes, {0})
    dead = [Ballot(id=f"x{n}", state=gone, weight=9) for n in range(3)]
    assert outcome(policy, alive) == outcome(policy, [*dead, *alive])


def test_a_transfer_leaves_the_share_as_it_was():
    half = Policy(rule="ratio", share=50)
    two_of_four = seats([("yes", 1), ("yes", 1), ("no", 1), ("no", 1)], {0, 1, 2})
    handed_on = [*two_of_four, Ballot(id="left", state="transferred")]
    assert outcome(half, handed_on) == "yes"


@pytest.mark.parametrize(
    "policy, cast, expected",
    [
        (Policy(rule="first"), ["no"], "no"),
        (Policy(rule="first"), ["yes", None], None),
        (Policy(rule="all"), ["yes", None], None),
        (Policy(rule="all"), ["no", None], "no"),
        (Policy(rule="all", collect_all=True), ["no", None], None),
        (Policy(rule="all", collect_all=True), ["no", "yes"], "no"),
        (Policy(rule="ratio", share=60), ["yes", "yes", None], "yes"),
        (Policy(rule="ratio", share=60, veto=True), ["yes", "yes", None], None),
        (Policy(rule="ratio", share=60, veto=True), ["yes", "no", None], "no"),
        (Policy(rule="ratio", share=60), ["no", "no", None], "no"),
        (Policy(rule="ratio", share=50), ["yes", "no"], "yes"),
        (Policy(rule="all"), ["yes", "abstain"], "yes"),
        (Policy(rule="all"), ["abstain", None], None),
        (Policy(rule="all"), ["abstain", "abstain"], "no"),
        (Policy(rule="sequential"), ["abstain", "yes"], "yes"),
        (Policy(rule="ratio", share=60), ["yes", "abstain", "abstain", None], "no"),
        (Policy(rule="ratio", share=50, veto=True), ["yes", "abstain"], "yes"),
        (Policy(rule="ratio", share=50), ["abstain", "abstain"], "no"),
    ],
)
def test_results_follow_the_policy(policy, cast, expected):
    ballots = [Ballot(id=str(n), vote=vote, state="done" if vote else "open") for n, vote in enumerate(cast)]
    assert outcome(policy, ballots) == expected


def test_a_weighty_vote_counts_for_its_weight():
    chief = Ballot(id="chief", state="done", vote="yes", weight=3)
    others = [Ballot(id=str(n), state="done", vote="no") for n in range(2)]
    assert outcome(Policy(rule="ratio", share=60), [chief, *others]) == "yes"
    assert outcome(Policy(rule="ratio", share=61), [chief, *others]) == "no"
    assert needed(Policy(rule="ratio", share=61), [chief, *others]) == (4, 5)


def test_a_certain_result_waits_for_everybody_where_all_are_heard():
    heard = Policy(rule="ratio", share=50, collect_all=True)
    votes = seats([("yes", 1), ("yes", 1), ("no", 1)], {0, 1})
    assert outcome(heard, votes) is None
    assert certain(heard, votes) == "yes"
    assert certain(heard, seats([("yes", 1), ("no", 1)], {0})) == "yes"
    assert certain(heard, seats([("yes", 1), ("no", 2)], {0})) is None


@given(policies, votes_given)
def test_the_needed_weight_is_the_one_that_carries(policy, given_votes):
    all_voted = seats(given_votes, set(range(len(given_votes))))
    least, total = needed(policy, all_voted)
    yes = sum(ballot.weight for ballot in all_voted if ballot.vote == "yes")
    vetoed = (policy.veto or policy.rule != "ratio") and any(ballot.vote == "no" for ballot in all_voted)
    assert least <= total
    assert (outcome(policy, all_voted) == "yes") == (yes >= max(least, 1) and not vetoed)


def test_nobody_decides_nothing():
    assert outcome(Policy(), []) is None
    assert outcome(Policy(rule="ratio", share=1), [Ballot(id="a", part="advice", state="done", vote="yes")]) is None


def test_who_speaks_after_is_awaited_and_who_speaks_before_is_first():
    voted = Ballot(id="me", state="done", vote="yes")
    after = Ballot(id="after", part="after", state="waiting", parent="me")
    assert ready(Policy(), [voted, after]) == {"after"}
    asked = Ballot(id="after", part="after", state="open", parent="me")
    assert outcome(Policy(), [voted, asked]) is None
    spoke = Ballot(id="after", part="after", state="done", vote="no", parent="me")
    assert outcome(Policy(), [voted, spoke]) == "yes"

    waiting = Ballot(id="me", state="waiting")
    before = Ballot(id="before", part="before", state="open", parent="me")
    assert ready(Policy(), [waiting, before]) == set()
    assert ready(Policy(), [waiting, Ballot(id="before", part="before", state="done", parent="me")]) == {"me"}


def test_in_order_each_waits_for_those_before():
    policy = Policy(rule="sequential")
    first, second, third = (Ballot(id=str(n), state="waiting" if n else "open", position=n) for n in range(3))
    assert ready(policy, [first, second, third]) == set()
    done = Ballot(id="0", state="done", vote="yes", position=0)
    assert ready(policy, [done, second, third]) == {"1"}
    dropped = Ballot(id="1", state="cancelled", position=1)
    assert ready(policy, [done, dropped, third]) == {"2"}

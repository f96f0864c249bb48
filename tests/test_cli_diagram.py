"""`ouistop diagram`: the charts are drawn from the code."""

import re

import pytest
from command_line import run

from flows import FLOWS, SubscriptionFacts, step
from flows.subscription import Subscription


def test_without_a_name_every_flow_is_drawn(tmp_path):
    drawn = run(tmp_path, "diagram").stdout

    assert re.findall(r"^(\w+): ", drawn, re.MULTILINE) == list(FLOWS)


@pytest.mark.parametrize("form", ["text", "mermaid", "dot"])
@pytest.mark.parametrize("flow", FLOWS)
def test_every_transition_is_in_every_drawing(tmp_path, flow, form):
    drawn = run(tmp_path, "diagram", flow, "--format", form).stdout
    ways = [(event, way) for state in FLOWS[flow].states for way in state.transitions for event in way.event.split()]

    arrow = {"text": "→", "mermaid": " : ", "dot": "[label="}[form]
    assert drawn.count(arrow) == len(ways)
    assert [event for event, _ in ways if not re.search(rf"\b{event}\b", drawn)] == []


def test_a_way_names_its_guard_and_what_it_does(tmp_path):
    lines = [" ".join(line.split()) for line in run(tmp_path, "diagram", "subscription").stdout.splitlines()]

    assert "join [double and may_ask] / ask → pending" in lines
    assert "pending" in lines
    assert "stranger (start)" in lines


def test_the_first_way_drawn_is_the_one_that_is_taken(tmp_path):
    drawn = run(tmp_path, "diagram", "subscription", "--format", "mermaid").stdout
    first = next(line for line in drawn.splitlines() if line.strip().startswith("stranger") and ": join" in line)

    assert first.split(" : ")[0].split() == [
        "stranger",
        "-->",
        step(Subscription, "stranger", "join", SubscriptionFacts()).state,
    ]

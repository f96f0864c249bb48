"""Whatever comes in whatever order, and wherever the server dies over it: it is what the model says.

The same stories each time; MODEL_EXAMPLES=2000 plays that many others on each engine.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from model.engines import OnPostgresql, OnSqlite
from model.story import Story

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "20"))
STEPS = 30


@pytest.fixture(params=[OnSqlite, OnPostgresql], ids=["sqlite", "postgresql"])
def engine(request, tmp_path):
    return request.param(tmp_path)


def test_whatever_happens_in_whatever_order_the_server_does_what_the_model_says(engine):
    played = type("Played", (Story,), {"engine": engine})

    run_state_machine_as_test(
        played,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize="MODEL_EXAMPLES" not in os.environ,
        ),
    )

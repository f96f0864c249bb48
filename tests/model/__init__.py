"""A simple model of one server, and stories in which the real one must do what the model says."""

import pytest

pytest.register_assert_rewrite("model.promises", "model.story")  # so that one that fails shows what it compared

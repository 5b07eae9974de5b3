"""The comparison of costs tells a quadratic loop from a straight one."""

import pytest

from tests.cost import assert_proportional


def test_loop_is_in_proportion_and_a_loop_in_a_loop_is_not() -> None:
    assert_proportional(lambda size: sum(range(size)), 400_000)
    with pytest.raises(AssertionError, match="size 800 takes"):
        assert_proportional(lambda size: [sum(range(size)) for _ in range(size)], 800)

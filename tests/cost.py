"""Compares what work costs in CPU time, which does not depend on how busy the machine is."""

import gc
import time
from collections.abc import Callable

_FACTOR = 4
# Work in proportion to its size costs 4 times as much, a quadratic loop 16 times.
_MOST = 9.0
_TRIES = 5


def assert_proportional(work: Callable[[int], object], size: int) -> None:
    """Fail if the work of `size` costs more than nine times as much as that of a quarter of it.

    A cost is the least of up to five runs, because a disturbed run only costs more. `size` must be
    so large that a quadratic loop outweighs what the work costs besides.
    """
    small = large = float("inf")
    gc.freeze()  # So that a collection within the work looks only at what the work has made.
    try:
        for _ in range(_TRIES):
            small = min(small, _cpu_seconds(work, size // _FACTOR))
            large = min(large, _cpu_seconds(work, size))
            if large <= _MOST * small:
                return
    finally:
        gc.unfreeze()
    raise AssertionError(f"size {size} takes {large:.3f} s of computing, a quarter {small:.3f} s")


def _cpu_seconds(work: Callable[[int], object], size: int) -> float:
    gc.collect()
    started = time.process_time()
    work(size)
    return time.process_time() - started

"""Sorts the lines of a page whose file is not written in reading order."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median

from mirage.parse.pdf.page import Line

# Share of steps upwards within a column: up to 0.2 in normal files (labels of figures come in any
# order), above 0.5 where the file lists the lines from below or at random.
_SCRAMBLED = 0.3
_MIN_STEPS_UP = 5
_MAX_DEPTH = 8


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """Return the lines as they came, unless they evidently came in no reading order."""
    upwards = sum(_is_step_up(before, after) for before, after in pairwise(lines))
    if upwards < _MIN_STEPS_UP or upwards < _SCRAMBLED * len(lines):
        return list(lines)
    return _by_sight(lines, median(line.height for line in lines), 0)


def _is_step_up(before: Line, after: Line) -> bool:
    above = after.baseline - before.baseline > 0.8 * max(before.height, after.height)
    return above and min(before.right, after.right) > max(before.left, after.left)


def _by_sight(lines: Sequence[Line], height: float, depth: int) -> list[Line]:
    """Return columns from the left, each from the top; a line across all of them ends them.

    This is the XY cut.
    """
    if depth < _MAX_DEPTH:
        columns = _part(lines, lambda line: (line.left, line.right), height)
        parts = columns if len(columns) > 1 else _part(lines, _vertical, 0.5 * height)
        if len(parts) > 1:
            return [line for part in parts for line in _by_sight(part, height, depth + 1)]
    return sorted(lines, key=lambda line: (-line.baseline, line.left))


def _part(
    lines: Sequence[Line], extent: Callable[[Line], tuple[float, float]], gap: float
) -> list[list[Line]]:
    """Return groups that are at least `gap` apart along one axis."""
    groups: list[list[Line]] = []
    reached = 0.0
    for line in sorted(lines, key=extent):
        begin, end = extent(line)
        if groups and begin - reached < gap:
            groups[-1].append(line)
            reached = max(reached, end)
        else:
            groups.append([line])
            reached = end
    return groups


def _vertical(line: Line) -> tuple[float, float]:
    return -line.baseline - line.height, -line.baseline

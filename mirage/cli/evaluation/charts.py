"""Draws the bars and the waterfall of the report as inline SVG.

The drawings stretch with the page and contain no text; figures and labels are HTML next to them.
"""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from mirage.cli.evaluation.elements import element

_BAR_WIDTH, _BAR_HEIGHT = 100, 12
_WIDTH, _HEIGHT = 1000, 200
# Ends of the vertical axis; the smallest that all changes fit in is used.
_SCALES = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)
# Share of its place that a bar of the waterfall takes, and the most places that one bar is wide.
_FILLED = 0.86
_FEWEST_PLACES = 40


def bar(value: float, before: float | None) -> Element:
    """Return a bar for a value from 0 to 1, with a tick at the earlier value."""
    tick = [] if before is None else [_line("tick", *_vertical(before * _BAR_WIDTH))]
    return element(
        "svg",
        element("rect", class_="track", width=_BAR_WIDTH, height=_BAR_HEIGHT),
        element("rect", class_="fill", width=_round(value * _BAR_WIDTH), height=_BAR_HEIGHT),
        *tick,
        viewBox=f"0 0 {_BAR_WIDTH} {_BAR_HEIGHT}",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def scale(changes: Sequence[float]) -> float:
    """Return the end of the waterfall's vertical axis."""
    largest = max(map(abs, changes), default=0.0)
    return next(end for end in _SCALES if largest <= end)


def waterfall(changes: Sequence[float], label: str) -> Element:
    """Return one bar per change, in the given order, up for a gain and down for a loss."""
    end = scale(changes)
    place = _WIDTH / max(len(changes), _FEWEST_PLACES)
    gains: list[str] = []
    losses: list[str] = []
    for at, change in enumerate(changes):
        top = _HEIGHT / 2 * (1 - change / end)
        left, right = _round(at * place), _round((at + _FILLED) * place)
        column = f"M{left} {_HEIGHT // 2}V{_round(top)}H{right}V{_HEIGHT // 2}Z"
        (gains if change > 0 else losses).append(column)
    grid = [_line("grid", 0, y, _WIDTH, y) for y in (0, _HEIGHT // 4, _HEIGHT * 3 // 4, _HEIGHT)]
    return element(
        "svg",
        *grid,
        *(
            element("path", class_=kind, d="".join(columns))
            for kind, columns in (("gain", gains), ("loss", losses))
            if columns
        ),
        _line("axis", 0, _HEIGHT // 2, _WIDTH, _HEIGHT // 2),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        preserveAspectRatio="none",
        role="img",
        aria_label=label,
    )


def _vertical(x: float) -> tuple[float, float, float, float]:
    return x, 0, x, _BAR_HEIGHT


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Element:
    """Return a line that stays equally wide when the drawing is stretched."""
    return element(
        "line",
        class_=kind,
        x1=_round(x1),
        y1=_round(y1),
        x2=_round(x2),
        y2=_round(y2),
        vector_effect="non-scaling-stroke",
    )


def _round(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")

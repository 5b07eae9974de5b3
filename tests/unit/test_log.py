"""Log lines that any stream can take."""

import json
import logging
from typing import Any

import pytest

from mirage.log import JsonFormatter, OncePerMinute, TextFormatter


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_lone_surrogate_is_written_as_an_escape(formatter: logging.Formatter) -> None:
    record = logging.makeLogRecord({"msg": "half \ud800 a pair", "reason": "\udfff"})
    line = formatter.format(record).encode().decode()
    assert r"half \ud800 a pair" in line.replace("\\\\", "\\")
    if isinstance(formatter, JsonFormatter):
        assert json.loads(line)["message"] == "half \ud800 a pair"


def _passes(once: OncePerMinute, second: float, message: str = "full", **fields: object) -> object:
    """Return how often the line was left out before, or None if it is left out."""
    record = logging.makeLogRecord({"levelno": logging.WARNING, "msg": message, **fields})
    record.created = second
    return getattr(record, "repeated", 0) if once.filter(record) else None


def test_same_warning_is_written_once_per_minute() -> None:
    once = OncePerMinute()
    assert [_passes(once, second) for second in (0, 1, 59, 60, 61, 200)] == [
        0, None, None, 2, None, 1,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        {"message": "empty"},
        {"document": "1"},
        {"exc_info": (OSError, OSError("x"), None)},
        {"levelno": logging.INFO},
        {"name": "elsewhere"},
    ],
)
def test_other_lines_are_written(other: dict[str, Any]) -> None:
    once = OncePerMinute()
    _passes(once, 0)
    assert _passes(once, 1, **other) == 0


def test_only_so_many_warnings_are_remembered() -> None:
    once = OncePerMinute()
    for number in range(2000):
        _passes(once, 0, str(number))
    assert len(once._seen) == 1000
    assert _passes(once, 1, "1999") is None
    assert _passes(once, 1, "0") == 0

"""Log lines that any stream can take."""

import json
import logging

import pytest

from mirage.log import JsonFormatter, TextFormatter


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_lone_surrogate_is_written_as_an_escape(formatter: logging.Formatter) -> None:
    record = logging.makeLogRecord({"msg": "half \ud800 a pair", "reason": "\udfff"})
    line = formatter.format(record).encode().decode()
    assert r"half \ud800 a pair" in line.replace("\\\\", "\\")
    if isinstance(formatter, JsonFormatter):
        assert json.loads(line)["message"] == "half \ud800 a pair"

"""Logging to standard output, as JSON lines or as text. Fields go in `extra`."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from mirage.config import Log

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class JsonFormatter(logging.Formatter):
    """Writes one JSON object per line; entries of `extra` become fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(_extra(record))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _encodable(json.dumps(line, default=str, ensure_ascii=False))


class TextFormatter(logging.Formatter):
    """Writes lines for people: time, level, message, fields."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{name}={value}" for name, value in _extra(record).items())
        return _encodable(f"{super().format(record)} {fields}".rstrip())


def configure(log: Log) -> None:
    """Send all loggers of the process to standard output."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter() if log.format == "json" else TextFormatter())
    logging.basicConfig(level=log.level.upper(), handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "alembic.runtime.plugins"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


def _encodable(line: str) -> str:
    """Write lone surrogates as escapes, because no stream can encode them."""
    return line.encode("utf-8", "backslashreplace").decode()

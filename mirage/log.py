"""Logging to standard output, as JSON lines or as text. Fields go in `extra`."""

import json
import logging
import math
import sys
from datetime import UTC, datetime
from typing import Any

from mirage.config import Log

_SAME_SECONDS = 60.0
_MAX_SEEN = 1000

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


class OncePerMinute(logging.Filter):
    """Lets a warning or an error pass once per minute if message, fields and exception are equal.

    While an embedder or the disk fails, workers meet the same error each second. The next line that
    passes has the number of those left out in the field `repeated`.
    """

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[object, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        error = record.exc_info[1] if record.exc_info else None
        fields = sorted((name, str(value)) for name, value in _extra(record).items())
        key = (record.name, record.getMessage(), *fields, type(error), str(error))
        last, left_out = self._seen.pop(key, (-math.inf, 0))
        if record.created - last < _SAME_SECONDS:
            self._seen[key] = last, left_out + 1
            return False
        if left_out:
            record.repeated = left_out
        self._seen[key] = record.created, 0
        if len(self._seen) > _MAX_SEEN:
            self._seen.pop(next(iter(self._seen)), None)  # Another thread may be doing the same.
        return True


def configure(log: Log) -> None:
    """Send all loggers of the process to standard output."""
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(OncePerMinute())
    handler.setFormatter(JsonFormatter() if log.format == "json" else TextFormatter())
    logging.basicConfig(level=log.level.upper(), handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "alembic.runtime.plugins"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


def _encodable(line: str) -> str:
    """Write lone surrogates as escapes, because no stream can encode them."""
    return line.encode("utf-8", "backslashreplace").decode()

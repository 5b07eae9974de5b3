"""Says in a sentence what is wrong with a setting or a field of a request."""

from collections.abc import Mapping
from typing import Any

_NUMBER = "must be a number"
_WHOLE = "must be a whole number"
_TRUTH = "must be true or false"
_TEXT = "must be text"
_OBJECT = "must be an object"
_ID = "must be an id (UUID)"
_TIME = "must be a time with its time zone, such as 2026-03-01T09:31:12Z"

# By pydantic's type of error, with fields of its context.
# https://docs.pydantic.dev/latest/errors/validation_errors/
_SENTENCES = {
    "missing": "is missing",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "path_type": "must be a path",
    "list_type": "must be a list",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "uuid_type": _ID,
    "uuid_parsing": _ID,
    "uuid_version": _ID,
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "datetime_object_invalid": _TIME,
    "timezone_aware": _TIME,
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
}
_ADDRESS = "must be an address that begins with http:// or https://"


def sentence(mistake: Mapping[str, Any]) -> str:
    """Return the sentence for an error as pydantic lists it, without the name of the field."""
    kind, context = mistake["type"], mistake.get("ctx", {})
    if kind == "value_error":  # Raised by our own checks.
        return str(mistake["msg"]).removeprefix("Value error, ")
    if kind == "string_pattern_mismatch":
        return _pattern(context["pattern"])
    if kind in {"string_too_short", "too_short"} and context["min_length"] == 1:
        return "must not be empty"
    if kind in _SENTENCES:
        return _SENTENCES[kind].format_map(_Numbers(context))
    return str(mistake["msg"]).replace("Input should be", "must be")


class _Numbers(dict[str, Any]):
    """Values of a sentence: numbers with thousands separators, words without quotes."""

    def __getitem__(self, name: str) -> str:
        value = super().__getitem__(name)
        return f"{value:,}" if isinstance(value, int) else str(value).replace("'", "")


def _pattern(pattern: str) -> str:
    if pattern.startswith("^https?://"):
        return _ADDRESS
    return "must not contain spaces" if pattern == r"^\S+$" else f"must match {pattern}"

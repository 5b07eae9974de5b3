"""Renders Markdown tables."""

from collections.abc import Iterable, Sequence
from typing import Any


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table with one line per row."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(_cell(cell) for cell in line) + " |\n" for line in lines)


def takes(schema: dict[str, Any]) -> str:
    """Return the allowed values of a JSON schema in words: `integer 1 to 100`, `text or null`."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(takes(branch) for branch in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    kind = schema.get("type", "anything")
    if isinstance(kind, list):
        return " or ".join(takes({**schema, "type": one}) for one in kind)
    if kind == "array":
        if "prefixItems" in schema:
            return f"`[`{', '.join(takes(item) for item in schema['prefixItems'])}`]`"
        return f"list of {takes(schema['items'])}"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"map to {takes(values)}" if isinstance(values, dict) else "object"
    shown: str = {"date-time": "date and time", "uuid": "UUID", "path": "path"}.get(
        schema.get("format", ""), {"string": "text"}.get(kind, kind)
    )
    return shown + _range(schema, kind)


def _range(schema: dict[str, Any], kind: str) -> str:
    if kind == "string" and "maxLength" in schema:
        return f" of {schema.get('minLength', 0)} to {schema['maxLength']:,} characters"
    if kind not in ("integer", "number"):
        return ""
    low, above, high = (
        None if bound is None else f"{bound:,.15g}"
        for bound in map(schema.get, ("minimum", "exclusiveMinimum", "maximum"))
    )
    if above is not None:
        return f" over {above}" + (f", up to {high}" if high is not None else "")
    if low is None:
        return "" if high is None else f" up to {high}"
    return f" from {low}" if high is None else f" {low} to {high}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")

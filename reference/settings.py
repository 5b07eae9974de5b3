"""Renders every setting, from `mirage.config`."""

from typing import Any

from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from mirage import config
from mirage.settings import PREFIX
from reference.table import table, takes
from schema.config import groups

_HEADER = ("Environment", "Key in the chart", "Takes", "Default", "Meaning")


def render() -> str:
    """Return one section per group."""
    return "\n".join(_section(name, kind) for name, kind in groups())


def _section(group: str, kind: type[config.Group]) -> str:
    schemas = kind.model_json_schema()["properties"]
    rows = [
        (
            f"`{variable(group, name)}`",
            _chart_key(group, name, field),
            takes(_without_null(schemas[name])),
            _default(field.default),
            field.description or "",
        )
        for name, field in kind.model_fields.items()
    ]
    return f"## {group}\n\n{kind.__doc__}\n\n{table(_HEADER, rows)}"


def variable(group: str, field: str) -> str:
    """Return the environment variable of a setting."""
    return f"{PREFIX}{group.upper()}_{field.upper()}"


def _chart_key(group: str, name: str, field: FieldInfo) -> str:
    extra = field.json_schema_extra
    marks = extra if isinstance(extra, dict) else {}
    if marks.get("secret"):
        return "from a Secret"
    return "set by the chart" if marks.get("derived") else f"`config.{group}.{to_camel(name)}`"


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    branches = [branch for branch in schema.get("anyOf", []) if branch != {"type": "null"}]
    return branches[0] if len(branches) == 1 else schema


def _default(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"

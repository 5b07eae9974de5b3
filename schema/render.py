"""Generates the chart's files: values, their schema, dashboard, _model.tpl, README table."""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schema.api import Api
from schema.config import DEFAULTS, VARIABLES, unread_by
from schema.dashboard import dashboard
from schema.normalise import normalise, published
from schema.renamed import RENAMED, admitted
from schema.rules import RULES, tree, with_kubernetes
from schema.section import Section
from schema.values import Values
from schema.workload import Workload

CHART = Path(__file__).parent.parent / "charts" / "mirage"
BEGIN = "<!-- values: made by `python -m schema write` -->"
END = "<!-- /values -->"

_WIDTH = 100
_SHARED = {
    field.alias for name, field in Workload.model_fields.items() if name not in Api.__annotations__
}
"""Keys that mean the same for each component."""
_MODEL = """\
{{/* What templates know of the model in schema/: keys that must not be null, texts with a rule, and
     the key for each variable of the program. Made by `python -m schema write`. */}}
"""
_HEADER = """\
# Values of the chart. Generated from schema/values.py by `python -m schema write`; edit that file.
# A key that is null is omitted; for keys under `config`, the default of miRAGe then applies.
"""


def rendered() -> dict[Path, str]:
    """Return path and text of every generated file."""
    readme = CHART / "README.md"
    return {
        CHART / "values.schema.json": json.dumps(json_schema(), indent=2) + "\n",
        CHART / "templates" / "_unread.tpl": "".join(_unread()),
        CHART / "templates" / "validate" / "_model.tpl": _MODEL + "".join(_model()),
        CHART / "values.yaml": _HEADER + "".join(_yaml(Values.model_construct(), 0)),
        CHART / "files" / "dashboard.json": dashboard(),
        readme: _with_table(readme.read_text()),
    }


@cache
def model_schema() -> dict[str, Any]:
    """Return the schema of the values with the rules of texts, see rules.py."""
    return with_kubernetes(normalise(Values.model_json_schema()))


@cache
def json_schema() -> dict[str, Any]:
    """Return the chart's values.schema.json."""
    return admitted(published(model_schema()))


def defaults() -> dict[str, Any]:
    """Return the chart's values.yaml as data."""
    values: dict[str, Any] = _plain(Values.model_construct())
    return values


def leaves(section: Section, prefix: str = "") -> Iterator[tuple[str, FieldInfo, Any]]:
    """Yield dotted key, field and default of every value that is not a section."""
    for key, field, value in _fields(section):
        if isinstance(value, Section):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", field, _plain(value)


def _fields(section: Section) -> Iterator[tuple[str, FieldInfo, Any]]:
    """Return the fields that the class declares itself, then inherited ones."""
    fields = type(section).model_fields
    own = [name for name in type(section).__annotations__ if name in fields]
    for name in dict.fromkeys([*own, *fields]):
        field = fields[name]
        if not field.exclude:
            yield field.alias or name, field, getattr(section, name)


def _plain(value: Any) -> Any:
    if isinstance(value, Section):
        return {key: _plain(child) for key, _, child in _fields(value)}
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _yaml(section: Section, depth: int) -> Iterator[str]:
    indent = "  " * depth
    explained = True
    for key, field, value in _fields(section):
        if depth == 0:
            yield "\n"
        if not _is_shared(section, key):
            comment = field.description or type(value).__doc__ or ""
            prefix = f"{indent}# "
            text = textwrap.fill(comment, _WIDTH, initial_indent=prefix, subsequent_indent=prefix)
            yield text + "\n"
        elif explained:
            yield f"{indent}# Explained under `api`.\n"
            explained = False
        if isinstance(value, Section):
            yield f"{indent}{key}:\n"
            yield from _yaml(value, depth + 1)
        else:
            text = yaml.safe_dump({key: _plain(value)}, sort_keys=False, width=_WIDTH)
            yield textwrap.indent(text, indent)


def _is_shared(section: Section, key: str) -> bool:
    """Return whether a key means the same as the one of `api`, which alone is explained."""
    own = {type(section).model_fields[name].alias for name in type(section).__annotations__}
    return isinstance(section, Workload) and not isinstance(section, Api) and key not in own


def required(section: Section, prefix: str = "") -> Iterator[str]:
    """Yield dotted keys that must not be null; Helm deletes null keys before it validates."""
    for key, _, value in _fields(section):
        path = f"{prefix}{key}"
        if isinstance(value, Section):
            yield path
            yield from required(value, f"{path}.")
        elif "null" not in _types(path):
            yield path


def _model() -> Iterator[str]:
    """Yield one template for each part of the model that templates read, as YAML."""
    used = set(re.findall(r"[\w ]+", str(tree(model_schema()))))
    parts: dict[str, Any] = {
        "required": list(required(Values.model_construct())),
        "rules": tree(model_schema()),
        "rules.texts": {
            name: {"pattern": rule.pattern, "remedy": rule.remedy, "secret": rule.secret}
            for name, rule in RULES.items()
            if name in used
        },
        "variables": VARIABLES,
        "defaults": DEFAULTS | dict(_claim_of_originals()),
        "renamed": RENAMED,
    }
    for name, part in parts.items():
        yield f'\n{{{{- define "mirage.model.{name}" -}}}}\n'
        yield yaml.safe_dump(part, sort_keys=False, width=1000, allow_unicode=True)
        yield "{{- end }}\n"


def _claim_of_originals() -> Iterator[tuple[str, Any]]:
    """Yield the defaults of the claim; others are refused where there is no claim."""
    for path, _, default in leaves(Values.model_construct()):
        if path.startswith("documents.persistence.") and default:
            yield path, default


def _unread() -> Iterator[str]:
    yield "{{/* Settings that a program does not read, so that their change does not restart it.\n"
    yield "     Made by `python -m schema write`. */}}\n"
    for program in ("api", "indexer"):
        yield f'{{{{- define "mirage.unread.{program}" -}}}}\n'
        yield from (f"- {name}\n" for name in unread_by(program))
        yield "{{- end }}\n"


def _types(path: str) -> list[str]:
    kinds = _resolved(_subschema(path))["type"]
    return kinds if isinstance(kinds, list) else [kinds]


def _with_table(readme: str) -> str:
    before, _, rest = readme.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{CHART / 'README.md'} has no lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n{''.join(_table())}{END}{after}"


def _table() -> Iterator[str]:
    yield "| Key | Takes | Default | Meaning |\n|---|---|---|---|\n"
    values = Values.model_construct()
    for path, field, default in leaves(values):
        component, _, key = path.partition(".")
        if "." not in key and _is_shared(getattr(values, component, values), key):
            continue
        name = f"<component>.{key}" if component == "api" and key in _SHARED else path
        takes = _takes(_subschema(path)).replace("|", "\\|")
        shown = json.dumps(default, ensure_ascii=False)
        meaning = " ".join((field.description or "").split()).replace("|", "\\|")
        yield f"| `{name}` | {takes} | `{shown}` | {meaning} |\n"


def _subschema(path: str) -> Mapping[str, Any]:
    node: Mapping[str, Any] = json_schema()
    for key in path.split("."):
        node = _resolved(node)["properties"][key]
    return node


def _resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in node:
        resolved: Mapping[str, Any] = json_schema()["definitions"][node["$ref"].rpartition("/")[2]]
        return resolved
    return node


def _takes(node: Mapping[str, Any]) -> str:
    if "$ref" in node:
        return str(node["$ref"].rpartition("/")[2])
    if "enum" in node:
        return ", ".join(f"`{value}`" for value in node["enum"] if value is not None)
    kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
    kind = " or ".join(name for name in kinds if name != "null")
    if "items" in node:
        return f"{kind} of {_takes(node['items'])}"
    return kind + _range(node)


def _range(node: Mapping[str, Any]) -> str:
    low = node.get("minimum", node.get("exclusiveMinimum"))
    bounds = []
    if low is not None:
        bounds.append(f"{'≥' if 'minimum' in node else '>'} {low}")
    if "maximum" in node:
        bounds.append(f"≤ {node['maximum']}")
    return " " + ", ".join(bounds) if bounds else ""

"""Makes the JSON schemas of this folder out of CustomResourceDefinitions on standard input.

    git show HEAD:config/crd/bases/keda.sh_scaledobjects.yaml | python -m tests.chart.crds.convert

A schema knows the fields, their types and choices, as kubeconform needs them; descriptions are left
out. Parts that are long and that nothing here uses take anything. README.md names the sources.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent
_KEPT = (
    "type", "enum", "required", "minimum", "maximum", "pattern", "minItems", "minLength",
    "maxLength",
)  # fmt: skip
_LONG = 4000
"""Characters from which on a part that nothing uses is left out."""
_USED = {
    "spec", "bootstrap", "initdb", "groups", "rules", "endpoints", "triggers", "storage", "source",
    "helm", "syncPolicy", "chart", "install", "upgrade",
}  # fmt: skip


def convert(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schemas of all versions of a definition, by file name."""
    spec = definition["spec"]
    group = spec["group"].partition(".")[0]
    return {
        f"{spec['names']['singular']}-{group}-{version['name']}.json": _strict(
            version["schema"]["openAPIV3Schema"]
        )
        for version in spec["versions"]
    }


def _strict(node: Mapping[str, Any], name: str = "spec") -> dict[str, Any]:
    """Return a schema that knows no other fields."""
    kept: dict[str, Any] = {key: node[key] for key in _KEPT if key in node}
    if node.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    if "items" in node:
        kept["items"] = _strict(node["items"], name)
    if isinstance(node.get("additionalProperties"), Mapping):
        kept["additionalProperties"] = _strict(node["additionalProperties"])
    if "properties" in node:
        if len(json.dumps(node)) > _LONG and name not in _USED:
            return {"type": "object"}
        kept["properties"] = {key: _strict(one, key) for key, one in node["properties"].items()}
        kept["additionalProperties"] = False
    return kept


def main() -> None:
    """Write the files."""
    for definition in yaml.safe_load_all(sys.stdin):
        for name, schema in convert(definition).items():
            (_FOLDER / name).write_text(json.dumps(schema, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""Keys of values that have another name now; the chart refuses the old one with the new one.

A row stays for as long as somebody may upgrade from a release that had the key.
"""

from collections.abc import Mapping
from typing import Any

RENAMED = {
    "trustedCa.configMap": "caCertificates.configMap",
    "trustedCa.key": "caCertificates.key",
}


def admitted(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema that admits the old names, so that the chart can say the new ones.

    Helm would call them additional properties, before any template runs.
    """
    root = dict(schema)
    for old in RENAMED:
        _admit(root, old.split("."), RENAMED[old])
    return root


def _admit(node: dict[str, Any], path: list[str], new: str) -> None:
    properties = node["properties"] = dict(node.get("properties", {}))
    name, *rest = path
    if not rest:
        properties[name] = {"description": f"Refused: `{new}` is the name of this key."}
        return
    below = properties[name] = dict(properties.get(name, {}))
    below.setdefault("type", ["object", "null"])
    below.setdefault("additionalProperties", False)
    _admit(below, rest, new)

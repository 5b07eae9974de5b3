"""Generated files are what the model says, and their schema is sound."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from schema import generate
from schema.render import CHART, defaults, json_schema, leaves
from schema.values import Values

ROOT = Path(__file__).parent.parent.parent


def _check() -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "schema", "check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_nothing_is_stale() -> None:
    done = _check()
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_schema_is_draft_07() -> None:
    jsonschema.Draft7Validator.check_schema(json_schema())


@pytest.mark.slow
def test_schema_is_self_contained_and_has_no_branches() -> None:
    text = json.dumps(json_schema())
    assert '"anyOf"' not in text
    assert '"oneOf"' not in text
    references = {part.partition('"')[0] for part in text.split('"$ref": "')[1:]}
    assert references == {f"#/definitions/{name}" for name in json_schema()["definitions"]}


def test_every_table_is_closed_but_free_maps() -> None:
    def tables(node: Any, path: str = "") -> list[str]:
        if isinstance(node, list):
            return [found for item in node for found in tables(item, path)]
        if not isinstance(node, dict):
            return []
        kinds = node.get("type", [])
        is_object = "object" in kinds if isinstance(kinds, list) else kinds == "object"
        open_ = [path] if is_object and node.get("additionalProperties") in (None, True) else []
        return open_ + [
            found for key, item in node.items() for found in tables(item, f"{path}/{key}")
        ]

    # A parent chart's own values, and objects of any kind.
    assert tables(json_schema()) == ["/properties/extraObjects/items", "/definitions/Global"]


def test_defaults_are_valid() -> None:
    jsonschema.validate(defaults(), json_schema(), jsonschema.Draft7Validator)


@pytest.mark.slow
def test_values_file_of_one_change_is_valid() -> None:
    values = {"documents": {"persistence": {"size": "1Gi"}}, "image": {"tag": "1"}}
    jsonschema.validate(values, json_schema(), jsonschema.Draft7Validator)


@pytest.mark.parametrize("file", sorted(CHART.glob("ci/*.yaml")), ids=lambda file: file.stem)
@pytest.mark.slow
def test_files_of_ci_are_valid(file: Path) -> None:
    values = yaml.safe_load(file.read_text())
    for claim in ("documents", "postgresql", "ollama"):
        assert values[claim]["persistence"]["storageClass"] is None
    jsonschema.validate(values, json_schema(), jsonschema.Draft7Validator)


def test_every_value_is_explained() -> None:
    silent = [path for path, field, _ in leaves(Values.model_construct()) if not field.description]
    assert silent == []


def test_definitions_of_kubernetes_are_pruned_to_what_is_reached() -> None:
    def named(*references: str) -> dict[str, Any]:
        return {
            "description": "First sentence (e.g. this). Second.",
            "x-kubernetes-y": 1,
            "properties": {one: {"$ref": f"#/definitions/{one}"} for one in references},
        }

    reached = "io.k8s.api.core.v1.Reached"
    quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity"
    roots = {root: named(reached, quantity) for root in generate.ROOTS}
    definitions = {**roots, reached: named(), quantity: {}, "io.k8s.Other": named()}
    pruned = generate.prune({"info": {"version": "1"}, "definitions": definitions})
    schemas = json.loads(pruned)["components"]["schemas"]
    assert "Other" not in schemas
    assert schemas["Reached"] == {
        "description": "First sentence (e.g. this).",
        "properties": {},
    }
    assert schemas["Quantity"] == {"type": ["string", "number"]}

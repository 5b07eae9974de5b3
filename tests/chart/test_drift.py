"""Model and templates agree: every key has an effect, and every key that is read exists.

Every key has a value of its own in some file of `values/`. Without it, other objects are rendered.
"""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from schema.render import json_schema, leaves, required
from schema.values import Values
from schema.workload import Workload
from tests.chart.render import CHART, Release, nested, refusal, render

READ = re.compile(r"\.Values((?:\.[a-zA-Z0-9]+)+)")
FILES = {
    file.stem: yaml.safe_load(file.read_text())
    for file in sorted(Path(__file__).with_name("values").glob("*.yaml"))
}
LEAVES = {path: default for path, _, default in leaves(Values.model_construct())}
REQUIRED = list(required(Values.model_construct()))
# It has one value that is accepted, and no effect with a bucket.
ONLY = {"documents.persistence.enabled"}
COMPONENTS = ("api", "indexer", "postgresql", "ollama")
SHARED = [str(field.alias) for field in Workload.model_fields.values()]
OWN = sorted(
    path
    for path in set(LEAVES) - ONLY
    if not (path.partition(".")[0] in COMPONENTS and path.partition(".")[2] in SHARED)
)


@pytest.mark.exhaustive
@pytest.mark.parametrize("path", OWN)
def test_every_key_has_an_effect(path: str) -> None:
    file = _file_with(path)
    assert _attempt(_without(FILES[file], path)) != render(values=FILES[file])


@pytest.mark.exhaustive
@pytest.mark.parametrize("key", sorted(set(SHARED) - {"resources", "replicas"}))
def test_every_key_of_workloads_has_an_effect_on_each(key: str) -> None:
    values = FILES["everything"]
    less = values
    for component in COMPONENTS:
        assert values[component][key] != LEAVES[f"{component}.{key}"]
        less = _without(less, f"{component}.{key}")
        # Nothing may mount what is not there.
        if key == "extraVolumes":
            less = _without(less, f"{component}.extraVolumeMounts")
    before, after = render(values=values), render(values=less)
    for component in COMPONENTS:
        name = f"mirage-rag-{component}"
        assert before.get("Deployment", name) != after.get("Deployment", name), component


@pytest.mark.parametrize("component", COMPONENTS)
@pytest.mark.parametrize("key", ["resources", "replicas"])
def test_size_of_each_workload_has_an_effect(component: str, key: str) -> None:
    file = _file_with(f"{component}.{key}")
    less = _without(FILES[file], f"{component}.{key}")
    assert _attempt(less) != render(values=FILES[file])


def test_every_key_that_templates_read_exists() -> None:
    unknown = {
        path
        for file in CHART.glob("templates/**/*.*")
        for path in (match[1:] for match in READ.findall(file.read_text()))
        if not _exists(path)
    }
    assert unknown == set()


def test_values_file_is_the_models() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert values == nested(LEAVES)


def test_null_everywhere_it_is_allowed_leaves_the_fields_out(every_helm: str) -> None:
    nulls = dict.fromkeys(set(LEAVES) - set(REQUIRED))
    release = render(values=nulls, helm=every_helm)
    assert release.get("ConfigMap", "mirage-config")["data"] == {
        "MIRAGE_OLLAMA_URL": "http://mirage-ollama:11434",
        "MIRAGE_DOCUMENTS_PATH": "/data/documents",
        "MIRAGE_DOCUMENTS_STORAGE": "volume",
    }
    assert "null" not in json.dumps(release.objects)


# A table, a table in a table, a knob, and the last of them all: the rest goes the same way.
@pytest.mark.parametrize(
    "path", ["image", "ollama.persistence", "config.documents.path", REQUIRED[-1]]
)
def test_null_on_a_required_key_is_refused(path: str) -> None:
    assert refusal(f"{path}=null") == [
        f"ERROR: {path} must not be null: set a value, or remove the key to use the default"
    ]


def _file_with(path: str) -> str:
    """Return the file that gives the key another value than the default."""
    for name, values in FILES.items():
        node: Any = values
        for key in path.split("."):
            node = node.get(key, _NOWHERE) if isinstance(node, dict) else _NOWHERE
        if node is not _NOWHERE and node != LEAVES[path]:
            return name
    raise AssertionError(f"no file of tests/chart/values gives {path} another value")


_NOWHERE = object()


def _without(values: dict[str, Any], path: str) -> dict[str, Any]:
    *parents, key = path.split(".")
    less = table = copy.deepcopy(values)
    for parent in parents:
        table = table[parent]
    del table[key]
    return less


def _attempt(values: dict[str, Any]) -> Release | None:
    """What is rendered, or None where it is refused."""
    try:
        return render(values=values)
    except AssertionError:
        return None


def _node(path: str) -> dict[str, Any]:
    node = json_schema()
    for key in path.split("."):
        node = _resolved(node)["properties"][key]
    return _resolved(node)


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        resolved: dict[str, Any] = json_schema()["definitions"][node["$ref"].rpartition("/")[2]]
        return resolved
    return node


def _exists(path: str) -> bool:
    try:
        _node(path)
    except KeyError:
        return False
    return True

"""Model and templates agree: every key is read, and every key that is read exists."""

import json
import re
from typing import Any

import pytest
import yaml

from schema.render import json_schema, leaves, required
from schema.values import Values
from tests.chart.render import CHART, SECRETS, Release, nested, refusal, render

READ = re.compile(r"\.Values((?:\.[a-zA-Z]+)+)")
LEAVES = {path: default for path, _, default in leaves(Values.model_construct())}
REQUIRED = list(required(Values.model_construct()))
# Knobs are counted in test_env.py. Some changes are refused, see test_refusals.py.
CHANGED = sorted(
    path
    for path in set(LEAVES) - {"documents.persistence.enabled"}
    if not path.startswith("config.")
)

# What a key, or all keys that begin so, needs to have an effect.
_EXTERNAL: dict[str, Any] = {
    "postgresql.enabled": False,
    "postgresql.auth.password": None,
    "externalDatabase.host": "h",
}
NEEDED: dict[str, dict[str, Any]] = {
    "auth.existingSecret": {"auth.apiKey": None},
    "auth.openai": {
        "config.embedding.backend": "openai",
        "config.openai.url": "http://h",
        "config.openai.model": "m",
    },
    "externalDatabase": {**_EXTERNAL, "externalDatabase.password": "p"},
    "trustedCa": {"trustedCa.configMap": "m"},
    "externalDatabase.existingSecret": {**_EXTERNAL},
    "externalDatabase.passwordKey": {**_EXTERNAL, "externalDatabase.existingSecret": "s"},
    "externalDatabase.urlKey": {
        **_EXTERNAL,
        "externalDatabase.host": None,
        "externalDatabase.existingSecret": "s",
    },
    "ingress": {"ingress.enabled": True, "ingress.host": "h"},
    "networkPolicy": {"networkPolicy.enabled": True},
    "ollama.enabled": {"ollama.url": "http://h"},
    "ollama.pull": {"ollama.pullModel": True},
    "ollama.url": {"ollama.enabled": False},
    "postgresql.auth.existingSecret": {"postgresql.auth.password": None},
    "postgresql.enabled": {**_EXTERNAL, "externalDatabase.password": "p"},
}
# Examples of what no default tells, by the last part of the path.
EXAMPLES: dict[str, Any] = {
    "accessModes": ["ReadWriteMany"],
    "affinity": {"nodeAffinity": {}},
    "apiFrom": [{"podSelector": {}}],
    "metricsFrom": [{"podSelector": {}}],
    "digest": f"sha256:{'0' * 64}",
    "extraEnv": [{"name": "A", "value": "b"}],
    "extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}],
    "imagePullSecrets": [{"name": "s"}],
    "registryPorts": [5000],
    "replicas": 0,
    "size": "7Gi",
    "tolerations": [{"key": "k"}],
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "k", "whenUnsatisfiable": "DoNotSchedule"}
    ],
    "url": "http://elsewhere",
}


@pytest.mark.parametrize("path", CHANGED)
def test_every_key_changes_what_is_rendered(path: str) -> None:
    fitting = [prefix for prefix in NEEDED if path.startswith(prefix)]
    needed = NEEDED[max(fitting, key=len)] if fitting else {}
    values = dict(one.split("=") for one in SECRETS) | needed
    before = {key: value for key, value in values.items() if key != path}
    assert _attempt(before) != render(values=values | {path: _other(path)})


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


def _attempt(values: dict[str, Any]) -> Release | None:
    """What is rendered, or None where it is refused."""
    try:
        return render(values=values)
    except AssertionError:
        return None


def _other(path: str) -> Any:
    """A valid value that is not the default."""
    name, node, default = path.rpartition(".")[2], _node(path), LEAVES[path]
    if name in EXAMPLES:
        return EXAMPLES[name]
    if "enum" in node:
        return next(value for value in node["enum"] if value not in (None, default))
    match default:
        case bool():
            return not default
        case int():
            return default + 1
        case dict() if default:
            return None
        case dict():
            return {"example": "x"}
        case _:
            return "other"


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

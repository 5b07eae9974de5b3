"""Makes values files out of the model: valid ones, and others with one mistake, from a seed.

What depends on other values is chosen together, as a `mode`; all else is drawn from the schema.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema
import regex

from schema.render import json_schema, leaves, model_schema, required
from schema.rules import QUOTED, RULE, RULES
from schema.values import Values
from tests.chart.render import nested

Node = Mapping[str, Any]

_DEPTH = 4
"""Tables in tables that are filled with what is optional."""

_DATABASES: tuple[dict[str, Any], ...] = (
    {},
    {"postgresql.auth.password": "p"},
    {"postgresql.auth.existingSecret": "s"},
    {"postgresql.enabled": False, "externalDatabase.host": "h", "externalDatabase.password": "p"},
    {"postgresql.enabled": False, "externalDatabase.host": "h",
     "externalDatabase.existingSecret": "s", "externalDatabase.passwordKey": "k"},
    {"postgresql.enabled": False, "externalDatabase.existingSecret": "s",
     "externalDatabase.urlKey": "uri", "externalDatabase.sslMode": "verify-full",
     "externalDatabase.parameters": {"application_name": "a b"}},
)  # fmt: skip
_OPENAI = {
    "config.embedding.backend": "openai",
    "config.openai.url": "http://tei:8080",
    "config.openai.model": "BAAI/bge-m3",
}
_EMBEDDERS: tuple[dict[str, Any], ...] = (
    {},
    {"ollama.pullModel": True},
    {"ollama.pullModel": True, "ollama.models": ["all-minilm"], "ollama.proxy": "http://p:1"},
    {"ollama.enabled": False, "ollama.url": "http://gpu-box:11434"},
    {"ollama.enabled": False, "ollama.url": "http://gpu-box:11434", "auth.ollamaToken": "t"},
    {"config.embedding.proxy": "http://p:1", "auth.proxyExistingSecret": "s"},
    {"ollama.enabled": False, **_OPENAI},
    {"ollama.enabled": False, **_OPENAI, "auth.openaiKey": "sk-1", "config.openai.maxTokens": 512},
    {"ollama.enabled": False, **_OPENAI, "auth.openaiExistingSecret": "s"},
)
_BUCKET = {"config.documents.storage": "s3", "config.s3.bucket": "originals"}
_STORAGES: tuple[dict[str, Any], ...] = (
    {},
    {"config.documents.path": "/originals", "config.documents.minFreeBytes": 1},
    {"documents.persistence.accessModes": ["ReadWriteMany"], "api.replicas": 2},
    {**_BUCKET, "auth.s3AccessKey": "k", "auth.s3SecretKey": "s", "indexer.replicas": 2},
    {**_BUCKET, "auth.s3ExistingSecret": "s", "config.s3.endpoint": "http://minio:9000",
     "config.s3.prefix": "a/b", "config.documents.maxUploadBytes": 5 * 1024**3},
)  # fmt: skip
_OTHERS: tuple[dict[str, Any], ...] = (
    {},
    {"ingress.enabled": True, "ingress.host": "mirage.example.org"},
    {"auth.apiKey": "key"},
    {"auth.existingSecret": "keys"},
    {"config.chunk.size": 64, "config.chunk.overlap": 16},
    {"api.resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "1Gi", "cpu": 2}}},
    {"networkPolicy.enabled": True},
    {"fullnameOverride": "rag"},
    {"ingress.enabled": True, "ingress.host": "h", "ingress.tls.defaultCertificate": True},
    {"httpRoute.enabled": True, "httpRoute.parentRefs": [{"name": "gateway"}]},
    {"api.service.type": "LoadBalancer", "api.service.externalTrafficPolicy": "Local"},
    {"api.rootPath": "/rag", "api.service.port": 80},
    {"caCertificates.secret": "ca", "caCertificates.key": "root.pem"},
    {"serviceAccount.create": False, "serviceAccount.name": "a"},
    {"global.imageRegistry": "mirror", "global.storageClass": "fast"},
    {"api.sidecars": [{"name": "proxy", "image": "envoy:1"}]},
    {"indexer.extraVolumes": [{"name": "v", "emptyDir": {}}],
     "indexer.extraVolumeMounts": [{"name": "v", "mountPath": "/v"}]},
    {"api.autoscaling.enabled": True, "indexer.autoscaling.enabled": True},
    {"postgresql.initContainers": [{"name": "first", "image": "busybox:1"}]},
    {"config.web.userHeader": "Remote-User", "config.web.trustedProxies": "10.0.0.0/8"},
)  # fmt: skip
# Chosen by a mode, or not at all.
_BOUND = (
    "postgresql.enabled", "postgresql.auth.", "externalDatabase.", "ollama.enabled", "ollama.url",
    "ollama.pull", "config.embedding.backend", "config.openai.", "auth.", "config.chunk.",
    "config.documents.path", "config.documents.storage", "config.documents.minFreeBytes",
    "config.documents.maxUploadBytes", "config.s3.", "networkPolicy.s3To",
    "documents.persistence.", "config.indexer.parseMemoryBytes", "api.replicas", "indexer.replicas",
    "ollama.replicas", "ingress.enabled", "ingress.host", "nameOverride", "fullnameOverride",
    "extraObjects", "api.enabled", "indexer.enabled", "httpRoute.enabled", "httpRoute.parentRefs",
    "ingress.tls.", "api.service.", "caCertificates.", "serviceAccount.", "global.",
    "ollama.models", "ollama.proxy", "config.embedding.proxy", "networkPolicy.databaseTo",
    "networkPolicy.embedderTo", "networkPolicy.registryTo", "api.autoscaling.",
    "indexer.autoscaling.", "config.web.userHeader", "config.web.trustedProxies",
)  # fmt: skip
_BOUND_NAMES = {
    "resources", "pullResources", "podSecurityContext", "securityContext", "extraVolumes",
    "extraVolumeMounts", "initContainers", "sidecars", "existingClaim",
}  # fmt: skip

LEAVES = [path for path, _, _ in leaves(Values.model_construct())]
REQUIRED = list(required(Values.model_construct()))


@dataclass(frozen=True, slots=True)
class Mistake:
    """A values file with one mistake, and the key that its refusal must name."""

    values: dict[str, Any]
    key: str


class Generator:
    """Makes values files from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - it makes test data
        self._counter = 0

    def valid(self) -> dict[str, Any]:
        """Return a values file that is accepted."""
        chosen: dict[str, Any] = {}
        for modes in (_DATABASES, _EMBEDDERS, _STORAGES, _OTHERS):
            chosen |= self._random.choice(modes)
        for component in ("api", "indexer"):
            if f"{component}.autoscaling.enabled" in chosen:  # Then an autoscaler owns them.
                chosen.pop(f"{component}.replicas", None)
        free = [path for path in LEAVES if not _is_bound(path) and path not in chosen]
        for path in self._random.sample(free, self._random.randint(1, 12)):
            chosen[path] = self._value(node_of(path), _DEPTH)
        return nested(chosen)

    def invalid(self) -> Mistake:
        """Return a values file with one mistake that the schema or a rule finds."""
        while True:
            path = self._random.choice(LEAVES)
            values, node = self.valid(), node_of(path)
            kind = self._random.choice(("unknown", "type", "bound", "null"))
            if kind == "unknown" and not path.startswith("global."):
                table, _, _ = path.rpartition(".")
                key = f"{table}.unknown".strip(".")
                return Mistake(_with(values, key, 1), "unknown")
            if kind == "null":
                path = self._random.choice(REQUIRED)
                return Mistake(_with(values, path, None), path)
            wrong = list(_wrong_types(node) if kind == "type" else self._out_of_bounds(node))
            if wrong:
                return Mistake(_with(values, path, self._random.choice(wrong)), path)

    def _value(self, node: Node, depth: int) -> Any:
        node = resolved(node)
        if "enum" in node:
            return self._random.choice([value for value in node["enum"] if value is not None])
        kind = self._random.choice([kind for kind in kinds(node) if kind != "null"])
        match kind:
            case "string":
                return self._text(node)
            case "integer":
                return self._random.randint(*_range(node))
            case "number":
                low, high = _range(node)
                number = self._random.randint(low, high)
                return number - 0.5 if number > low and self._random.random() < 0.3 else number
            case "boolean":
                return self._random.random() < 0.5
            case "array":
                length = self._random.randint(node.get("minItems", 0), 2)
                return [self._value(node["items"], depth - 1) for _ in range(length)]
            case _:
                return self._table(node, depth)

    def _table(self, node: Node, depth: int) -> dict[str, Any]:
        if "properties" not in node:
            names = node.get("propertyNames", {"type": "string", RULE: "key"})
            values = node["additionalProperties"]
            size = self._random.randint(0, 2)
            return {self._text(names): self._value(values, depth - 1) for _ in range(size)}
        wanted = node.get("required", [])
        return {
            key: self._value(child, depth - 1)
            for key, child in node["properties"].items()
            if key in wanted or (depth > 0 and self._random.random() < 0.3)
        }

    def _text(self, node: Node) -> str:
        if RULE not in node:
            self._counter += 1  # Names of variables and others must differ.
            return f"text{self._counter}"
        if node[RULE] == "variable":
            self._counter += 1
            return f"V{self._counter}"
        if node[RULE] == "quantity":
            return "512Mi"
        return self._random.choice([text for text in RULES[node[RULE]].valid if text] or [""])

    def _out_of_bounds(self, node: Node) -> Iterator[Any]:
        node = resolved(node)
        yield from _bad_scalars(node)
        if isinstance(node.get("additionalProperties"), Mapping):
            names = node.get("propertyNames", {})
            if RULE in names:
                value = self._value(node["additionalProperties"], 1)
                yield from ({name: value} for name in RULES[names[RULE]].invalid)
            yield from ({"a": one} for one in self._out_of_bounds(node["additionalProperties"]))
        if "items" in node:
            yield from ([one] for one in self._out_of_bounds(node["items"]))
        if "properties" in node:
            yield {"unknown": 1}
            for key, child in node["properties"].items():
                if "properties" not in resolved(child):
                    rest = self._table(node, 0)
                    yield from (rest | {key: one} for one in self._out_of_bounds(child))


def refused(values: Mapping[str, Any]) -> str:
    """Return why the schema or a rule refuses the values, empty if they are accepted."""
    for error in _validator().iter_errors(values):
        return f"{error.json_path}: {error.message}"
    for path in REQUIRED:
        node: Any = values
        for key in path.split("."):
            if isinstance(node, Mapping):
                if node.get(key, "") is None:
                    return f"{path} is null"
                node = node.get(key)
    return next(_broken("", values, model_schema()), "")


def node_of(path: str) -> Node:
    """Return the schema of a dotted path, with rules."""
    node: Node = model_schema()
    for key in path.split("."):
        node = resolved(node)["properties"][key]
    return resolved(node)


def resolved(node: Node) -> Node:
    """Return the node, or the definition that it refers to."""
    if "$ref" in node:
        definition: Node = model_schema()["definitions"][node["$ref"].rpartition("/")[2]]
        return definition
    return node


def kinds(node: Node) -> list[str]:
    """Return the JSON types of a node."""
    kind = node["type"]
    return list(kind) if isinstance(kind, list) else [kind]


@cache
def _validator() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json_schema())


def _broken(path: str, value: Any, node: Node) -> Iterator[str]:
    node = resolved(node)
    if QUOTED in node and not isinstance(value, str | None):
        yield f"{path} is not quoted"
    elif isinstance(value, str) and RULE in node:
        if not regex.search(RULES[node[RULE]].pattern.replace("$", r"\Z"), value):
            yield f"{path} breaks a rule"
    elif isinstance(value, list) and "items" in node:
        for i, item in enumerate(value):
            yield from _broken(f"{path}[{i}]", item, node["items"])
    elif isinstance(value, Mapping):
        for key, item in value.items():
            child = node.get("properties", {}).get(key, node.get("additionalProperties"))
            yield from _broken(f"{path}.{key}", key, node.get("propertyNames", {}))
            if isinstance(child, Mapping):
                yield from _broken(f"{path}.{key}", item, child)


def _bad_scalars(node: Node) -> Iterator[Any]:
    if "minimum" in node:
        yield node["minimum"] - 1
    if "exclusiveMinimum" in node:
        yield node["exclusiveMinimum"]
    if "maximum" in node:
        yield node["maximum"] + 1
    if "enum" in node:
        yield "neither"
    if "maxLength" in node:
        yield "a" * (node["maxLength"] + 1)
    if RULE in node and "string" in kinds(node):
        yield from RULES[node[RULE]].invalid
    if QUOTED in node:
        yield from (1, True)


def _wrong_types(node: Node) -> Iterator[Any]:
    possible = kinds(node)
    if QUOTED not in node:
        examples: dict[str, Any] = {
            "string": "text", "integer": 7, "number": 7.5,
            "boolean": True, "array": [], "object": {},
        }  # fmt: skip
        allowed = {*possible, *(["integer"] if "number" in possible else [])}
        yield from (value for kind, value in examples.items() if kind not in allowed)


def _range(node: Node) -> tuple[int, int]:
    low = node.get("minimum", node.get("exclusiveMinimum", 0) + 1)
    return int(low), int(min(node.get("maximum", low + 99), low + 10_000_000))


def _is_bound(path: str) -> bool:
    return path.startswith(_BOUND) or path.rpartition(".")[2] in _BOUND_NAMES


def _with(values: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    *parents, key = path.split(".")
    table = values
    for parent in parents:
        table = table.setdefault(parent, {})
    table[key] = value
    return values

"""The schemas that Kubernetes publishes, of any version, from the package kubernetes-validate.

Its own function reads a megabyte of definitions per object; this keeps them.
"""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.chart.render import Object

OTHERS = ("keda.sh", "monitoring.coreos.com", "gateway.networking.k8s.io")
"""Groups of APIs that are not Kubernetes' own."""


def versions() -> list[str]:
    """Return the versions of Kubernetes that are known, such as `1.29`, oldest first."""
    names = [one.name for one in _schemas().iterdir() if one.name.endswith("-local-strict")]
    found = [tuple(map(int, name[1:].split(".")[:2])) for name in names]
    return [f"{major}.{minor}" for major, minor in sorted(found)]


def faults(version: str, objects: Iterable[Object]) -> Iterator[str]:
    """Yield what Kubernetes of a version does not know or accept."""
    for one in objects:
        group, _, api = one["apiVersion"].rpartition("/")
        if group in OTHERS:
            continue
        name = "-".join(part for part in (one["kind"].lower(), group.split(".")[0], api) if part)
        for error in _validator(version, name).iter_errors(one):
            yield f"{one['kind']}/{one['metadata']['name']}: {error.json_path}: {error.message}"


def _schemas() -> Any:
    return files("kubernetes_validate") / "kubernetes-json-schema"


@cache
def _definitions(version: str) -> Registry[Any]:
    resource: Resource[Any] = Resource.from_contents(_read(version, "_definitions"))
    return resource @ Registry()


@cache
def _validator(version: str, name: str) -> Draft202012Validator:
    return Draft202012Validator(_read(version, name), registry=_definitions(version))


def _read(version: str, name: str) -> Any:
    return json.loads((_schemas() / f"v{version}.0-local-strict" / f"{name}.json").read_text())

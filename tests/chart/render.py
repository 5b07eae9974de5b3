"""The one door to `helm template`: values in, objects or a refusal out.

`HELM` names the program (default `helm`); tests that ask for `every_helm` also run with `helm4`
where that is installed. Equal calls are answered from memory.
"""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
CHART = ROOT / "charts" / "mirage"
HELM = os.environ.get("HELM", "helm")
HELMS = [HELM, *(name for name in ("helm4",) if shutil.which(name))]
VALUES_FILES = sorted(
    [*(Path(__file__).parent / "values").glob("*.yaml"), *CHART.glob("ci/*.yaml")]
)

_NOTES = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: notes
data:
  text: {{ include "notes" . | toJson }}
"""

# What `helm install` knows of a cluster and `helm template` does not; then the tests are rendered.
KNOWN = ("--api-versions", "v1/Binding")

# Given, so that nothing is left out, because it would be generated.
SECRETS = ("postgresql.auth.password=pw", "auth.apiKey=key")

Object = dict[str, Any]

mutation: Callable[[list[Object]], None] | None = None
"""A mistake in what is rendered, see field_mutants.py."""


@dataclass(frozen=True)
class Release:
    """What one `helm template` rendered; `manifest` is its text."""

    objects: tuple[Object, ...]
    manifest: str = field(default="", compare=False, repr=False)

    def get(self, kind: str, name: str) -> Object:
        """The object of that kind and name. Raises KeyError."""
        for candidate in self.objects:
            if (candidate["kind"], candidate["metadata"]["name"]) == (kind, name):
                return candidate
        raise KeyError(f"{kind}/{name} is not among {self.inventory()}")

    def inventory(self) -> list[str]:
        """`Kind/name` of all objects, sorted."""
        return sorted(f"{one['kind']}/{one['metadata']['name']}" for one in self.objects)

    def workloads(self) -> Iterator[tuple[str, Object]]:
        """`Kind/name` and pod template of whatever runs pods; a Pod is its own template."""
        for one in self.objects:
            name = f"{one['kind']}/{one['metadata']['name']}"
            if one["kind"] == "Pod":
                yield name, one
            elif one["kind"] in ("Deployment", "Job"):
                yield name, one["spec"]["template"]
            elif one["kind"] == "CronJob":
                yield name, one["spec"]["jobTemplate"]["spec"]["template"]

    def secret(self, name: str) -> dict[str, str]:
        """The data of a Secret as text."""
        data = self.get("Secret", name)["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}


def render(
    *sets: str,
    values: Mapping[str, Any] | None = None,
    files: tuple[Path, ...] = (),
    release: str = "mirage",
    helm: str = HELM,
    options: tuple[str, ...] = (),
    known: tuple[str, ...] = KNOWN,
    chart: Path = CHART,
) -> Release:
    """Render the chart; keys of `values` are dotted paths, `known` what Helm knows of a cluster.

    Raises AssertionError with Helm's words when it refuses.
    """
    done = _template(
        helm, release, chart, files, json.dumps(nested(values or {})), sets, (*known, *options)
    )
    assert done.returncode == 0, done.stderr
    objects = [one for one in yaml.load_all(done.stdout, yaml.CSafeLoader) if one]
    if mutation is not None:
        mutation(objects)
    return Release(tuple(objects), done.stdout)


def refusal(
    *sets: str,
    values: Mapping[str, Any] | None = None,
    files: tuple[Path, ...] = (),
    release: str = "mirage",
    helm: str = HELM,
    options: tuple[str, ...] = (),
    known: tuple[str, ...] = KNOWN,
) -> list[str]:
    """The lines in which Helm says why it renders nothing, without its own introduction."""
    done = _template(
        helm, release, CHART, files, json.dumps(nested(values or {})), sets, (*known, *options)
    )
    assert done.returncode != 0, "the values were accepted"
    lines = [
        line for line in done.stderr.splitlines() if line.startswith("- at") or "ERROR:" in line
    ]
    return [line[line.find("ERROR:") :] if "ERROR:" in line else line for line in lines]


def notes(
    *sets: str, files: tuple[Path, ...] = (), helm: str = HELM, options: tuple[str, ...] = ()
) -> str:
    """What Helm prints after an installation.

    `helm template` prints no notes, and the `helm install --dry-run=client` of Helm 3.22 asks a
    cluster. So a copy of the chart renders them as the data of a ConfigMap.
    """
    with TemporaryDirectory() as folder:
        chart = Path(folder) / "mirage"
        shutil.copytree(CHART, chart)
        templates = chart / "templates"
        text = (templates / "NOTES.txt").read_text()
        (templates / "NOTES.txt").unlink()
        (templates / "_test_notes.tpl").write_text(
            f'{{{{- define "notes" -}}}}\n{text}{{{{- end }}}}\n'
        )
        (templates / "notes.yaml").write_text(_NOTES)
        release = render(*sets, files=files, helm=helm, chart=chart, options=options)
    rendered: str = release.get("ConfigMap", "notes")["data"]["text"]
    return rendered


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Tables out of dotted paths."""
    root: dict[str, Any] = {}
    for path, value in values.items():
        *parents, key = path.split(".")
        table = root
        for parent in parents:
            table = table.setdefault(parent, {})
        table[key] = value
    return root


def containers(pod: Object) -> list[Object]:
    """All containers of a pod template, those before the start included."""
    spec = pod["spec"]
    return [*spec.get("initContainers", []), *spec["containers"]]


@cache
def _template(
    helm: str,
    release: str,
    chart: Path,
    files: tuple[Path, ...],
    values: str,
    sets: tuple[str, ...],
    options: tuple[str, ...],
) -> subprocess.CompletedProcess[str]:
    if shutil.which(helm) is None:
        raise RuntimeError(f"`{helm}` is not on PATH: run `make tools`, or set HELM to its path")
    command = [helm, "template", release, str(chart), "--namespace", "rag", *options]
    command += [word for file in (*files, "-") for word in ("--values", str(file))]
    command += [word for one in sets for word in ("--set", one)]
    return subprocess.run(
        command, input=values, capture_output=True, text=True, check=False, timeout=240
    )

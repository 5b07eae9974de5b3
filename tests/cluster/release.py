"""A release on a cluster, handled with the commands that its users type."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pykube import HTTPClient
from pytest_helm_charts.k8s.deployment import wait_for_deployments_to_run

from tests.cluster.shell import run, until

PASSWORD = """p@:/?#%'" &+w"""
"""Every character that a URL or a shell could stumble over."""
API_KEY = "key with spaces & % signs"
MADE_HERE = "mirage-rag.github.io/e2e"
"""The label of a namespace that these tests made, and so may delete."""
COMPONENTS = ("postgresql", "ollama", "api", "indexer")


@dataclass
class Release:
    """The release `mirage`."""

    client: HTTPClient
    namespace: str
    chart: str
    registry: str
    repository: str
    tag: str
    name: str = "mirage"
    ingress: str = field(default_factory=lambda: os.environ.get("MIRAGE_TEST_INGRESS", "127.0.0.1"))

    @property
    def host(self) -> str:
        """The name under which the Ingress serves this release and no other."""
        return f"{self.namespace}.example.test"

    @property
    def plain_http(self) -> list[str]:
        """What Helm takes for a registry without TLS: that of this machine."""
        local = self.registry.partition(":")[0] in ("localhost", "127.0.0.1")
        return ["--plain-http"] if local else []

    def create_namespace(self) -> None:
        """Make a new one that admits restricted pods only; fails where somebody else made one."""
        self.delete_namespace()
        manifest = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": self.namespace,
                "labels": {
                    MADE_HERE: "true",
                    "pod-security.kubernetes.io/enforce": "restricted",
                    "pod-security.kubernetes.io/warn": "restricted",
                },
            },
        }
        run("kubectl", "create", "-f", "-", stdin=json.dumps(manifest))

    def delete_namespace(self) -> None:
        """Delete the namespace with all that is in it, but only if these tests made it."""
        found = run(
            "kubectl", "get", "namespace", self.namespace, "--ignore-not-found", "-o", "json"
        )
        if not found:
            return
        assert MADE_HERE in json.loads(found)["metadata"]["labels"], (
            f"namespace {self.namespace} was not made by these tests, so they leave it alone: set "
            "MIRAGE_TEST_NAMESPACE to another name"
        )
        run("kubectl", "delete", "namespace", self.namespace, "--wait")

    def install(self, *settings: str) -> str:
        """`helm install` from the registry, with `settings` and what this cluster needs."""
        return run(
            "helm", "install", self.name, self.chart, *self.plain_http,
            "--namespace", self.namespace, "--create-namespace",
            *self.cluster_settings(), *settings,
        )  # fmt: skip

    def render(self, *settings: str) -> str:
        """What `helm template` makes of the same chart, as GitOps controllers do."""
        return run(
            "helm", "template", self.name, self.chart, *self.plain_http,
            "--namespace", self.namespace, *self.cluster_settings(), *settings,
        )  # fmt: skip

    def upgrade(self, *settings: str) -> None:
        """`helm upgrade` with the same values, except `settings`; does not wait for the pods."""
        run(
            "helm", "upgrade", self.name, self.chart, *self.plain_http,
            "--namespace", self.namespace, "--reuse-values", *settings,
        )  # fmt: skip

    def upgrade_command(self, *settings: str) -> list[str]:
        """Arguments of Helm for an upgrade to this chart with `settings` and no earlier ones."""
        return [
            "upgrade", self.name, self.chart, *self.plain_http, "--namespace", self.namespace,
            "--reset-values", *self.cluster_settings(), *settings,
        ]  # fmt: skip

    def wait_for_rollout(self, *components: str) -> None:
        """Until all pods of the components are new ones, and ready."""
        for component in components:
            run("kubectl", "rollout", "status", "-n", self.namespace,
                f"deploy/{self.name}-{component}", "--timeout=300s")  # fmt: skip

    def warnings(self) -> list[str]:
        """Reason, object and message of each warning of Kubernetes in the namespace."""
        output = run(
            "kubectl", "get", "events", "-n", self.namespace, "-o", "json",
            "--field-selector", "type=Warning",
        )  # fmt: skip
        return [
            f"{event['reason']} {event['involvedObject']['name']}: {event['message']}"
            for event in json.loads(output)["items"]
        ]

    def uninstall(self) -> None:
        """Claims and the generated or given Secret stay."""
        run("helm", "uninstall", self.name, "--namespace", self.namespace, "--wait")

    def wait(self, timeout: int = 420) -> None:
        """Until every component runs and the model is there."""
        names = [f"{self.name}-{component}" for component in COMPONENTS]
        wait_for_deployments_to_run(self.client, names, self.namespace, timeout, missing_ok=False)
        until(self._model_is_there, "the model", timeout=timeout)

    def pods(self) -> list[dict[str, Any]]:
        """All pods of the release."""
        output = run(
            "kubectl", "get", "pods", "-n", self.namespace, "-o", "json",
            "-l", f"app.kubernetes.io/instance={self.name}",
        )  # fmt: skip
        found: list[dict[str, Any]] = json.loads(output)["items"]
        return found

    def pods_of(self, *components: str) -> list[dict[str, Any]]:
        """All pods of these components."""
        return [
            pod
            for pod in self.pods()
            if pod["metadata"]["labels"]["app.kubernetes.io/name"] in components
        ]

    def delete_pod(self, component: str) -> None:
        """Kill a component's pod at once and wait for its successor."""
        selector = f"app.kubernetes.io/instance={self.name},app.kubernetes.io/name={component}"
        run("kubectl", "delete", "pod", "-n", self.namespace, "-l", selector,
            "--grace-period=0", "--force")  # fmt: skip
        self.wait_for_rollout(component)

    def curl(self, path: str, *arguments: str, on_error: str = "--fail-with-body") -> Any:
        """A request through the Ingress, over TLS, with the key."""
        output = run(
            "curl", "--silent", "--show-error", "--insecure", on_error,
            "--resolve", f"{self.host}:443:{self.ingress}",
            "-H", f"X-API-Key: {API_KEY}", f"https://{self.host}{path}", *arguments,
        )  # fmt: skip
        return json.loads(output) if output else None

    def answers(self, path: str) -> bool:
        """Whether a GET through the Ingress succeeds."""
        try:
            self.curl(path)
        except AssertionError:
            return False
        return True

    def upload(self, project: str, file: Path) -> Any:
        """POST a file through the Ingress."""
        return self.curl(f"/api/v1/projects/{project}/documents", "-F", f"file=@{file}")

    def document(self, project: str, document: str) -> Any:
        """GET a document through the Ingress, which takes a moment to find a new pod."""
        path = f"/api/v1/projects/{project}/documents/{document}"
        again = ("--retry", "20", "--retry-all-errors", "--retry-delay", "1")
        return self.curl(path, *again, on_error="--fail")

    def search(self, project: str, query: str, mode: str = "hybrid") -> list[Any]:
        """Passages found through the Ingress."""
        body = json.dumps({"query": query, "mode": mode, "limit": 5})
        path = f"/api/v1/projects/{project}/search"
        found: list[Any] = self.curl(path, "-H", "Content-Type: application/json", "-d", body)[
            "passages"
        ]
        return found

    def wait_until_ready(self, project: str, document: str, timeout: float = 600) -> Any:
        """Until a document can be found; fails at once when it failed."""

        def settled() -> Any:
            found = self.document(project, document)
            assert found["status"] != "failed", found["error"]
            return found if found["status"] == "ready" else None

        return until(settled, f"document {document}", timeout=timeout)

    def _model_is_there(self) -> bool:
        jobs = json.loads(run("kubectl", "get", "jobs", "-n", self.namespace, "-o", "json"))
        return all(job["status"].get("succeeded") for job in jobs["items"]) and bool(jobs["items"])

    @property
    def model(self) -> str:
        """A small embedding model."""
        return os.environ.get("MIRAGE_TEST_MODEL", "all-minilm")

    @property
    def insecure(self) -> bool:
        """Whether the model's registry has no TLS."""
        return bool(os.environ.get("MIRAGE_TEST_MODEL_INSECURE"))

    @property
    def pull_arguments(self) -> list[str]:
        """What `ollama pull` takes here."""
        return [*(["--insecure"] if self.insecure else []), self.model]

    def cluster_settings(self) -> list[str]:
        """What this cluster and this image need, as options of Helm."""
        pairs = [
            f"image.registry={self.registry}",
            f"image.repository={self.repository}",
            "ollama.pullModel=true",
            f"config.ollama.model={self.model}",
            "config.chunk.size=250",
            "config.chunk.overlap=50",
            *os.environ.get("MIRAGE_TEST_SET", "").split(),
        ]
        if self.tag:
            pairs.append(f"image.tag={self.tag}")
        if self.insecure:
            pairs.append("ollama.pullInsecure=true")
        return [part for pair in pairs for part in ("--set", pair)]

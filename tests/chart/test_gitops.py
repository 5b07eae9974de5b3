"""Renders that do not see the cluster: `helm template`, `kubectl apply`, Argo CD."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.render import ROOT, SECRETS, Object, Release, refusal, render
from tests.chart.test_tools import kubeconform

VALUES = Path(__file__).parent / "values"
EXAMPLES = ROOT / "docs" / "examples"
HOOKS = ("ServiceAccount", "Role", "RoleBinding", "Job")
# Argo CD names the kinds of its cluster that can be listed.
ARGO = ("--api-versions", "v1/Secret", "--api-versions", "apps/v1/Deployment")


def _rendered() -> Release:
    return render(files=(VALUES / "gitops.yaml",))


def _job() -> Object:
    (job,) = [one for one in _rendered().objects if one["kind"] == "Job"]
    return job


def _container() -> dict[str, Any]:
    (container,) = _job()["spec"]["template"]["spec"]["containers"]
    assert isinstance(container, dict)
    return container


def test_nothing_is_generated_where_it_cannot_be_kept(every_helm: str) -> None:
    assert "Secret/mirage-secret" not in render(helm=every_helm).inventory()
    given = render("auth.apiKey=key", "config.log.level=info", helm=every_helm)
    assert given.secret("mirage-secret") == {"api-key": "key"}
    given = render("postgresql.auth.password=p", helm=every_helm)
    assert set(given.secret("mirage-secret")) == {"postgresql-password", "database-url"}


@pytest.mark.parametrize(
    ("given", "generated"),
    [
        ((), "auth.apiKey and postgresql.auth.password"),
        (("auth.apiKey=key",), "postgresql.auth.password"),
        (("postgresql.auth.existingSecret=s",), "auth.apiKey"),
    ],
)
def test_argo_cd_is_told_before_anything_is_made(
    given: tuple[str, ...], generated: str, every_helm: str
) -> None:
    # Tests are for a Helm that sees a cluster, so the kind that `render` adds is missing here.
    lines = refusal(*given, helm=every_helm, options=ARGO, known=())
    assert lines == [
        f"ERROR: {generated} would be generated, but this render cannot see the cluster, so each "
        "one would change them: set auth.generate=job, or name Secrets of your own in "
        "auth.existingSecret and postgresql.auth.existingSecret"
    ]


@pytest.mark.parametrize("given", [SECRETS, ("auth.generate=job",)])
def test_argo_cd_renders_what_needs_no_memory(given: tuple[str, ...]) -> None:
    assert render(*given, options=ARGO, known=()) == render(*given, options=ARGO, known=())


def test_tests_are_no_part_of_what_is_applied(every_helm: str) -> None:
    for options in ((), ARGO):
        release = render(
            *SECRETS, "networkPolicy.enabled=true", helm=every_helm, options=options, known=()
        )
        assert [name for name in release.inventory() if "test" in name] == []


def test_job_is_a_hook_with_all_that_it_needs() -> None:
    release = _rendered()
    hooks = {
        one["kind"]: one["metadata"]["annotations"]
        for one in release.objects
        if "helm.sh/hook" in one["metadata"].get("annotations", {}) and one["kind"] != "Pod"
    }
    assert tuple(sorted(hooks, key=lambda kind: int(hooks[kind]["helm.sh/hook-weight"]))) == HOOKS
    for annotations in hooks.values():
        assert annotations["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert annotations["helm.sh/hook-delete-policy"] == "before-hook-creation,hook-succeeded"


def test_job_may_touch_only_its_own_secret() -> None:
    release = _rendered()
    assert release.get("Role", "mirage-keys")["rules"] == [
        {
            "apiGroups": [""],
            "resources": ["secrets"],
            "resourceNames": ["mirage-secret"],
            "verbs": ["get", "patch"],
        },
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]},
    ]
    binding = release.get("RoleBinding", "mirage-keys")
    assert binding["roleRef"] == {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "Role",
        "name": "mirage-keys",
    }
    subject = {"kind": "ServiceAccount", "name": "mirage-keys", "namespace": "rag"}
    assert binding["subjects"] == [subject]


def test_only_the_job_has_a_token() -> None:
    tokens = {
        name.split("-")[1]: pod["spec"]["serviceAccountName"]
        for name, pod in _rendered().workloads()
        if pod["spec"]["automountServiceAccountToken"]
    }
    assert tokens == {"keys": "mirage-keys"}
    assert _job()["spec"]["activeDeadlineSeconds"] < 300  # Helm's time for a hook.


def test_job_generates_what_no_secret_has() -> None:
    assert _container()["args"] == [
        "make-secret",
        "mirage-secret",
        "--label=app.kubernetes.io/component=config",
        "--label=app.kubernetes.io/instance=mirage",
        "--label=app.kubernetes.io/managed-by=Helm",
        "--label=app.kubernetes.io/name=config",
        "--label=app.kubernetes.io/part-of=mirage",
        "--annotation=meta.helm.sh/release-name=mirage",
        "--annotation=meta.helm.sh/release-namespace=rag",
        "--api-key",
        "--postgresql=mirage-postgresql",
    ]
    for given, left in (
        ("auth.existingSecret=s", "--postgresql=mirage-postgresql"),
        ("postgresql.auth.existingSecret=s", "--api-key"),
    ):
        (job,) = [one for one in render("auth.generate=job", given).objects if one["kind"] == "Job"]
        assert job["spec"]["template"]["spec"]["containers"][0]["args"][9:] == [left]


def test_secret_belongs_to_the_job_alone() -> None:
    assert "Secret/mirage-secret" not in _rendered().inventory()
    api = _rendered().get("Deployment", "mirage-api")["spec"]["template"]["spec"]
    names = {one["name"]: one.get("valueFrom") for one in api["containers"][0]["env"]}
    assert names["MIRAGE_API_KEY"] == {"secretKeyRef": {"name": "mirage-secret", "key": "api-key"}}


def test_job_is_renamed_when_it_changes_and_only_then() -> None:
    def name(*sets: str) -> str:
        inventory = render("auth.generate=job", *sets).inventory()
        return next(name for name in inventory if name.startswith("Job/"))

    assert name("image.tag=v2") != name()
    assert name("config.log.level=debug") == name()


def test_job_reaches_only_the_api_server() -> None:
    policy = _rendered().get("NetworkPolicy", "mirage-keys")["spec"]
    assert [[port["port"] for port in rule["ports"]] for rule in policy["egress"]] == [
        [53, 53],
        [443, 6443],
    ]
    assert "ingress" not in policy


@pytest.mark.parametrize("name", ["argocd.yaml", "flux.yaml"])
def test_example_is_what_the_controllers_know(name: str, tmp_path: Path) -> None:
    kubeconform(EXAMPLES / name)
    objects = list(yaml.safe_load_all((EXAMPLES / name).read_text()))
    broken = tmp_path / name
    broken.write_text(yaml.safe_dump(objects[-1] | {"spec": objects[-1]["spec"] | {"chrt": 1}}))
    with pytest.raises(AssertionError, match="chrt"):
        kubeconform(broken)


def test_values_of_the_examples_are_taken() -> None:
    application = yaml.safe_load((EXAMPLES / "argocd.yaml").read_text())
    values = application["spec"]["source"]["helm"]["valuesObject"]
    release = render(values=values, known=ARGO)
    assert [
        one for one in release.objects if one["kind"] == "Job" and "keys" in str(one["metadata"])
    ]
    assert any(one["kind"] == "NetworkPolicy" for one in release.objects)
    *_, helm_release = yaml.safe_load_all((EXAMPLES / "flux.yaml").read_text())
    assert (
        "Ingress/mirage-api" in render(*SECRETS, values=helm_release["spec"]["values"]).inventory()
    )

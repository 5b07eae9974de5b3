"""Which objects there are."""

from pathlib import Path

from tests.chart.render import SECRETS, render

VALUES = Path(__file__).parent / "values"

DEFAULT = [
    "ConfigMap/mirage-config",
    "ConfigMap/mirage-postgresql",
    "Deployment/mirage-api",
    "Deployment/mirage-indexer",
    "Deployment/mirage-ollama",
    "Deployment/mirage-postgresql",
    "PersistentVolumeClaim/mirage-documents",
    "PersistentVolumeClaim/mirage-ollama",
    "PersistentVolumeClaim/mirage-postgresql",
    "Pod/mirage-test-health",
    "Pod/mirage-test-ingest",
    "Secret/mirage-secret",
    "Service/mirage-api",
    "Service/mirage-indexer",
    "Service/mirage-ollama",
    "Service/mirage-postgresql",
    "ServiceAccount/mirage",
]


def test_defaults_make_these_objects(every_helm: str) -> None:
    assert render(*SECRETS, helm=every_helm).inventory() == DEFAULT


def test_external_services_leave_only_the_program() -> None:
    assert render(files=(VALUES / "existing-url.yaml",)).inventory() == [
        "ConfigMap/mirage-config",
        "Deployment/mirage-api",
        "Deployment/mirage-indexer",
        "Deployment/mirage-ollama",
        "PersistentVolumeClaim/mirage-documents",
        "PersistentVolumeClaim/mirage-ollama",
        "Pod/mirage-test-health",
        "Pod/mirage-test-ingest",
        "Service/mirage-api",
        "Service/mirage-indexer",
        "Service/mirage-ollama",
        "ServiceAccount/mirage",
    ]


def test_another_embedding_server_leaves_nothing_of_ollama() -> None:
    release = render(files=(VALUES / "openai.yaml",))
    assert [name for name in release.inventory() if "ollama" in name] == []
    assert "OLLAMA_URL" not in str(release.get("ConfigMap", "mirage-config"))


def test_everything_adds_ingress_job_policies_and_extra_objects() -> None:
    added = {
        "ConfigMap/mirage-rag-extra",
        "HTTPRoute/mirage-rag-api",
        "Ingress/mirage-rag-api",
        "CronJob/mirage-rag-backup",
        "NetworkPolicy/mirage-rag-api",
        "NetworkPolicy/mirage-rag-backup",
        "NetworkPolicy/mirage-rag-indexer",
        "NetworkPolicy/mirage-rag-ollama",
        "NetworkPolicy/mirage-rag-ollama-pull",
        "NetworkPolicy/mirage-rag-postgresql",
        "NetworkPolicy/mirage-rag-test",
        "PersistentVolumeClaim/mirage-rag-backup",
        "PodDisruptionBudget/mirage-rag-api",
        "PodDisruptionBudget/mirage-rag-indexer",
    }
    inventory = set(render(files=(VALUES / "everything.yaml",)).inventory())
    default = {name.replace("/mirage-", "/mirage-rag-") for name in DEFAULT[:-1]}
    default.add("ServiceAccount/rag")
    (job,) = {name for name in inventory if name.startswith("Job/mirage-rag-pull-")}
    assert inventory == default | added | {job}


def test_existing_claim_makes_no_claim_and_is_mounted() -> None:
    release = render(files=(VALUES / "ephemeral.yaml",))
    assert not [name for name in release.inventory() if name.startswith("PersistentVolumeClaim/")]
    volumes = release.get("Deployment", "mirage-api")["spec"]["template"]["spec"]["volumes"]
    assert volumes[0] == {
        "name": "documents",
        "persistentVolumeClaim": {"claimName": "originals"},
    }


def test_pull_job_stays_when_it_is_done() -> None:
    """A Job that deletes itself is made again by the next `kubectl apply`."""
    (job,) = [
        one for one in render("ollama.pullModel=true", *SECRETS).objects if one["kind"] == "Job"
    ]
    assert "ttlSecondsAfterFinished" not in job["spec"]


def test_pull_job_is_renamed_when_the_model_changes_and_only_then() -> None:
    def name(*sets: str) -> str:
        inventory = render("ollama.pullModel=true", *sets, *SECRETS).inventory()
        return next(name for name in inventory if name.startswith("Job/"))

    assert name("config.ollama.model=all-minilm") != name()
    assert name("image.tag=v2") != name()
    assert name("config.log.level=debug") == name()


def test_rendering_twice_is_identical(every_helm: str) -> None:
    once, again = (
        render(*SECRETS, helm=every_helm, options=options) for options in ((), ("--include-crds",))
    )
    assert once == again

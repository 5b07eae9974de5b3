"""Mutants of the chart."""

from tests.mutants.mutant import Mutant

_TEMPLATES = "charts/mirage/templates"

CHART = (
    Mutant(
        "chart-key-not-kept",
        f"{_TEMPLATES}/config/secret.yaml",
        'default (get $kept "api-key" | b64dec) | ',
        "",
        ("tests/chart/test_upgrade.py",),
        "an upgrade replaces the generated API key",
    ),
    Mutant(
        "chart-password-not-kept",
        f"{_TEMPLATES}/config/secret.yaml",
        'default (get $kept "postgresql-password" | b64dec) | ',
        "",
        ("tests/chart/test_upgrade.py",),
        "an upgrade replaces the generated password",
    ),
    Mutant(
        "chart-impatient-startup",
        f"{_TEMPLATES}/indexer/deployment.yaml",
        "timeoutSeconds: 60",
        "timeoutSeconds: 1",
        ("tests/chart/test_pods.py",),
        "an indexer that takes 2 s to start is not waited for",
    ),
    Mutant(
        "chart-small-shm",
        f"{_TEMPLATES}/postgresql/deployment.yaml",
        "sizeLimit: 256Mi",
        "sizeLimit: 1Mi",
        ("tests/chart/test_pods.py",),
        "a parallel index build evicts PostgreSQL",
    ),
)

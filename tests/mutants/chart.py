"""Mutants of the chart."""

from tests.mutants.mutant import Mutant

_TEMPLATES = "charts/mirage/templates"

CHART = (
    Mutant(
        "chart-key-not-kept",
        f"{_TEMPLATES}/config/secret.yaml",
        '"kept" $kept "key" "api-key"',
        '"kept" dict "key" "api-key"',
        ("tests/chart/test_upgrade.py",),
        "an upgrade replaces the generated API key",
    ),
    Mutant(
        "chart-password-not-kept",
        f"{_TEMPLATES}/config/secret.yaml",
        '"kept" $kept "key" "postgresql-password"',
        '"kept" dict "key" "postgresql-password"',
        ("tests/chart/test_upgrade.py",),
        "an upgrade replaces the generated password",
    ),
    Mutant(
        "chart-generates-blindly",
        f"{_TEMPLATES}/config/_secret.tpl",
        '{{- else if include "mirage.cluster" .root -}}',
        "{{- else -}}",
        ("tests/chart/test_gitops.py",),
        "each `kubectl apply` of a render changes the keys",
    ),
    Mutant(
        "chart-ready-without-database",
        f"{_TEMPLATES}/indexer/_container.tpl",
        '"readiness" $ready',
        '"readiness" $live',
        ("tests/chart/test_pods.py",),
        "an indexer without a database counts as ready",
    ),
    Mutant(
        "chart-small-shm",
        f"{_TEMPLATES}/postgresql/_container.tpl",
        "sizeLimit: 256Mi",
        "sizeLimit: 1Mi",
        ("tests/chart/test_pods.py",),
        "a parallel index build evicts PostgreSQL",
    ),
)

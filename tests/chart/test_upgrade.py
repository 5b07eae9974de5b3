"""What an upgrade reads back from the cluster: secrets that an installation generated.

`helm template` asks no cluster. So a copy of the chart asks a template, which knows one Secret.
"""

import base64
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.chart.render import CHART, render

_LOOKUP = re.compile(r"\blookup ((?:\S+ ){3}[^\s)]+)")
_CLUSTER = """\
{{- define "test.lookup" -}}
{{- if eq (toJson .) (toJson (list "v1" "Secret" "rag" "mirage-secret")) -}}
DATA
{{- else if eq (toJson .) (toJson (list SEEN)) -}}
{"kind": "ConfigMap"}
{{- else -}}
{}
{{- end -}}
{{- end }}
"""


_NAMESPACE = '"v1" "ConfigMap" "rag" "kube-root-ca.crt"'
"""What each namespace has."""
_CLUSTER_ITSELF = '"v1" "Namespace" "" "kube-system"'
"""What can be seen while the namespace does not exist."""


def _upgraded(
    folder: Path, kept: Mapping[str, str], *sets: str, seen: str = _NAMESPACE
) -> dict[str, str]:
    """The chart's Secret, where that of the installation before holds `kept`."""
    chart = folder / "mirage"
    shutil.copytree(CHART, chart)
    asked = 0
    for path in (chart / "templates").rglob("*.*"):
        text, count = _LOOKUP.subn(r'include "test.lookup" (list \1) | fromJson', path.read_text())
        path.write_text(text)
        asked += count
    assert asked, "no template asks the cluster for anything"
    data = {key: base64.b64encode(value.encode()).decode() for key, value in kept.items()}
    secret = json.dumps({"kind": "Secret", "data": data})
    (chart / "templates" / "_cluster.tpl").write_text(
        _CLUSTER.replace("DATA", secret).replace("SEEN", seen)
    )
    return render(*sets, chart=chart).secret("mirage-secret")


def test_generated_secrets_are_read_back(tmp_path: Path) -> None:
    kept = {"api-key": "generated before", "postgresql-password": "of the data folder"}
    assert _upgraded(tmp_path, kept) == {
        **kept,
        "database-url": "postgresql://mirage:of%20the%20data%20folder@mirage-postgresql:5432/mirage",
    }


def test_secrets_that_are_given_replace_those_of_before(tmp_path: Path) -> None:
    kept = {"api-key": "generated before", "postgresql-password": "old"}
    given = ("auth.apiKey=given", "postgresql.auth.password=new")
    assert _upgraded(tmp_path, kept, *given) == {
        "api-key": "given",
        "postgresql-password": "new",
        "database-url": "postgresql://mirage:new@mirage-postgresql:5432/mirage",
    }


@pytest.mark.parametrize("kept", [{}, {"api-key": ""}])
@pytest.mark.parametrize("seen", [_NAMESPACE, _CLUSTER_ITSELF])
def test_secret_that_is_not_there_is_generated(
    tmp_path: Path, kept: Mapping[str, str], seen: str
) -> None:
    made = _upgraded(tmp_path, kept, seen=seen)
    assert re.fullmatch(r"[A-Za-z0-9]{32}", made["api-key"])
    assert re.fullmatch(r"[A-Za-z0-9]{32}", made["postgresql-password"])
    assert made["api-key"] != made["postgresql-password"]
    assert make_url(made["database-url"]).password == made["postgresql-password"]

"""Statements about an artifact, as in-toto v1 has them; a signature over one is an attestation.

Formats: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md and
https://slsa.dev/spec/v1.0/provenance
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from release.image import Base
from release.source import REPOSITORY, Source

SBOM = "https://cyclonedx.org/bom"
PROVENANCE = "https://slsa.dev/provenance/v1"
RECORD = "https://mirage-rag.github.io/attestations/verification/v1"
"""Predicate of a record of `verify` or `rehearse-upgrade`."""

_STATEMENT = "https://in-toto.io/Statement/v1"
_BUILD = f"{REPOSITORY}/blob/main/docs/releasing.md"
_LOCAL_BUILDER = "https://mirage-rag.github.io/builders/local"
_LOCKS = ("requirements/base.txt", "requirements/build.txt")

Statement = dict[str, Any]


def about(name: str, digest: str, kind: str, predicate: Mapping[str, Any]) -> Statement:
    """Return a statement of a kind about the artifact with that digest."""
    return {
        "_type": _STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}],
        "predicateType": kind,
        "predicate": dict(predicate),
    }


def provenance(
    source: Source, base: Base, context: Path, platforms: Sequence[str]
) -> dict[str, Any]:
    """Return how an artifact was built: from which commit, base image and locked packages.

    It has no times, so that two builds of one commit say the same.
    """
    locks = [
        {"uri": lock, "digest": {"sha256": hashlib.sha256(content).hexdigest()}}
        for lock, content in ((lock, (context / lock).read_bytes()) for lock in _LOCKS)
    ]
    return {
        "buildDefinition": {
            "buildType": _BUILD,
            "externalParameters": {"version": source.version, "platforms": list(platforms)},
            "internalParameters": {"sourceDateEpoch": source.epoch},
            "resolvedDependencies": [
                {
                    "uri": f"git+{REPOSITORY}@{source.commit}",
                    "digest": {"gitCommit": source.commit},
                },
                {
                    "uri": f"pkg:docker/{base.name}",
                    "digest": {"sha256": base.digest.removeprefix("sha256:")},
                },
                *locks,
            ],
        },
        "runDetails": {"builder": {"id": _builder()}, "metadata": _invocation()},
    }


def commit_of(predicate: Mapping[str, Any]) -> str:
    """Return the commit in a provenance, or nothing."""
    dependencies = predicate.get("buildDefinition", {}).get("resolvedDependencies", [])
    commits = [each.get("digest", {}).get("gitCommit", "") for each in dependencies]
    return "".join(commits[:1])


def _builder() -> str:
    server, workflow = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_WORKFLOW_REF")
    return f"{server}/{workflow}" if server and workflow else _LOCAL_BUILDER


def _invocation() -> dict[str, str]:
    server, run = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_RUN_ID")
    if not server or not run:
        return {}
    repository, attempt = os.environ["GITHUB_REPOSITORY"], os.environ["GITHUB_RUN_ATTEMPT"]
    return {"invocationId": f"{server}/{repository}/actions/runs/{run}/attempts/{attempt}"}

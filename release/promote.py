"""`promote`: gives a proven candidate its public name, by digest, and never changes a version."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from release import record, registry
from release.candidate import Candidate
from release.errors import Refused
from release.place import Place
from release.signing import Signer

# https://artifacthub.io/docs/topics/repositories/helm-charts/#oci-support
_HUB_TAG = "artifacthub.io"
_HUB_CONFIG = "application/vnd.cncf.artifacthub.config.v1+yaml"
_HUB_LAYER = "application/vnd.cncf.artifacthub.repository-metadata.layer.v1.yaml"


def promote(found: Candidate, place: Place, signer: Signer, clusters: Sequence[str]) -> None:
    """Copy image and chart with all that is attached; refuse what is unproven or published.

    The chart comes last and makes the release: until it is there, the next try goes on.
    """
    record.demand(found, signer, clusters)
    targets = (place.image, found.image), (place.chart, found.chart)
    refuse_published(place, found.version, found.image)
    for (source, digest), (target, _) in zip(found.parts, targets, strict=True):
        registry.copy(place, source, digest, target, found.version)
    if "-" not in found.version:
        # A pre-release is never the latest.
        registry.tag(place, place.image, found.image, "latest")
    if hub := os.environ.get("ARTIFACTHUB_ID"):
        _tell_hub(place, hub)


def refuse_published(place: Place, version: str, image: str | None = None) -> None:
    """Refuse a version whose chart is published, or whose image is there with another digest."""
    if registry.digest(place, place.chart, version):
        raise Refused(
            f"{version} is published already, and a published version never changes: raise the "
            "version"
        )
    present = registry.digest(place, place.image, version)
    if present and image and present != image:
        raise Refused(
            f"{place.image}:{version} is there with another digest, {present}: raise the version"
        )


def _tell_hub(place: Place, repository_id: str) -> None:
    """Push what makes us the verified publisher; Artifact Hub gave the repository its id."""
    with tempfile.TemporaryDirectory() as folder:
        about = Path(folder) / "artifacthub-repo.yml"
        about.write_text(f"repositoryID: {repository_id}\n")
        registry.push_file(place, place.chart, _HUB_TAG, about, _HUB_CONFIG, _HUB_LAYER)

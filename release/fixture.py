"""Finds the release to upgrade from: a published version, or one that is built from a commit.

Until a version is published there is no release to upgrade from. `fixture` stands for it: a commit
before the candidate, published in a place of its own as a release is.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from release import chart, image, registry, source
from release.errors import Refused
from release.place import Place

FIXTURE = "ba5053da9c2eab3daea436f6efcd7ad613afad9b"
"""The commit that `fixture` names.

It is the first with the users of today, because volumes of other users have to be handed over by
hand (docs/examples/change-owner.yaml).
"""


@dataclass(frozen=True, slots=True)
class Previous:
    """Address of the chart by digest, repository of the image, without host, and its tag.

    An empty tag means the image that the chart names.
    """

    chart: str
    repository: str
    tag: str = ""


def find(place: Place, previous: str) -> Previous:
    """Return a published version, or `fixture`; refuse an unknown version."""
    if previous == "fixture":
        return _fixture(Place(f"{place.registry}/fixtures"))
    digest = registry.digest(place, place.chart, previous)
    if not digest:
        raise Refused(
            f"{place.chart} has no version {previous}: give a published one, or FROM=fixture"
        )
    return Previous(f"oci://{place.chart}@{digest}", place.within_host(place.image))


def _fixture(place: Place) -> Previous:
    """Build and publish the commit of the fixture, unless it is there."""
    of = source.at(FIXTURE)
    digest = registry.digest(place, place.chart, of.commit)
    if not digest:
        with tempfile.TemporaryDirectory() as temporary:
            context = Path(temporary) / "source"
            source.export(of, context)
            built = image.build(context, of, image.base(), (), Path(temporary) / "image")
            archive = chart.package(context, of, built.digest, Path(temporary))
            packed = chart.wrap(archive, of, Path(temporary) / "chart")
            registry.push(place, built, place.image, of.commit)
            registry.push(place, packed, place.chart, of.commit)
            digest = packed.digest
    return Previous(f"oci://{place.chart}@{digest}", place.within_host(place.image), of.commit)

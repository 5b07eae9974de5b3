"""Bills of materials in CycloneDX 1.6: of an image, and of a chart."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from release.contents import Package
from release.source import Source

Bill = dict[str, Any]
"""A bill of materials, as a JSON document."""


def of_image(source: Source, digest: str, installed: Iterable[Package]) -> Bill:
    """Return the bill of an image, from what is installed in it."""
    return _bill(source, digest, ComponentType.CONTAINER, [_package(each) for each in installed])


def of_chart(source: Source, digest: str, images: Sequence[str]) -> Bill:
    """Return the bill of a chart, from the images that it starts by default."""
    return _bill(source, digest, ComponentType.APPLICATION, [_image(each) for each in images])


def subject(bill: Mapping[str, Any]) -> str:
    """Return the digest of what a bill is about, or nothing."""
    hashes = bill.get("metadata", {}).get("component", {}).get("hashes", [])
    return "".join(f"sha256:{each['content']}" for each in hashes[:1])


def contents(bill: Mapping[str, Any]) -> list[str]:
    """Return the package URLs in a bill, sorted."""
    return sorted(each.get("purl", "") for each in bill.get("components", []))


def _bill(
    source: Source, digest: str, kind: ComponentType, components: Iterable[Component]
) -> Bill:
    about = Component(
        name="mirage",
        version=source.version,
        type=kind,
        bom_ref=digest,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest.removeprefix("sha256:"))],
        purl=PackageURL("oci", None, "mirage", digest),
    )
    bom = Bom(
        components=components,
        # From the digest and the commit, so that two runs make the same bill.
        serial_number=uuid5(NAMESPACE_URL, digest),
        metadata=BomMetaData(component=about, timestamp=datetime.fromtimestamp(source.epoch, UTC)),
    )
    bom.register_dependency(about, bom.components)
    bill: Bill = json.loads(
        make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string()
    )
    return bill


def _package(package: Package) -> Component:
    namespace = "debian" if package.kind == "deb" else None
    url = PackageURL(package.kind, namespace, package.name, package.version)
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=url.to_string(),
        purl=url,
        licenses=[LicenseExpression(package.licence)] if package.licence else [],
    )


def _image(reference: str) -> Component:
    name, _, digest = reference.partition("@")
    repository, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = name, ""
    url = PackageURL(
        "oci",
        None,
        repository.rpartition("/")[2],
        digest or None,
        {"repository_url": repository, "tag": tag},
    )
    return Component(
        name=repository,
        version=tag or digest,
        type=ComponentType.CONTAINER,
        bom_ref=reference,
        purl=url,
    )

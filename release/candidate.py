"""`candidate`: pushes a packaged release under its commit, signs it and attaches what is known."""

from dataclasses import dataclass

from release import registry
from release.errors import Refused
from release.package import Package
from release.place import Place
from release.signing import Signer


@dataclass(frozen=True, slots=True)
class Candidate:
    """Image and chart in the place of candidates, by digest."""

    place: Place
    commit: str
    version: str
    image: str
    chart: str

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Repository and digest of image and chart."""
        return (self.place.image, self.image), (self.place.chart, self.chart)


def push(package: Package, place: Place, signer: Signer) -> Candidate:
    """Push, sign and attach. A candidate that is there stays, unless it is another one."""
    of = package.source
    here = place.candidate
    made = Candidate(here, of.commit, of.version, package.image.digest, package.chart.digest)
    for layout, (repository, digest) in zip(
        (package.image, package.chart), made.parts, strict=True
    ):
        present = registry.digest(here, repository, of.commit)
        if present and present != digest:
            raise Refused(
                f"{repository}:{of.commit} is there with another digest, {present}: somebody else "
                "built this commit differently; delete that tag or release another commit"
            )
        registry.push(here, layout, repository, of.commit)
    for part, (repository, digest) in zip(("image", "chart"), made.parts, strict=True):
        signer.sign(here, repository, digest)
        for statement in package.statements(part):
            signer.attest(here, repository, digest, statement)
    return made

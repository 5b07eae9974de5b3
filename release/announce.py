"""Makes the release on GitHub from what is published: its files come out of the registry."""

import json
import tempfile
from pathlib import Path

from release import changelog, chart, package, registry, statement
from release.candidate import Candidate
from release.shell import ROOT, run
from release.signing import Signer


def announce(found: Candidate, signer: Signer) -> None:
    """Make the release of the tag: archive of the chart, bills, provenances, checksums, notes."""
    text = changelog.section((ROOT / changelog.CHANGELOG).read_text(), found.version)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        files = _files(found, signer, folder)
        notes = folder / "notes.md"
        notes.write_text(f"{text}\n{verification(found, signer.identity)}")
        run(
            "gh", "release", "create", f"v{found.version}", "--verify-tag",
            "--title", found.version, "--notes-file", str(notes), *map(str, files),
        )  # fmt: skip


def verification(found: Candidate, identity: str) -> str:
    """Return the lines with which anybody verifies the release."""
    lines = "\n".join(
        f"cosign verify --new-bundle-format {repository}@{digest} \\\n"
        f"  --certificate-identity {identity} \\\n"
        "  --certificate-oidc-issuer https://token.actions.githubusercontent.com"
        for repository, digest in found.parts
    )
    return f"## Verify it\n\n```bash\n{lines}\n```\n"


def _files(found: Candidate, signer: Signer, folder: Path) -> list[Path]:
    pulled = registry.pull(found.place, found.place.chart, found.chart, folder / "layout")
    archive = folder / f"mirage-{found.version}.tgz"
    archive.write_bytes(chart.archive_in(pulled))
    made = [archive]
    for part, (repository, digest) in zip(("image", "chart"), found.parts, strict=True):
        for kind, name in ((statement.SBOM, "cdx"), (statement.PROVENANCE, "provenance")):
            (*_, last) = signer.statements(found.place, repository, digest, kind)
            path = folder / f"{part}.{name}.json"
            path.write_text(json.dumps(last["predicate"], indent=1, sort_keys=True) + "\n")
            made.append(path)
    listed = folder / package.SUMS
    listed.write_text(package.sums(made))
    return [*made, listed]

"""The lines of docs/verify.md, typed for a release with our key in a registry of ours."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from release import candidate, promote, record
from release.package import Package
from release.place import Place
from release.signing import Signer
from release.steps import Steps
from tests.release.conftest import made_signer

PAGE = Path(__file__).parents[2] / "docs" / "verify.md"
BLOCKS = re.findall(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)
NO_ROOT = '{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}'


def _type(block: str, place: Place, version: str, key: Path, folder: Path) -> str:
    """Run a block for this release; what differs is the registry and who signed."""
    (folder / "root.json").write_text(NO_ROOT)
    who = (
        f"--key {key} --insecure-ignore-tlog --trusted-root {folder}/root.json "
        "--allow-http-registry"
    )
    here = block.replace("ghcr.io/mirage-rag", place.registry).replace(
        "helm show chart", "helm4 show chart --plain-http"
    )
    script = f"set -eo pipefail\nversion={version}\nwho='{who}'\nimage={place.image}:{version}\n"
    return subprocess.run(
        ["bash", "-c", script + here], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def test_each_line_says_what_the_page_promises(
    package: Package, place: Place, signer: Signer, tmp_path: Path
) -> None:
    if not shutil.which("jq"):
        pytest.skip("jq is missing")
    pushed = candidate.push(package, place, signer)
    steps = Steps()
    with steps.step("a step"):
        pass
    for step in record.STEPS:
        record.attach(pushed, signer, step, "local", steps)
    promote.promote(pushed, place, signer, ["local"])
    assert signer.key
    given = (place, pushed.version, signer.key.with_suffix(".pub"), tmp_path)

    _, signature, provenance, bill, records, chart = BLOCKS
    assert pushed.image in _type(signature, *given)
    assert package.source.commit in _type(provenance, *given)
    _type(bill, *given)
    listed = json.loads((tmp_path / "mirage.cdx.json").read_text())["components"]
    assert "pkg:pypi/typing-extensions@4.15.0" in [each["purl"] for each in listed]
    assert set(re.findall(r'"step": "([a-z-]+)"', _type(records, *given))) >= set(record.STEPS)
    assert pushed.image in _type(chart, *given)

    theirs = made_signer(tmp_path / "theirs.key").key
    assert theirs
    with pytest.raises(subprocess.CalledProcessError):
        _type(signature, place, pushed.version, theirs.with_suffix(".pub"), tmp_path)

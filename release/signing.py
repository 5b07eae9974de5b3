"""Signs artifacts and statements with cosign, and verifies them.

With a key file the key signs; without one the identity of the workflow does (keyless). Statements
are attached as Sigstore bundles, which `cosign verify-attestation` and registries find as
referrers.
"""

import base64
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release import registry
from release.errors import Refused
from release.place import Place
from release.shell import CommandFailed, run

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
ISSUER = "https://token.actions.githubusercontent.com"
"""Who vouches for the identity of a workflow of GitHub."""

_SIGNATURE = "https://sigstore.dev/cosign/sign/v1"
_NO_ROOT = {"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}
"""A trusted root without certificates: a key needs none, and cosign would download one."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs and who is trusted: a key pair (`NAME.key`, `NAME.pub`), or a workflow."""

    key: Path | None
    identity: str = ""

    def sign(self, place: Place, repository: str, digest: str) -> None:
        """Sign an artifact."""
        self._cosign("sign", *_insecure(place), f"{repository}@{digest}")

    def attest(
        self, place: Place, repository: str, digest: str, statement: Mapping[str, Any]
    ) -> None:
        """Sign a statement, and attach it to the artifact that it is about."""
        with tempfile.TemporaryDirectory() as folder:
            plain, bundle = Path(folder) / "statement.json", Path(folder) / "bundle.json"
            plain.write_text(json.dumps(statement, sort_keys=True))
            self._cosign("attest-blob", "--statement", str(plain), "--bundle", str(bundle))
            notes = {
                "dev.sigstore.bundle.content": "dsse-envelope",
                "dev.sigstore.bundle.predicateType": statement["predicateType"],
            }
            registry.attach(place, f"{repository}@{digest}", bundle, BUNDLE, notes)

    def verify(self, place: Place, repository: str, digest: str) -> None:
        """Refuse an artifact without our signature."""
        try:
            output = self._check("verify", place, f"{repository}@{digest}")
            # Attestations of ours count for cosign, but they say nothing about a release.
            kinds = {each["critical"]["type"] for each in json.loads(output)}
        except CommandFailed as error:
            raise self._refused(error, repository, digest) from None
        if _SIGNATURE not in kinds:
            raise Refused(f"{repository}@{digest} is not signed: push it with `make candidate`")

    def statements(
        self, place: Place, repository: str, digest: str, kind: str
    ) -> list[dict[str, Any]]:
        """Return all statements of a kind that are attached and signed by us, or none."""
        try:
            output = self._check(
                "verify-attestation", place, "--type", kind, f"{repository}@{digest}"
            )
        except CommandFailed as error:
            if any(
                sign in error.output for sign in ("matched the predicate type", "no valid bund")
            ):
                return []
            raise self._refused(error, repository, digest) from None
        envelopes = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        return [json.loads(base64.b64decode(each["payload"])) for each in envelopes]

    def _refused(self, error: CommandFailed, repository: str, digest: str) -> Refused:
        where = f"{repository}@{digest}"
        if "no valid bundles" in error.output or "no signatures found" in error.output:
            return Refused(f"{where} is not signed: push it with `make candidate`")
        if any(sign in error.output for sign in ("do not match", "no matching", "identity")):
            who = f"the key {self.key}" if self.key else self.identity
            return Refused(f"{where} is signed by somebody else than {who}: do not use it")
        return error

    def _cosign(self, verb: str, *arguments: str) -> None:
        # cosign 2.6 uploads a signature to the public log unless it is told not to.
        key = ["--key", str(self.key), "--tlog-upload=false"] if self.key else []
        run(
            "cosign", verb, "--new-bundle-format", "--yes", *key, *arguments,
            environment={"COSIGN_PASSWORD": os.environ.get("COSIGN_PASSWORD", "")},
        )  # fmt: skip

    def _check(self, verb: str, place: Place, *arguments: str) -> str:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as root:
            json.dump(_NO_ROOT, root)
            root.flush()
            if self.key:
                who = [
                    "--key", str(self.key.with_suffix(".pub")), "--insecure-ignore-tlog",
                    "--trusted-root", root.name,
                ]  # fmt: skip
            else:
                who = ["--certificate-identity", self.identity,
                       "--certificate-oidc-issuer", ISSUER]  # fmt: skip
            return run("cosign", verb, "--new-bundle-format", *who, *_insecure(place), *arguments)


def make_key(key: Path) -> None:
    """Make a key pair, unless it is there."""
    if key.exists():
        return
    key.parent.mkdir(parents=True, exist_ok=True)
    prefix = str(key.with_suffix(""))
    run(
        "cosign", "generate-key-pair", "--output-key-prefix", prefix,
        environment={"COSIGN_PASSWORD": os.environ.get("COSIGN_PASSWORD", "")},
    )  # fmt: skip


def _insecure(place: Place) -> list[str]:
    return ["--allow-http-registry"] if place.plain_http else []

"""Pushes, resolves, pulls and copies artifacts with oras."""

from pathlib import Path

from release.errors import Refused
from release.layout import Layout
from release.place import Place
from release.shell import ROOT, CommandFailed, run

_AWAY = ("connection refused", "no such host", "i/o timeout", "connection reset", "EOF", "503")
_DENIED = ("401", "403", "unauthorized", "denied")
_MISSING = ("not found", "404")


def digest(place: Place, repository: str, tag: str) -> str | None:
    """Return the digest of a tag, or None if the registry does not have it."""
    try:
        return _oras(place, "resolve", f"{repository}:{tag}").strip()
    except CommandFailed as error:
        if any(sign in error.output for sign in _MISSING):
            return None
        raise


def push(place: Place, layout: Layout, repository: str, tag: str) -> None:
    """Push the artifact of a layout under a tag."""
    _copy(place, "--from-oci-layout", f"{layout.folder}:{layout.tag}", f"{repository}:{tag}")


def pull(place: Place, repository: str, wanted: str, folder: Path) -> Layout:
    """Return the artifact with the digest `wanted`, each of whose blobs oras has compared."""
    tag = wanted.removeprefix("sha256:")
    try:
        _oras(
            place, "cp", f"{repository}@{wanted}", "--to-oci-layout", f"{folder}:{tag}",
            plain="--from-plain-http",
        )  # fmt: skip
    except CommandFailed as error:
        if "mismatch" in error.output:
            raise Refused(
                f"{repository} was changed after it was pushed: what the registry sends does not "
                f"have the digest {wanted}; make a new candidate"
            ) from None
        raise
    return Layout(folder)


def copy(place: Place, source: str, wanted: str, target: str, tag: str) -> None:
    """Copy an artifact by digest with what is attached to it, and give it a tag there."""
    plain = ["--from-plain-http"] if place.plain_http else []
    _copy(place, *plain, "--recursive", f"{source}@{wanted}", f"{target}:{tag}")


def tag(place: Place, repository: str, wanted: str, name: str) -> None:
    """Give an artifact one more tag."""
    _oras(place, "tag", f"{repository}@{wanted}", name)


def attach(place: Place, reference: str, file: Path, kind: str, notes: dict[str, str]) -> None:
    """Attach a file to an artifact, as a referrer with that type and annotations."""
    annotated = [f"--annotation={name}={value}" for name, value in notes.items()]
    # oras wants a relative path, because it becomes the title.
    _oras(
        place, "attach", "--artifact-type", kind, *annotated, reference,
        f"{file.name}:{kind}", folder=file.parent,
    )  # fmt: skip


def push_file(place: Place, repository: str, tag: str, file: Path, config: str, kind: str) -> None:
    """Push one file as an artifact of its own."""
    _oras(
        place, "push", f"{repository}:{tag}", "--config", f"/dev/null:{config}",
        f"{file.name}:{kind}", folder=file.parent,
    )  # fmt: skip


def _copy(place: Place, *arguments: str) -> None:
    _oras(place, "cp", *arguments, plain="--to-plain-http")


def _oras(
    place: Place,
    verb: str,
    *arguments: str,
    plain: str = "--plain-http",
    folder: Path = ROOT,
) -> str:
    insecure = [plain] if place.plain_http else []
    try:
        return run("oras", verb, *insecure, *arguments, folder=folder)
    except CommandFailed as error:
        if any(sign in error.output for sign in _DENIED):
            raise Refused(
                f"{place.host} denies access: log in with `oras login {place.host}`"
            ) from None
        if any(sign in error.output for sign in _AWAY):
            raise Refused(
                f"the registry {place.host} does not answer: check its address, then run the same "
                "command again"
            ) from None
        raise

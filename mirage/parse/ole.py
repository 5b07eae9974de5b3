"""Tells old Office documents from encrypted ones: both are containers of the same kind."""

from pathlib import Path

from mirage.errors import Damaged, Encrypted

_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_READ_BYTES = 1024 * 1024


def refuse_ole(path: Path, what: str, *, program: str, old: str, new: str) -> None:
    """Raise Encrypted or Damaged if the file is an old Office container.

    `what` is a document of the program; `old` and `new` are its file endings.
    """
    with path.open("rb") as file:
        if file.read(len(_OLE)) != _OLE:
            return
        before = b""
        while block := file.read(_READ_BYTES):
            if _ENCRYPTED in before + block:
                raise Encrypted(f"The {what} is protected by a password.")
            before = block[-len(_ENCRYPTED) :]
    raise Damaged(
        f"The file is an old {what} ({old}) named {new}: open it in {program} and save it as {new}."
    )

"""Encryption in the age format (age-encryption.org), by the library pyrage.

A folder has one key pair. Backups are encrypted with its public key, so making one needs no
passphrase. The private key is next to it, encrypted with the passphrase, and `age` itself reads it:
`age -d -i key.age FILE`.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from threading import Thread
from typing import Any, Protocol

import pyrage

from mirage.backup.errors import BackupDamaged, MachineTooSlow, WrongPassphrase

_PART_BYTES = 256 * 1024
_TRIES = 5
_TOO_SLOW = "Excessive work parameter"

Identity = Any
"""A private key, `pyrage.x25519.Identity`."""


class Target(Protocol):
    """Takes bytes."""

    def write(self, data: bytes, /) -> object: ...


class Source(Protocol):
    """Returns at most as many bytes; none at the end."""

    def read(self, size: int, /) -> bytes: ...


def make_key(passphrase: str) -> tuple[str, bytes]:
    """Return a public key, and its private key encrypted with a passphrase."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity.to_public()), pyrage.passphrase.encrypt(str(identity).encode(), passphrase)


def is_key(recipient: str) -> bool:
    """Return whether it is a public key. It has a checksum, so a damaged one is not."""
    with suppress(pyrage.RecipientError):
        pyrage.x25519.Recipient.from_str(recipient)
        return True
    return False


def open_key(encrypted: bytes, passphrase: str, recipient: str) -> Identity:
    """Return the private key.

    Raises WrongPassphrase, also if the file is damaged, MachineTooSlow, and BackupDamaged for a key
    of another folder.
    """
    text = _decrypt_key(encrypted, passphrase)
    try:
        identity = pyrage.x25519.Identity.from_str(text.strip())
    except pyrage.IdentityError as error:
        raise BackupDamaged(f"key.age has no private key: {error}") from error
    if str(identity.to_public()) != recipient:
        raise BackupDamaged("key.age does not belong to the public key in mirage-backups.json")
    return identity


def _decrypt_key(encrypted: bytes, passphrase: str) -> str:
    """Return the decrypted text.

    The library measures how long deriving the key would take, and refuses more than 16 times as
    long as on the machine that made it. A measurement on a busy machine may be wrong.
    """
    for _ in range(_TRIES):
        try:
            text: str = pyrage.passphrase.decrypt(encrypted, passphrase).decode()
        except (pyrage.DecryptError, ValueError) as error:
            if _TOO_SLOW not in str(error):
                raise WrongPassphrase(f"the passphrase does not open key.age: {error}") from error
        else:
            return text
    raise MachineTooSlow("this machine is too slow at the moment to derive a key of the passphrase")


class Encryption:
    """Encrypts what is written to it. The library reads by itself, so it has a thread."""

    def __init__(self, recipient: str, target: Target) -> None:
        self._recipient = pyrage.x25519.Recipient.from_str(recipient)
        self._target = target
        self._error: BaseException | None = None
        reading, writing = os.pipe()
        self._pipe = os.fdopen(writing, "wb")
        self._thread = Thread(target=self._run, args=(reading,), daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Encrypt bytes. Raises the error of the target."""
        try:
            self._pipe.write(data)
        except BrokenPipeError:
            self.close()

    def close(self) -> None:
        """Write the rest. Raises the error of the target."""
        with suppress(BrokenPipeError):
            self._pipe.close()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self, reading: int) -> None:
        try:
            with os.fdopen(reading, "rb") as plain:
                pyrage.encrypt_io(plain, _Remembering(self._target, self), [self._recipient])
        except Exception as error:  # Raised in this thread, it would be lost: the writer raises it.
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Keep the first error: the library replaces that of the target by its own."""
        self._error = self._error or error


class _Remembering:
    def __init__(self, target: Target, owner: Encryption) -> None:
        self._target = target
        self._owner = owner

    def write(self, data: bytes) -> int:
        try:
            self._target.write(data)
        except OSError as error:
            self._owner.fail(error)
            raise
        return len(data)

    def flush(self) -> None:
        """The target is closed by its owner."""


def decrypt(source: Source, identity: Identity) -> Iterator[bytes]:
    """Yield the decrypted bytes. Raises BackupDamaged, and the error of the source."""
    reading, writing = os.pipe()
    errors: list[Exception] = []

    def run() -> None:
        try:
            with os.fdopen(writing, "wb") as plain:
                pyrage.decrypt_io(source, plain, [identity])
        except Exception as error:  # Raised in this thread, it would be lost: the reader raises it.
            errors.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        with os.fdopen(reading, "rb") as plain:
            while part := plain.read(_PART_BYTES):
                yield part
    finally:
        thread.join()
    if errors:
        raise BackupDamaged(f"it cannot be decrypted: {errors[0]}") from errors[0]

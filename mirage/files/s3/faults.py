"""Turns errors of the client and answers of S3 into errors with a remedy."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from obstore.exceptions import BaseError

from mirage.errors import StorageFull, StorageUnavailable
from mirage.files.s3.errors import (
    ClockSkewed,
    S3Away,
    S3BucketMissing,
    S3NotTrusted,
    S3Refused,
    S3WrongRegion,
)
from mirage.foreign import clean

_CODE = re.compile(r"<Code>(\w{1,80})</Code>")
_MESSAGE = re.compile(r"<Message>([^<]{1,300})</Message>")
_SAID_CHARACTERS = 300


_BY_CODE: dict[str, tuple[type[StorageUnavailable], str]] = {
    "XAdminUserNotFound": (S3Refused, "does not know the access key"),
    "InvalidAccessKeyId": (S3Refused, "does not know the access key"),
    "SignatureDoesNotMatch": (S3Refused, "says that the secret key is wrong"),
    "AccessDenied": (S3Refused, "does not allow it with this key"),
    "AllAccessDisabled": (S3Refused, "has disabled the bucket"),
    "InvalidToken": (S3Refused, "refuses the key"),
    "ExpiredToken": (S3Refused, "says that the key has expired"),
    "NoSuchBucket": (S3BucketMissing, "has no such bucket"),
    "InvalidBucketName": (S3BucketMissing, "says that a bucket cannot have this name"),
    "AuthorizationHeaderMalformed": (S3WrongRegion, "expects another region"),
    "PermanentRedirect": (S3WrongRegion, "says that the bucket is at another address"),
    "IllegalLocationConstraintException": (S3WrongRegion, "expects another region"),
    "IncorrectEndpoint": (S3WrongRegion, "says that the bucket is at another address"),
    "RequestTimeTooSkewed": (ClockSkewed, "says that its clock and this one differ too much"),
    "RequestExpired": (ClockSkewed, "says that its clock and this one differ too much"),
    "QuotaExceeded": (StorageFull, "says that the quota is used up"),
    "XMinioAdminBucketQuotaExceeded": (StorageFull, "says that the quota is used up"),
    "XMinioStorageFull": (StorageFull, "has no more space"),
    "InsufficientStorage": (StorageFull, "has no more space"),
}
# What the client says without an answer of S3, and what it means; the first that fits counts.
_BY_TEXT: tuple[tuple[str, type[StorageUnavailable], str], ...] = (
    ("Expired", S3NotTrusted, "its TLS certificate has expired"),
    ("NotValidYet", S3NotTrusted, "its TLS certificate is not valid yet"),
    ("NotValidForName", S3NotTrusted, "its TLS certificate is for another name"),
    ("InvalidCertificate", S3NotTrusted, "its TLS certificate is not trusted"),
    ("InvalidContentType", S3Away, "it does not speak TLS, so its address begins with http://"),
    ("IncompleteMessage", S3Away, "it broke the connection; perhaps it speaks TLS (https://)"),
    ("dns error", S3Away, "no such host"),
    ("Connection refused", S3Away, "the connection was refused"),
    ("unreachable", S3Away, "the network does not reach it"),
    ("TimedOut", S3Away, "no answer in time"),
    ("error sending request", S3Away, "the connection broke"),
    (" 301 ", S3WrongRegion, "the bucket is at another address (301)"),
    (" 401 ", S3Refused, "it refuses the key (401)"),
    (" 403 ", S3Refused, "it does not allow this with the key (403)"),
)
_MISSING = "NoSuchKey"


@contextmanager
def bucket_errors(place: str, endpoint: str, *, missing: bool = False) -> Iterator[None]:
    """Raise a subclass of StorageUnavailable for an error of the client in the block.

    With `missing`, a FileNotFoundError passes if the server says that the object is missing: a
    wrong key or bucket may be a 404, too.
    """
    try:
        yield
    except (BaseError, OSError) as error:
        code = _CODE.search(str(error))
        if missing and isinstance(error, FileNotFoundError) and code and code[1] == _MISSING:
            raise
        _raise(error, code[1] if code else None, place, endpoint)


def _raise(error: Exception, code: str | None, place: str, endpoint: str) -> NoReturn:
    text = " ".join(str(error).split())
    if code == _MISSING:
        raise StorageUnavailable(f"an original in {place} has vanished") from error
    if code in _BY_CODE:
        kind, said = _BY_CODE[code]
        raise kind(f"{place} cannot be used: {endpoint} {said} ({code})") from error
    if code:
        message = _MESSAGE.search(text)
        words = f"{code}: {clean(message[1])}" if message else code
        raise S3Away(f"{place} cannot be used: {endpoint} answers {words}") from error
    for part, kind, said in _BY_TEXT:
        if part in text:
            raise kind(f"{place} cannot be used: {endpoint}: {said}") from error
    said = clean(text.partition(" Debug source")[0], _SAID_CHARACTERS)
    raise S3Away(f"{place} cannot be used: {endpoint}: {said}") from error

"""The format of errors."""

from typing import Self

from mirage.api.wire.base import Response
from mirage.errors import MirageError

PROBLEM_TYPE_PREFIX = "urn:mirage:problem:"


class Problem(Response):
    """An error in the format of RFC 9457, with a remedy."""

    type: str
    """`urn:mirage:problem:` and the error's code; stable, unlike the texts."""
    title: str
    status: int
    """The HTTP status."""
    detail: str
    """One sentence on what is wrong with this request."""
    remedy: str
    """What to do about it."""

    @classmethod
    def of(cls, error: MirageError) -> Self:
        """Return the problem for an error."""
        return cls(
            type=PROBLEM_TYPE_PREFIX + error.code,
            title=error.code.replace("-", " ").capitalize(),
            status=error.status,
            detail=str(error),
            remedy=error.remedy(),
        )

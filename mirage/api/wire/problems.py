"""What every error looks like."""

from typing import Self

from mirage.api.wire.base import Response
from mirage.errors import MirageError

PROBLEM_TYPE_PREFIX = "urn:mirage:problem:"


class Problem(Response):
    """What is wrong, as RFC 9457 has it, and what can be done about it."""

    type: str
    """`urn:mirage:problem:` and the error's code; stable, unlike the sentences."""
    title: str
    status: int
    """The HTTP status again."""
    detail: str
    """What is wrong with this request, in a sentence."""
    remedy: str
    """What the reader can do about it."""

    @classmethod
    def of(cls, error: MirageError) -> Self:
        """From the error that was raised."""
        return cls(
            type=PROBLEM_TYPE_PREFIX + error.code,
            title=error.code.replace("-", " ").capitalize(),
            status=error.status,
            detail=str(error),
            remedy=error.remedy(),
        )

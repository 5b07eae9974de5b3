"""Base classes of requests and answers, and common field types."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


class Request(BaseModel):
    """A body that a client sends."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Response(BaseModel):
    """An answer to a client, made from a domain object."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)


def storable(value: str) -> str:
    """Return the text if PostgreSQL can store it: it refuses NUL and unpaired surrogates."""
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("must not contain NUL or unpaired surrogates")
    return value


def _to_utc(moment: datetime) -> datetime:
    """Return the time in UTC; the driver's own conversion fails at the ends of the date range."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is outside the range of dates") from error


Moment = Annotated[AwareDatetime, AfterValidator(_to_utc)]

"""What requests, answers and their fields have in common."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


class Request(BaseModel):
    """Something a client sends."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Response(BaseModel):
    """Something a client gets, made from a domain object."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)


def storable(value: str) -> str:
    """PostgreSQL takes neither NUL nor half of a surrogate pair."""
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("must not hold NUL or unpaired surrogates")
    return value


def _to_utc(moment: datetime) -> datetime:
    """Here: the driver's own step to UTC ends in an error at either end of the calendar."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is beyond the calendar") from error


Moment = Annotated[AwareDatetime, AfterValidator(_to_utc)]

"""Writes and reads the cursors of lists of documents."""

import base64
import binascii
from datetime import UTC, datetime
from uuid import UUID

from mirage.api.wire.base import storable
from mirage.db.listing import Order, Place, place_of
from mirage.errors import InvalidRequest
from mirage.model import Document
from mirage.names import MAX_DOCUMENT_BYTES

MAX_CURSOR = 2 * MAX_DOCUMENT_BYTES
"""Base64 takes four characters for three bytes, and a cursor holds a name and an id."""


def encode_cursor(document: Document, order: Order) -> str:
    """Return a cursor for what follows the document."""
    place, identity = place_of(document, order)
    written = place.isoformat() if isinstance(place, datetime) else place
    return base64.urlsafe_b64encode(f"{written} {identity}".encode()).decode()


def decode_cursor(cursor: str, order: Order) -> Place:
    """Return the place in a cursor. Raises InvalidRequest."""
    try:
        written, _, identity = base64.urlsafe_b64decode(cursor).decode().rpartition(" ")
        if order is Order.NAME:
            return storable(written), UUID(identity)
        # Convert to UTC here: the driver raises an error for dates at the ends of its range.
        return datetime.fromisoformat(written).astimezone(UTC), UUID(identity)
    except (binascii.Error, ValueError, OverflowError) as error:
        raise InvalidRequest(
            "cursor: must be a `next_cursor` that this API returned for the same `order`"
        ) from error

"""Errors of the page, in addition to those of the API."""

from mirage.errors import Forbidden, InvalidInput


class CrossSite(Forbidden):
    """Open the page itself, and send its form from there."""

    code = "cross-site"


class TooManyTries(InvalidInput):
    """Wait a minute, then log in with the right key."""

    code = "too-many-tries"
    status = 429

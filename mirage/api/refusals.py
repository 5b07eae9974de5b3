"""Errors that HTTP itself brings, beside those of the program in `mirage.errors`."""

from mirage.errors import InvalidInput, NotFound, UnsupportedMediaType


class RouteNotFound(NotFound):
    """Compare the address with the API's description at /docs."""

    code = "route-not-found"


class MethodNotAllowed(InvalidInput):
    """Use a method that the header `Allow` names."""

    code = "method-not-allowed"
    status = 405


class BodyTooLarge(InvalidInput):
    """Send less in one request; only the upload of a document may be large."""

    code = "body-too-large"
    status = 413


class WrongContentType(UnsupportedMediaType):
    """Send the file as multipart/form-data in the field `file`, as `curl -F file=@…` does."""

    code = "wrong-content-type"


class MalformedRange(InvalidInput):
    """Write the header `Range` as `bytes=<first>-<last>`, counted from 0, or leave it out."""

    code = "malformed-range"
    status = 400


class RangeNotSatisfiable(InvalidInput):
    """Ask for bytes that the file has; the header `Content-Range` says how many there are."""

    code = "range-not-satisfiable"
    status = 416

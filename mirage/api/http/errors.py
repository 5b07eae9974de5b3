"""Errors that HTTP itself brings, beside those of the program in `mirage.errors`."""

from mirage.errors import InvalidInput, NotFound, Unavailable
from mirage.parse.detect import UnsupportedMediaType


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


class BodyTooSlow(InvalidInput):
    """Send the body without long pauses; look for a proxy or a line that holds it back."""

    code = "body-too-slow"
    status = 408


class MalformedHttp(InvalidInput):
    """Send HTTP/1.1 without TLS to this port, and no header with a character that HTTP forbids."""

    code = "malformed-http"
    status = 400


class HeadTooLarge(InvalidInput):
    """Send fewer or shorter headers; cookies of other programs on the same host also count."""

    code = "head-too-large"
    status = 431


class HeadTooSlow(InvalidInput):
    """Send the request line and all headers at once."""

    code = "head-too-slow"
    status = 408


class TooManyConnections(Unavailable):
    """Send the request again later; close connections that wait for no answer."""

    code = "too-many-connections"


class WrongContentType(UnsupportedMediaType):
    """Send the file as multipart/form-data in the field `file`, as `curl -F file=@…` does."""

    code = "wrong-content-type"


class RangeNotSatisfiable(InvalidInput):
    """Ask for bytes that the file has; the header `Content-Range` says how many there are."""

    code = "range-not-satisfiable"
    status = 416

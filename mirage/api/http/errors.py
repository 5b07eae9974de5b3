"""Errors of the HTTP layer, in addition to those in `mirage.errors`."""

from mirage.errors import InvalidInput, NotFound, Unavailable
from mirage.parse.detect import UnsupportedMediaType


class RouteNotFound(NotFound):
    """Compare the path with the API description at /docs."""

    code = "route-not-found"


class MethodNotAllowed(InvalidInput):
    """Use one of the methods in the header `Allow`."""

    code = "method-not-allowed"
    status = 405


class BodyTooLarge(InvalidInput):
    """Send a smaller body; only document uploads may be large."""

    code = "body-too-large"
    status = 413


class BodyTooSlow(InvalidInput):
    """Send the body without long pauses; check whether a proxy or a slow network delays it."""

    code = "body-too-slow"
    status = 408


class MalformedHttp(InvalidInput):
    """Send plain HTTP/1.1 (no TLS) to this port, with headers that HTTP allows."""

    code = "malformed-http"
    status = 400


class HeadTooLarge(InvalidInput):
    """Send fewer or shorter headers; cookies of other applications on this host count too."""

    code = "head-too-large"
    status = 431


class HeadTooSlow(InvalidInput):
    """Send the request line and all headers without pauses."""

    code = "head-too-slow"
    status = 408


class TooManyConnections(Unavailable):
    """Send the request again later; close idle connections."""

    code = "too-many-connections"


class WrongContentType(UnsupportedMediaType):
    """Send the file as multipart/form-data in the field `file`, as `curl -F file=@…` does."""

    code = "wrong-content-type"


class RangeNotSatisfiable(InvalidInput):
    """Request a range within the file; the header `Content-Range` has the file's size."""

    code = "range-not-satisfiable"
    status = 416

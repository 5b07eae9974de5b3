"""What every answer of the page tells the browser, and where a form may come from."""

from urllib.parse import urlsplit

from starlette.requests import Request

from mirage.web.errors import CrossSite

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # With `no-referrer`, browsers send `Origin: null` with forms, and without TLS nothing else
    # tells where a form comes from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def require_same_origin(request: Request) -> None:
    """Raise CrossSite unless the request changes nothing or comes from this page.

    Browsers send `Sec-Fetch-Site` only over TLS or to this machine; otherwise `Origin` counts. Only
    its host is compared, because a proxy in front may have taken TLS off. Such a proxy may also
    replace the host, so that of `api.public_url` is right, too.
    """
    if request.method in {"GET", "HEAD"}:
        return
    site = request.headers.get("sec-fetch-site")
    if site == "same-origin" or (site is None and _is_own(request)):
        return
    raise CrossSite("the form was sent from another site")


def _is_own(request: Request) -> bool:
    try:
        origin = urlsplit(request.headers.get("origin", "")).netloc
    except ValueError:  # Such as `http://[`, which no browser sends.
        return False
    public = request.app.state.parts.settings.api.public_url or ""
    return bool(origin) and origin in (request.headers.get("host"), urlsplit(public).netloc)


def is_secure(request: Request) -> bool:
    """Return whether the browser uses TLS, also if a proxy in front takes it off.

    A client that sends the header itself changes only its own cookie.
    """
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))

"""Mutants of the page for people: sessions, forms, proxies, what a key may see."""

from tests.mutants.mutant import Mutant

_HEADERS = "mirage/web/headers.py"
_SESSION = "mirage/web/session.py"
_VISITOR = "mirage/web/visitor.py"
_LOGIN_TESTS = ("tests/web/test_login.py",)
_SESSION_TESTS = ("tests/web/test_session.py",)
_PROXY_TESTS = ("tests/web/test_proxy.py",)

WEB = (
    Mutant(
        "form-of-another-site",
        _HEADERS,
        'return bool(origin) and origin in (request.headers.get("host"), urlsplit(public).netloc)',
        "return bool(origin)",
        _LOGIN_TESTS,
        "another site changes something where the browser sends only an origin",
    ),
    Mutant(
        "form-of-a-neighbour",
        _HEADERS,
        'if site == "same-origin" or',
        'if site in ("same-origin", "same-site") or',
        _LOGIN_TESTS,
        "another application on a host of the same domain changes something",
    ),
    Mutant(
        "session-for-ever",
        _SESSION,
        " or int(until) <= now",
        "",
        _SESSION_TESTS,
        "a stolen cookie never ends",
    ),
    Mutant(
        "session-with-any-seal",
        _SESSION,
        'if not hmac.compare_digest(seal, self._seal(f"{name}.{until}")) or int(until) <= now:',
        "if int(until) <= now:",
        _SESSION_TESTS,
        "anybody logs in as the main key",
    ),
    Mutant(
        "proxy-from-anywhere",
        _VISITOR,
        "if not any(peer in network for network in web.networks):",
        "if not web.networks:",
        _PROXY_TESTS,
        "anybody logs in by a header",
    ),
    Mutant(
        "proxy-by-a-header",
        "mirage/api/http/serving.py",
        "proxy_headers=False",
        "proxy_headers=True",
        _PROXY_TESTS,
        "X-Forwarded-For makes a client a trusted proxy",
    ),
    Mutant(
        "login-leads-elsewhere",
        "mirage/web/addresses.py",
        "/(?!/)",
        "/",
        _LOGIN_TESTS,
        "a link to the login leads to another site afterwards",
    ),
    Mutant(
        "cookie-for-scripts",
        "mirage/web/routes/login.py",
        "httponly=True",
        "httponly=False",
        _LOGIN_TESTS,
        "a script reads the session",
    ),
    Mutant(
        "reader-deletes",
        "mirage/web/visitor.py",
        "if not visitor.scope.includes(scope):",
        "if scope is Scope.ADMIN and not visitor.scope.includes(scope):",
        ("tests/web/test_document.py::test_reader_sees_rows_and_no_way_to_change_them",),
        "a key that only reads changes documents",
    ),
    Mutant(
        "markup-from-documents",
        "mirage/web/view.py",
        "autoescape=True",
        "autoescape=False",
        ("tests/web/test_search.py::test_text_of_documents_and_queries_is_never_markup",),
        "a document's text runs in the reader's browser",
    ),
)

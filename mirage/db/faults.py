"""Errors of the driver, in sentences that say what to correct.

No sentence has the name of a host, a role or a database: a client without a key may see them. The
log and `mirage doctor` name them once, by `Database.place`.
"""

import errno
import re
import socket
from collections.abc import Iterator

from mirage.errors import DatabaseUnavailable, Unavailable
from mirage.tls import certificate_fault


class SchemaBehind(Unavailable):
    """Run `mirage migrate`; in Kubernetes the indexer does so before it starts."""

    code = "schema-behind"


class DatabaseDeniesAccess(DatabaseUnavailable):
    """Correct role, password and name of the database (in the chart: `postgresql.auth` or
    `externalDatabase`), or let the role in on the server.
    """

    code = "database-denies-access"


class DatabaseEncryption(DatabaseUnavailable):
    """Correct `sslmode`, `sslrootcert`, `sslcert` and `sslkey` in MIRAGE_DATABASE_URL, or the
    certificate of the server.
    """

    code = "database-encryption"


MISTAKES = (DatabaseDeniesAccess, DatabaseEncryption)
"""Errors that probably do not go away before somebody changes the settings or the server."""

# SQLSTATE classes that say "not now": connection, resources, operator intervention, and a lock that
# was not granted in time.
_PASSING_SQLSTATES = ("08", "53", "57", "55P03")
_STARTING = "57P03"
_TOO_MANY = "53300"
_UNAUTHENTICATED = "28"
_RIGHT_MISSING = "42501"
_NO_TABLE = ("42P01", "3F000")

_SENTENCES = {
    "28P01": "PostgreSQL refuses the role or its password",
    "3D000": "PostgreSQL has no database of this name",
    _RIGHT_MISSING: "the role lacks a right: it needs CONNECT on the database and CREATE on its"
    " schema, best as its owner",
}
# PostgreSQL has one SQLSTATE for all of these, and words in English unless `lc_messages` is set.
_WORDS = (
    ("role .* does not exist", "PostgreSQL has no role of this name"),
    ("not permitted to log in", "the role may not log in"),
    (
        "pg_hba.conf .*no encryption",
        "no rule in pg_hba.conf of PostgreSQL admits this connection without TLS: use"
        " sslmode=require, or add a rule",
    ),
    ("pg_hba.conf", "no rule in pg_hba.conf of PostgreSQL admits this connection: add a rule"),
)
_ENCRYPTION_WORDS = (
    ("client certificate", "PostgreSQL needs a client certificate: set sslcert and sslkey"),
    ("certificate authentication failed", "PostgreSQL refuses the client certificate"),
)
_NO_TLS = re.compile("rejected SSL upgrade")


def connection_fault(error: BaseException) -> DatabaseUnavailable:
    """Return the error for one with which the driver could not connect."""
    if fault := certificate_fault(error):
        return DatabaseEncryption(f"the database cannot be reached: {fault}")
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return DatabaseUnavailable("the host name of the database is not known")
        if isinstance(cause, ConnectionRefusedError) or _is(cause, errno.ECONNREFUSED):
            return DatabaseUnavailable(
                "the database refuses connections: nothing listens at its address"
            )
        if isinstance(cause, FileNotFoundError):
            return DatabaseUnavailable("there is no socket of PostgreSQL in the folder of its host")
        if isinstance(cause, ConnectionError) and _NO_TLS.search(str(cause)):
            return DatabaseEncryption("PostgreSQL offers no TLS, which the settings require")
        if isinstance(cause, TimeoutError):
            return DatabaseUnavailable("the database did not answer in time")
    return DatabaseUnavailable("the database cannot be reached")


def state_fault(state: str, said: str) -> Unavailable | None:
    """Return the error for an SQLSTATE and PostgreSQL's words, or None if it is a bug."""
    if state == _STARTING:
        return DatabaseUnavailable("PostgreSQL is starting, or recovering after a crash")
    if state == _TOO_MANY:
        return DatabaseUnavailable("PostgreSQL has no connection left (max_connections)")
    if state.startswith(_UNAUTHENTICATED) or state in _SENTENCES:
        for words, sentence in _ENCRYPTION_WORDS:
            if re.search(words, said):
                return DatabaseEncryption(sentence)
        worded = next((sentence for words, sentence in _WORDS if re.search(words, said)), None)
        return DatabaseDeniesAccess(
            _SENTENCES.get(state) or worded or "PostgreSQL does not let the role in"
        )
    if state in _NO_TABLE:
        return SchemaBehind("the database has no schema of miRAGe yet")
    if not state or state.startswith(_PASSING_SQLSTATES):
        return DatabaseUnavailable("the database does not answer")
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    yield error
    for cause in (error.__cause__, error.__context__):
        if cause is not None and cause is not error:
            yield cause


def _is(error: BaseException, number: int) -> bool:
    """Return whether every address of a host failed with this error; asyncio joins their texts."""
    return isinstance(error, OSError) and f"[Errno {number}]" in str(error)

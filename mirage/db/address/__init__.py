"""The address of the database: libpq's URL and its parameters in the words of asyncpg.

What asyncpg does not have is refused by name, because it would otherwise fail at every connection
or, worse, be left out silently. No message repeats a value, which may be a password.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from mirage import config
from mirage.db.address.service_file import read_service
from mirage.db.address.tls_files import find_unusable_file, has_root_certificate
from mirage.errors import ConfigError

_DRIVER = "postgresql+asyncpg"
_PORT = 5432
_MAX_PORT = 65535
# The bounds of `database.connect_timeout_seconds`.
_MAX_TIMEOUT_SECONDS = 300

# The host part as SQLAlchemy splits a URL, so that a list of hosts is found where it finds one.
_HOSTS = re.compile(r"(?P<before>[\w+]+://(?:[^:/]*(?::[^@]*)?@)?)(?P<hosts>[^/?]*)(?P<after>.*)")
_HOST = re.compile(r"(?:\[(?P<ipv6>[^\[\]]+)\]|(?P<name>[^:\[\]]*))(?::(?P<port>\d*))?")
_OPTION = re.compile(r"(?:\\.|[^\s\\])+")
_SETTING = re.compile(r"(?P<name>[A-Za-z_][\w.-]*)=(?P<value>.*)", re.DOTALL)

_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_VERIFYING = ("verify-ca", "verify-full")
_TLS_VERSIONS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
# Parameters whose values are known beforehand, all of which asyncpg takes.
_CHOICES = {
    "sslmode": _SSL_MODES,
    "sslnegotiation": ("postgres", "direct"),
    "ssl_min_protocol_version": _TLS_VERSIONS,
    "ssl_max_protocol_version": _TLS_VERSIONS,
    # A server that takes no writes is of no use here.
    "target_session_attrs": ("any", "primary", "read-write"),
}
# What asyncpg does without being told; any other value it could not keep.
_ALREADY_SO = {
    "channel_binding": ("disable", "prefer"),
    "gssencmode": ("disable", "prefer"),
    "load_balance_hosts": ("disable",),
    "sslcompression": ("0",),
    "sslsni": ("1",),
    "client_encoding": ("UTF8", "utf8", "UTF-8", "utf-8"),
}
_INSTEAD = dict.fromkeys(
    ("pgbouncer", "prepared_statement_cache_size", "statement_cache_size"),
    "set MIRAGE_DATABASE_PREPARED_STATEMENTS=false instead",
)
_FILES = ("sslcert", "sslkey", "sslcrl", "sslrootcert", "passfile")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database is. `arguments` are asyncpg's, beyond those that the URL carries."""

    url: URL
    arguments: dict[str, Any] = field(default_factory=dict)


def database_address(settings: config.Database) -> Address:
    """Return the address in `database.url`, or the one that its parts make. Raises ConfigError."""
    if settings.url is None:
        url = _url_of_parts(settings)
        if not settings.parameters:
            return Address(url)
        return _address(url.update_query_string(settings.parameters), "")
    text, hosts = _split_hosts(settings.url.get_secret_value().strip())
    if settings.parameters:
        text += ("&" if "?" in text else "?") + settings.parameters
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(
            "MIRAGE_DATABASE_URL is not of the form postgresql://user:password@host:port/name"
        ) from error
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise ConfigError("MIRAGE_DATABASE_URL must begin with postgresql://")
    return _address(url, hosts)


def _url_of_parts(settings: config.Database) -> URL:
    password = settings.password.get_secret_value() if settings.password else None
    socket = settings.host.startswith("/")
    bare = re.sub(r"^\[(.*:.*)\]$", r"\1", settings.host)  # An IPv6 address as a URL writes it.
    return URL.create(
        _DRIVER,
        username=settings.user,
        password=password,
        host=None if socket else bare,
        port=None if socket else settings.port,
        database=settings.name,
        query={"host": settings.host, "port": str(settings.port)} if socket else {},
    )


def _split_hosts(text: str) -> tuple[str, str]:
    """Take out of a URL the hosts that SQLAlchemy does not understand: a list, or a socket."""
    match = _HOSTS.fullmatch(text)
    if match is None or not ("," in match["hosts"] or "%2f" in match["hosts"].lower()):
        return text, ""
    return match["before"] + match["after"], unquote(match["hosts"])


def _address(url: URL, hosts: str) -> Address:
    given = _parameters(url)
    if "service" in given:
        given = _of_service(url, hosts, given)
    arguments: dict[str, Any] = {}
    url = _with_credentials(url, given)
    url = _with_hosts(url, hosts, given, arguments)
    settings = _server_settings(given)
    if settings:
        arguments["server_settings"] = settings
    if "connect_timeout" in given:
        seconds = _number(given, "connect_timeout", _MAX_TIMEOUT_SECONDS, "seconds")
        arguments["timeout"] = float(seconds)
    _drop_what_is_so(given)
    if given.get("sslrootcert") == "system":
        _trust_system(given, arguments)
    rest = dict(_driver_parameters(given))
    if given:
        name = min(given)
        raise _refused(name, f"is not supported: {_INSTEAD.get(name, 'remove it')}")
    if rest:
        # asyncpg alone knows how these work together, and takes them in a URL only.
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in rest.items())
        arguments["dsn"] = f"postgresql://?{query}"
    return Address(url.set(drivername=_DRIVER, query={}), arguments)


def _parameters(url: URL) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in url.query.items():
        known = "sslmode" if name == "ssl" else name  # asyncpg's word, as it was used until now.
        if not isinstance(value, str) or known in given:
            raise _refused(known, "stands there twice")
        if not value.isprintable():
            raise _refused(known, "holds control characters")
        given[known] = value
    return given


def _of_service(url: URL, hosts: str, given: dict[str, str]) -> dict[str, str]:
    """Add what a service says and the URL does not."""
    said = {
        "user": url.username, "password": url.password, "dbname": url.database,
        "host": url.host or hosts, "port": url.host or hosts,
    }  # fmt: skip
    service = read_service(given.pop("service"))
    return {name: value for name, value in service.items() if not said.get(name)} | given


def _with_credentials(url: URL, given: dict[str, str]) -> URL:
    fields = {"user": "username", "password": "password", "dbname": "database"}
    for name, attribute in fields.items():
        if name in given:
            if getattr(url, attribute):
                raise _refused(name, "stands there twice")
            part: dict[str, Any] = {attribute: given.pop(name)}
            url = url.set(**part)
    return url


def _with_hosts(url: URL, hosts: str, given: dict[str, str], arguments: dict[str, Any]) -> URL:
    """Put several hosts, or a socket's folder, where asyncpg takes them."""
    if "host" in given:
        if hosts or url.host:
            raise _refused("host", "stands there twice")
        hosts = given.pop("host")
    ports = given.pop("port", "")
    if ports and (url.port or (url.host and "," in ports)):
        raise _refused("port", "stands there twice")
    if not hosts:
        return url.set(port=_port(ports)) if ports else url
    listed = [_host(each) for each in hosts.split(",")]
    if ports:
        numbers = [_port(each) for each in ports.split(",")]
        if any(port for _, port in listed) or len(numbers) not in {1, len(listed)}:
            raise _refused("port", "does not fit the hosts: give one port, or one per host")
        numbers = numbers * len(listed) if len(numbers) == 1 else numbers
        listed = [(name, number) for (name, _), number in zip(listed, numbers, strict=True)]
    arguments["host"] = [name for name, _ in listed]
    arguments["port"] = [port or _PORT for _, port in listed]
    return url


def _host(text: str) -> tuple[str, int | None]:
    if text.startswith("/"):
        return text, None
    match = _HOST.fullmatch(text)
    if text.count(":") > 1 and not text.startswith("["):  # As libpq's `host` takes it.
        return text, None
    if match is None or not (match["ipv6"] or match["name"]):
        raise _refused("host", "holds a host that is not of the form name:port or [address]:port")
    return match["ipv6"] or match["name"], _port(match["port"]) if match["port"] else None


def _port(text: str) -> int:
    return _number({"port": text}, "port", _MAX_PORT, "a port")


def _number(given: dict[str, str], name: str, most: int, what: str) -> int:
    text = given.pop(name)
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= most:
        raise _refused(name, f"must be {what} from 1 to {most}")
    return int(text)


def _server_settings(given: dict[str, str]) -> dict[str, str]:
    """Return the run-time parameters that the server gets when a session begins."""
    fallback = given.pop("fallback_application_name", None)
    name = given.pop("application_name", fallback)
    settings = {} if name is None else {"application_name": name}
    words = [re.sub(r"\\(.)", r"\1", word) for word in _OPTION.findall(given.pop("options", ""))]
    while words:
        word = words.pop(0)
        if word == "-c" and words:
            word = words.pop(0)
        elif word.startswith(("-c", "--")) and len(word) > len("-c"):
            word = word[2:]
        else:
            word = ""
        match = _SETTING.fullmatch(word)
        if match is None:
            raise _refused("options", "must be of the form `-c name=value`")
        setting = match["name"].replace("-", "_")
        if setting in settings:
            raise _refused(setting, "stands there twice")
        settings[setting] = match["value"]
    return settings


def _drop_what_is_so(given: dict[str, str]) -> None:
    for name, values in _ALREADY_SO.items():
        if name in given and given.pop(name) not in values:
            possible = " or ".join(dict.fromkeys(value.lower() for value in values))
            raise _refused(name, f"can only be {possible}, because the driver cannot do more")


def _trust_system(given: dict[str, str], arguments: dict[str, Any]) -> None:
    """Trust the machine's own authorities, or those of SSL_CERT_FILE, as libpq's `system` does."""
    if given.get("sslmode", "verify-full") != "verify-full":
        raise _refused("sslrootcert", "can be `system` only with sslmode=verify-full")
    for name in ("sslmode", "sslrootcert"):
        given.pop(name, None)
    for name in given:
        if name.startswith("ssl") and name != "sslnegotiation":
            raise _refused(name, "cannot be used with sslrootcert=system")
    arguments["ssl"] = True


def _driver_parameters(given: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Take out what asyncpg has itself, and look whether it can be used."""
    mode = given.get("sslmode")
    if mode in _VERIFYING and not (given.get("sslrootcert") or has_root_certificate()):
        raise _refused(
            "sslmode", f"is {mode}, which needs sslrootcert=/path/to/ca.crt or sslrootcert=system"
        )
    if "sslkey" in given and "sslcert" not in given:
        raise _refused("sslkey", "needs sslcert")
    if fault := find_unusable_file(given):
        raise _refused(*fault)
    for name, values in _CHOICES.items():
        if name in given:
            if given[name] not in values:
                raise _refused(name, f"must be one of {', '.join(values)}")
            yield name, given.pop(name)
    for name in (*_FILES, "sslpassword"):
        if name in given:
            yield name, given.pop(name)


def _refused(name: str, why: str) -> ConfigError:
    shown = name if name.isidentifier() and len(name) <= 63 else ascii(name[:63])
    return ConfigError(f"MIRAGE_DATABASE_URL: the parameter {shown} {why}")

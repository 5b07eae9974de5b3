"""Where the database is, from one URL or from its parts."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from mirage.config import Database
from mirage.db import engine
from mirage.db.address import Address, database_address
from mirage.errors import ConfigError


def _address(url: str) -> Address:
    return database_address(Database(url=SecretStr(url)))


def test_url_keeps_every_character_of_the_password() -> None:
    encoded = "p%40%3A%2F%3F%23%25%27%22%20%26%2Bw"
    url = _address(f"postgresql://mirage:{encoded}@db:5432/mirage").url
    assert url.password == "p@:/?#%'\" &+w"
    assert url.drivername == "postgresql+asyncpg"


def test_line_end_of_the_url_does_not_count() -> None:
    assert _address("postgresql://u@db/n\n").url.database == "n"


def test_parts_are_used_without_a_url() -> None:
    settings = Database(host="db", user="u", name="n", password=SecretStr("p@:/?#%'\" "))
    url = database_address(settings).url
    assert (url.host, url.port, url.username, url.database) == ("db", 5432, "u", "n")
    assert url.password == "p@:/?#%'\" "


@pytest.mark.parametrize("host", ["fd00::1", "[fd00::1]"])
def test_address_of_ipv6_is_a_host(host: str) -> None:
    assert database_address(Database(host=host)).url.host == "fd00::1"


def test_folder_as_host_is_a_socket() -> None:
    url = database_address(Database(host="/run/postgresql")).url
    assert url.host is None
    assert url.query["host"] == "/run/postgresql"


@pytest.mark.parametrize(
    ("query", "arguments"),
    [
        ("sslmode=require", {"dsn": "postgresql://?sslmode=require"}),
        ("ssl=require", {"dsn": "postgresql://?sslmode=require"}),
        ("sslrootcert=system", {"ssl": True}),
        ("sslmode=verify-full&sslrootcert=system", {"ssl": True}),
        ("connect_timeout=7", {"timeout": 7.0}),
        ("application_name=shelf", {"server_settings": {"application_name": "shelf"}}),
        ("fallback_application_name=a", {"server_settings": {"application_name": "a"}}),
        (
            "options=-c%20jit%3Doff%20-cwork_mem%3D8MB%20--search-path%3Da%5C%20b",
            {"server_settings": {"jit": "off", "work_mem": "8MB", "search_path": "a b"}},
        ),
        ("target_session_attrs=primary", {"dsn": "postgresql://?target_session_attrs=primary"}),
        ("channel_binding=prefer&gssencmode=disable&sslsni=1", {}),
        ("channel_binding=disable", {}),
        ("client_encoding=utf8", {}),
    ],
)
def test_parameters_of_libpq_become_those_of_the_driver(
    query: str, arguments: dict[str, Any]
) -> None:
    address = _address(f"postgres://u@db/n?{query}")
    assert address.arguments == arguments
    assert dict(address.url.query) == {}


@pytest.mark.parametrize(
    ("rest", "hosts", "ports"),
    [
        ("a:5433,b/n", ["a", "b"], [5433, 5432]),
        ("[fd00::1]:5433,b:1/n", ["fd00::1", "b"], [5433, 1]),
        ("%2Frun%2Fpostgresql/n", ["/run/postgresql"], [5432]),
        ("/n?host=a,b&port=1,2", ["a", "b"], [1, 2]),
        ("/n?host=a,b&port=7", ["a", "b"], [7, 7]),
        ("/n?host=/run/postgresql&port=5433", ["/run/postgresql"], [5433]),
        ("/n?host=fd00::1", ["fd00::1"], [5432]),
    ],
)
def test_several_hosts_and_sockets(rest: str, hosts: list[str], ports: list[int]) -> None:
    for user in ("u:p%2Cw@", "u@", ""):
        address = _address(f"postgresql://{user}{rest}")
        assert address.arguments == {"host": hosts, "port": ports}
        assert address.url.database == "n"


def test_one_host_in_brackets_stays_in_the_url() -> None:
    url = _address("postgresql://u:p@[fd00::1]:5433/n").url
    assert (url.host, url.port) == ("fd00::1", 5433)


def test_credentials_may_be_parameters() -> None:
    url = _address("postgresql://db?user=u&password=p%26w&dbname=n&port=5433").url
    assert (url.username, url.password, url.database, url.port) == ("u", "p&w", "n", 5433)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("channel_binding=require", "channel_binding can only be disable or prefer"),
        ("gssencmode=require", "gssencmode can only be disable or prefer"),
        ("client_encoding=latin1", "client_encoding can only be utf8 or utf-8"),
        ("load_balance_hosts=random", "load_balance_hosts can only be disable"),
        ("sslmode=maybe", "sslmode must be one of disable, allow"),
        ("sslmode=require&sslmode=disable", "sslmode stands there twice"),
        ("sslmode=require&ssl=require", "sslmode stands there twice"),
        ("sslmode=verify-full", "sslmode is verify-full, which needs sslrootcert="),
        ("sslmode=require&sslrootcert=system", "sslrootcert can be `system` only with"),
        ("sslrootcert=/nowhere/ca.crt", "sslrootcert names a file that cannot be read: No such"),
        ("sslcert=/nowhere/a", "sslcert names a file that cannot be read"),
        ("sslkey=/nowhere/a", "sslkey needs sslcert"),
        ("target_session_attrs=standby", "target_session_attrs must be one of any, primary"),
        ("connect_timeout=0", "connect_timeout must be seconds from 1 to 300"),
        ("connect_timeout=soon", "connect_timeout must be seconds from 1 to 300"),
        ("port=99999", "port must be a port from 1 to 65535"),
        ("host=other", "host stands there twice"),
        ("user=other", "user stands there twice"),
        ("dbname=other", "dbname stands there twice"),
        ("options=-d%203", "options must be of the form `-c name=value`"),
        ("options=-c", "options must be of the form `-c name=value`"),
        ("application_name=a%00b", "application_name holds control characters"),
        ("service=main", "service needs .*/.pg_service.conf, which cannot be read: No such"),
        ("keepalives=1", "keepalives is not supported: remove it"),
        ("statement_cache_size=0", "set MIRAGE_DATABASE_PREPARED_STATEMENTS=false instead"),
        ("a%0Ab=1", r"'a\\nb' is not supported"),
    ],
)
def test_parameter_that_cannot_be_kept_is_refused_by_name(
    query: str, sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=sentence) as caught:
        engine.Database(Database(url=SecretStr(f"postgresql://u:hunter2@db/n?{query}")))
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_service_gives_what_the_url_does_not_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "services"
    file.write_text(
        "# ours\n[main]\nhost=a,b\nport=5433\nuser=u\npassword=p%w\ndbname=n\nsslmode=require\n"
    )
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    address = _address("postgresql://?service=main&sslmode=disable")
    assert (address.url.username, address.url.password, address.url.database) == ("u", "p%w", "n")
    assert address.arguments == {
        "host": ["a", "b"], "port": [5433, 5433], "dsn": "postgresql://?sslmode=disable"
    }  # fmt: skip
    address = _address("postgresql://me@c/other?service=main")
    assert (address.url.username, address.url.host, address.url.port) == ("me", "c", None)
    assert address.url.database == "other"
    with pytest.raises(ConfigError, match=r"names a service that .*/services does"):
        _address("postgresql://db?service=other")


@pytest.mark.parametrize("text", ["host=a\n", "[main]\nhunter2\n", "[main]\nhost=a\nhost=b\n"])
def test_service_file_that_is_damaged_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / "services").write_text(text)
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    with pytest.raises(ConfigError, match="services is not a service file") as caught:
        _address("postgresql://db?service=main")
    assert "hunter2" not in str(caught.value)


def test_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("no PEM")
    with pytest.raises(ConfigError, match="sslrootcert names a file that is not of its kind"):
        _address(f"postgresql://u@db/n?sslrootcert={tmp_path}/ca.crt")


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u@db/n",
        "db:5432",
        "postgresql://u:secret@db:port/n",
        "postgresql://u:secret@a,b:port/n",
        "postgresql://u:secret@a,,b/n",
        "postgresql://u:secret@[fd00::1,b/n",
    ],
)
def test_unusable_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigError, match="MIRAGE_DATABASE_URL") as caught:
        _address(url)
    assert "secret" not in str(caught.value)


def test_parameters_are_added_to_a_url() -> None:
    url = SecretStr("postgresql://u:p@db/n?sslmode=require")
    address = database_address(Database(url=url, parameters="application_name=a%20b"))
    assert address.arguments["server_settings"] == {"application_name": "a b"}
    assert address.arguments["dsn"] == "postgresql://?sslmode=require"


def test_parameters_are_added_to_parts() -> None:
    address = database_address(
        Database(host="db", password=SecretStr("p&q"), parameters="sslmode=require")
    )
    assert (address.url.host, address.url.password) == ("db", "p&q")
    assert address.arguments["dsn"] == "postgresql://?sslmode=require"


def test_parameter_in_url_and_parameters_is_refused() -> None:
    url = SecretStr("postgresql://u:p@db/n?sslmode=require")
    with pytest.raises(ConfigError, match="sslmode stands there twice"):
        database_address(Database(url=url, parameters="sslmode=disable"))

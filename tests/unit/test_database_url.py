"""Where the database is, from one URL or from its parts."""

import pytest
from pydantic import SecretStr

from mirage.config import Database
from mirage.db.engine import database_url
from mirage.errors import ConfigError


def test_url_keeps_every_character_of_the_password() -> None:
    encoded = "p%40%3A%2F%3F%23%25%27%22%20%26%2Bw"
    url = database_url(Database(url=SecretStr(f"postgresql://mirage:{encoded}@db:5432/mirage")))
    assert url.password == "p@:/?#%'\" &+w"
    assert url.drivername == "postgresql+asyncpg"


def test_parts_are_used_without_a_url() -> None:
    url = database_url(Database(host="db", user="u", name="n", password=SecretStr("p@:/?#%'\" ")))
    assert (url.host, url.port, url.username, url.database) == ("db", 5432, "u", "n")
    assert url.password == "p@:/?#%'\" "


def test_folder_as_host_is_a_socket() -> None:
    url = database_url(Database(host="/run/postgresql"))
    assert url.host is None
    assert url.query["host"] == "/run/postgresql"


def test_sslmode_becomes_the_drivers_word() -> None:
    url = database_url(Database(url=SecretStr("postgres://u@db/n?sslmode=require")))
    assert dict(url.query) == {"ssl": "require"}


@pytest.mark.parametrize("url", ["mysql://u@db/n", "db:5432", "postgresql://u:secret@db:port/n"])
def test_unusable_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigError, match="MIRAGE_DATABASE_URL") as caught:
        database_url(Database(url=SecretStr(url)))
    assert "secret" not in str(caught.value)

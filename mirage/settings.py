"""Reads the settings of `config.py` from the environment, once per process."""

import logging
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from mirage.config import (
    S3,
    Api,
    Chunk,
    Database,
    Documents,
    Embedding,
    Indexer,
    Log,
    Metrics,
    Ollama,
    OpenAI,
    Search,
    Web,
)
from mirage.errors import ConfigError
from mirage.mistakes import sentence

PREFIX = "MIRAGE_"

# Kubernetes sets these variables for every Service of a namespace: a Service `mirage-api` would
# otherwise be read as `api.port=tcp://10.43.0.7:8000`.
_SERVICE_LINK = re.compile(
    r"_SERVICE_HOST$|_SERVICE_PORT(_\w+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$",
    re.IGNORECASE,
)
_SERVICE_URL = re.compile(r"^(tcp|udp|sctp)://", re.IGNORECASE)

_log = logging.getLogger(__name__)


class Settings(BaseSettings):
    """All groups of settings. Use `load_settings`, which reports each error in a sentence."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    database: Database = Database()
    ollama: Ollama = Ollama()
    openai: OpenAI = OpenAI()
    embedding: Embedding = Embedding()
    chunk: Chunk = Chunk()
    documents: Documents = Documents()
    s3: S3 = S3()
    search: Search = Search()
    api: Api = Api()
    web: Web = Web()
    metrics: Metrics = Metrics()
    indexer: Indexer = Indexer()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings, _Environment(settings_cls))


class _Environment(EnvSettingsSource):
    """The environment, without service links and empty values."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {
            name: value
            for name, value in super()._load_env_vars().items()
            if value and not _SERVICE_LINK.search(name) and not _SERVICE_URL.match(value)
        }


def load_settings(**overrides: Any) -> Settings:
    """Read the environment. Raises ConfigError with one sentence per error."""
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise ConfigError("; ".join(_sentences(error))) from error
    except SettingsError as error:  # A group was set as a whole, and its value is not JSON.
        given = {name.upper() for name in os.environ}
        groups = [name for name in Settings.model_fields if PREFIX + name.upper() in given]
        raise ConfigError("; ".join(map(_name_of_a_group, groups))) from error
    for name in _unknown_groups():
        _log.warning("%s is not a setting of miRAGe and is ignored", name)
    return settings


def _sentences(error: ValidationError) -> Iterator[str]:
    for mistake in error.errors(include_url=False):
        name = PREFIX + "_".join(str(part).upper() for part in mistake["loc"])
        if mistake["type"] == "extra_forbidden":
            yield f"{name} is not a setting of miRAGe; check its spelling"
        elif mistake["type"] == "model_type":
            yield _name_of_a_group(str(mistake["loc"][0]))
        else:
            yield f"{name}: {sentence(mistake)}"


def _name_of_a_group(group: str) -> str:
    name = PREFIX + group.upper()
    field = next(iter(type(Settings.model_fields[group].default).model_fields)).upper()
    return f"{name} is a group, not a setting; set one of its fields, for example {name}_{field}"


def _unknown_groups() -> Iterator[str]:
    for name in sorted(os.environ):
        group = name.removeprefix(PREFIX).partition("_")[0].lower()
        known = group in Settings.model_fields or group == "test"
        if name.startswith(PREFIX) and not known and not _SERVICE_LINK.search(name):
            yield name

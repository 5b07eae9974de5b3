"""`Config`: the settings of `mirage.config` as keys of the chart.

A group becomes a section, and a field a key in camelCase. Secrets and fields that the chart
computes are omitted. A key without a value is not set, so the program's default applies.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, create_model
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from mirage import config
from schema.rules import text
from schema.section import Section

# Keys that the chart's ConfigMap has always contained; values.yaml has their defaults.
_SHOWN = {"ollama.model", "chunk.size", "chunk.overlap"}
# Keys that templates read: the mount path, and whether there is a shared volume.
_REQUIRED = {"documents.storage", "documents.path"}

# Which rule replaces a pattern of the program.
_RULES = {
    "ollama.model": "model",
    "openai.model": "model",
    "api.public_url": "address",
    "web.user_header": "header",
    "web.trusted_proxies": "cidrs",
    "openai.url": "address",
    "embedding.proxy": "proxy",
    "documents.path": "folder",
    "s3.bucket": "bucket",
    "s3.prefix": "object prefix",
    "s3.endpoint": "endpoint",
    "s3.region": "region",
}


# Which value of the chart sets a variable that has no key under `config`; None: the chart alone.
_ELSEWHERE = {
    "MIRAGE_DATABASE_URL": "externalDatabase",
    "MIRAGE_DATABASE_HOST": "externalDatabase.host",
    "MIRAGE_DATABASE_PORT": "externalDatabase.port",
    "MIRAGE_DATABASE_USER": "externalDatabase.user",
    "MIRAGE_DATABASE_PASSWORD": "externalDatabase.password",
    "MIRAGE_DATABASE_NAME": "externalDatabase.name",
    "MIRAGE_OLLAMA_URL": "ollama.url",
    "MIRAGE_OPENAI_KEY": "auth.openaiKey",
    "MIRAGE_EMBEDDING_WEIGHTS": None,
    "MIRAGE_EMBEDDING_CA_FILE": "caCertificates",
    "MIRAGE_EMBEDDING_PROXY_AUTH": "auth.proxyExistingSecret",
    "MIRAGE_DATABASE_PARAMETERS": "externalDatabase.parameters",
    "MIRAGE_OLLAMA_TOKEN": "auth.ollamaToken",
    "MIRAGE_S3_ACCESS_KEY": "auth.s3AccessKey",
    "MIRAGE_S3_SECRET_KEY": "auth.s3SecretKey",
    "MIRAGE_S3_CA_FILE": "caCertificates",
    "MIRAGE_API_ROOT_PATH": "api.rootPath",
    "MIRAGE_API_HOST": None,
    "MIRAGE_API_PORT": None,
    "MIRAGE_API_KEY": "auth.apiKey",
    "MIRAGE_API_URL": None,
    "MIRAGE_API_DRAIN_SECONDS": None,
    "MIRAGE_METRICS_PORT": None,
}


def groups() -> Iterator[tuple[str, type[config.Group]]]:
    """Yield name and class of each group, in the program's order."""
    for kind in vars(config).values():
        if isinstance(kind, type) and issubclass(kind, config.Group) and kind is not config.Group:
            yield kind.__name__.lower(), kind


def tables() -> Iterator[tuple[str, type[Section]]]:
    """Yield name and class of each group that has a key in the chart."""
    for group, kind in groups():
        keys: dict[str, Any] = {
            name: _key(f"{group}.{name}", field)
            for name, field in kind.model_fields.items()
            if not _is_handed_over_otherwise(field)
        }
        if keys:
            name = f"Config{kind.__name__}"
            yield group, create_model(name, __base__=Section, __doc__=kind.__doc__, **keys)


def unread_by(program: str) -> Iterator[str]:
    """Yield the variables of the ConfigMap that the program does not read."""
    for group, kind in groups():
        for name, field in kind.model_fields.items():
            extra = field.json_schema_extra
            marked = extra.get("read_by") if isinstance(extra, dict) else None
            reader = marked or kind.read_by
            if reader not in (None, program) and not _is_handed_over_otherwise(field):
                yield f"MIRAGE_{group}_{name}".upper()


def _is_handed_over_otherwise(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("derived") or extra.get("secret"))


def _key(path: str, field: FieldInfo) -> tuple[Any, Any]:
    kind: Any = field.annotation
    default = _plain(field.default)
    if path in _RULES:
        kind = Annotated[str, text(_RULES[path])]
    elif field.metadata:
        kind = Annotated[(kind, *field.metadata)]
    if path in _REQUIRED:
        return kind, Field(default, description=field.description)
    if path in _SHOWN:
        return kind | None, Field(default, description=field.description)
    if default is None:
        return kind | None, Field(None, description=field.description)
    shown = f"{default:g}" if isinstance(default, float) else str(default)
    if isinstance(default, bool):
        shown = shown.lower()
    return kind | None, Field(None, description=f"{field.description} Default: {shown}.")


def _plain(default: Any) -> Any:
    return str(default) if isinstance(default, Path) else default


def _variables() -> Iterator[tuple[str, str | None]]:
    for group, kind in groups():
        for name, field in kind.model_fields.items():
            variable = f"MIRAGE_{group}_{name}".upper()
            if not _is_handed_over_otherwise(field):
                yield variable, f"config.{group}.{to_camel(name)}"
            else:
                yield variable, _ELSEWHERE[variable]


VARIABLES = dict(_variables())
"""The value of the chart for each variable of the program; None if users cannot choose it."""

DEFAULTS = {
    f"config.{group}.{to_camel(name)}": _plain(kind.model_fields[name].default)
    for group, kind in groups()
    for name in ("size", "overlap", "parse_memory_bytes", "path")
    if name in kind.model_fields
}
"""The program's defaults that the chart compares with other values."""


if TYPE_CHECKING:
    Config = Section
else:
    Config = create_model(
        "Config",
        __base__=Section,
        __doc__="The program's settings: `<group>.<key>` becomes `MIRAGE_<GROUP>_<KEY>`.",
        **{name: (table, table()) for name, table in tables()},
    )

"""`Config`: the settings of `mirage.config` as keys of the chart.

A group becomes a section, and a field a key in camelCase. Secrets and fields that the chart
computes are omitted. A key without a value is not set, so the program's default applies.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from mirage import config
from schema.section import Section

# Keys that the chart's ConfigMap has always contained; values.yaml has their defaults.
_SHOWN = {"ollama.model", "chunk.size", "chunk.overlap"}
# Keys that templates read: the mount path, and whether there is a shared volume.
_REQUIRED = {"documents.storage", "documents.path"}

AbsolutePath = Annotated[str, Field(pattern=r"^/")]


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
    kind: Any = AbsolutePath if field.annotation is Path else field.annotation
    default = str(field.default) if isinstance(field.default, Path) else field.default
    if field.metadata:
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


if TYPE_CHECKING:
    Config = Section
else:
    Config = create_model(
        "Config",
        __base__=Section,
        __doc__="The program's settings: `<group>.<key>` becomes `MIRAGE_<GROUP>_<KEY>`.",
        **{name: (table, table()) for name, table in tables()},
    )

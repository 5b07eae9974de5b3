"""The program's knobs as keys of the chart."""

from typing import Any

import pytest
from pydantic.alias_generators import to_camel

from mirage.settings import Settings
from schema.config import groups, tables
from schema.render import defaults


def _marked(field: Any) -> bool:
    extra = field.json_schema_extra or {}
    return "secret" in extra or "derived" in extra


def test_groups_are_those_of_the_settings() -> None:
    assert sorted(name for name, _ in groups()) == sorted(Settings.model_fields)


@pytest.mark.parametrize(("group", "kind"), list(groups()))
def test_every_knob_is_a_key_unless_it_is_secret_or_derived(group: str, kind: Any) -> None:
    expected = {to_camel(name) for name, field in kind.model_fields.items() if not _marked(field)}
    assert set(defaults()["config"].get(group, {})) == expected


@pytest.mark.slow
def test_knobs_without_a_value_say_the_programs_default() -> None:
    table = dict(tables())["documents"]
    description = table.model_fields["max_upload_bytes"].description
    assert description == "Maximum size of an uploaded file. Default: 1073741824."


def test_only_these_knobs_have_a_value() -> None:
    config = defaults()["config"]
    valued = {
        f"{group}.{key}": value
        for group, table in config.items()
        for key, value in table.items()
        if value is not None
    }
    assert valued == {
        "ollama.model": "mxbai-embed-large",
        "chunk.size": 400,
        "chunk.overlap": 100,
        "documents.storage": "volume",
        "documents.path": "/data/documents",
    }


def test_values_that_stand_in_the_chart_are_the_programs_defaults() -> None:
    settings = Settings()
    assert settings.ollama.model == "mxbai-embed-large"
    assert (settings.chunk.size, settings.chunk.overlap) == (400, 100)
    assert str(settings.documents.path) == "/data/documents"

"""A mistake in the values gives one line that names the key, in every Helm."""

from typing import Any

import pytest

from tests.chart.mistakes import COMBINATIONS, SCHEMA, TEXTS
from tests.chart.render import SECRETS, refusal, render


def _refusal(mistake: str | dict[str, Any], helm: str) -> list[str]:
    if isinstance(mistake, dict):
        return refusal(values=mistake, helm=helm)
    return refusal(*mistake.split(), helm=helm)


@pytest.mark.parametrize(("mistake", "line"), SCHEMA)
def test_schema_says_what_is_wrong_where(
    mistake: str | dict[str, Any], line: str, every_helm: str
) -> None:
    assert _refusal(mistake, every_helm) == [line]


@pytest.mark.parametrize(("mistake", "line"), TEXTS)
def test_texts_break_a_rule(mistake: str | dict[str, Any], line: str, every_helm: str) -> None:
    assert _refusal(mistake, every_helm) == [f"ERROR: {line}"]


@pytest.mark.parametrize(("mistake", "line"), COMBINATIONS)
def test_values_that_do_not_go_together(
    mistake: str | dict[str, Any], line: str, every_helm: str
) -> None:
    assert _refusal(mistake, every_helm) == [f"ERROR: {line}"]


def test_table_is_long_and_no_row_stands_twice() -> None:
    rows = [*SCHEMA, *TEXTS, *COMBINATIONS]
    assert len(rows) >= 150
    assert len({str(mistake) for mistake, _ in rows}) == len(rows)


def test_no_line_shows_a_regular_expression_or_a_secret() -> None:
    lines = [line for _, line in [*SCHEMA, *TEXTS, *COMBINATIONS]]
    assert [line for line in lines if "pattern" in line or "[a-z" in line] == []


def test_two_mistakes_are_both_named() -> None:
    assert len(refusal("ingress.enabled=true", "ollama.enabled=false")) == 2


def test_global_and_enabled_are_allowed_at_the_root() -> None:
    assert render(*SECRETS, "global.anything=1", "enabled=true") == render(*SECRETS)

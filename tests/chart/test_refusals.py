"""A mistake in the values gives one line that names the key, in every Helm.

A second Helm gets every fifth row, and all of them in `make test-all` (MIRAGE_TEST_GENERATED).
"""

import os
from collections.abc import Sequence
from typing import Any

import pytest

from tests.chart.mistakes import COMBINATIONS, SCHEMA, TEXTS
from tests.chart.render import HELMS, SECRETS, refusal, render

_STEP = 1 if int(os.environ.get("MIRAGE_TEST_GENERATED", "20")) >= 1000 else 5

Row = tuple[str | dict[str, Any], str]


def _for_each_helm(rows: Sequence[Row]) -> list[Any]:
    return [
        pytest.param(mistake, line, helm, id=f"{helm}-{line[:60]}")
        for helm in HELMS
        for mistake, line in rows[:: 1 if helm == HELMS[0] else _STEP]
    ]


def _refusal(mistake: str | dict[str, Any], helm: str) -> list[str]:
    if isinstance(mistake, dict):
        return refusal(values=mistake, helm=helm)
    return refusal(*mistake.split(), helm=helm)


@pytest.mark.parametrize(("mistake", "line", "helm"), _for_each_helm(SCHEMA))
def test_schema_says_what_is_wrong_where(
    mistake: str | dict[str, Any], line: str, helm: str
) -> None:
    assert _refusal(mistake, helm) == [line]


@pytest.mark.parametrize(("mistake", "line", "helm"), _for_each_helm([*TEXTS, *COMBINATIONS]))
def test_template_says_what_to_do(mistake: str | dict[str, Any], line: str, helm: str) -> None:
    assert _refusal(mistake, helm) == [f"ERROR: {line}"]


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

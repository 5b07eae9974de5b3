"""Rules of texts, each with examples on both sides."""

from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from schema.render import model_schema
from schema.rules import RULES, text, tree


@pytest.mark.parametrize(
    ("rule", "example"), [(name, one) for name, rule in RULES.items() for one in rule.valid]
)
def test_valid_example_obeys_its_rule(rule: str, example: str) -> None:
    checked: TypeAdapter[str] = TypeAdapter(Annotated[str, text(rule)])
    assert checked.validate_python(example) == example


@pytest.mark.parametrize(
    ("rule", "example"), [(name, one) for name, rule in RULES.items() for one in rule.invalid]
)
def test_invalid_example_breaks_its_rule(rule: str, example: str) -> None:
    checked: TypeAdapter[str] = TypeAdapter(Annotated[str, text(rule)])
    with pytest.raises(ValidationError):
        checked.validate_python(example)


def test_tree_names_the_rule_of_each_text() -> None:
    rules = tree(model_schema())
    assert rules["values"]["fullnameOverride"] == "prefix"
    assert rules["values"]["postgresql"] == "$Postgresql"
    assert rules["Postgresql"]["podLabels"] == {"?": "label key", "*": "!label"}
    assert rules["ResourceRequirements"]["limits"] == {"*": "$Quantity"}
    assert rules["Quantity"] == "quantity"


def test_tree_leaves_out_what_has_no_rule() -> None:
    assert "networkPolicy" not in tree(model_schema())["values"]

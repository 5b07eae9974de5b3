"""Old names of keys lead to keys that exist, and are keys no more."""

from schema.renamed import RENAMED
from schema.render import leaves
from schema.values import Values

KEYS = {key for key, _, _ in leaves(Values.model_construct())}


def test_new_names_exist_and_old_ones_do_not() -> None:
    assert set(RENAMED.values()) <= KEYS
    assert RENAMED.keys() & KEYS == set()

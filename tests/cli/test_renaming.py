"""What is said of a file whose bytes are there under another name."""

import pytest

from mirage.cli.renaming import rename_hint

_KNOWN = "has the same content as the existing document"


@pytest.mark.parametrize(
    ("name", "there", "hint"),
    [
        ("a.md", "a.md", None),
        ("e\u0301.md", "\u00e9.md", None),
        ("b.txt", "a.md", f"b.txt {_KNOWN} a.md"),
        (
            "new/it's.htm",
            "-old.html",
            f"new/it's.htm {_KNOWN} -old.html; to rename that document:"
            " mirage documents rename -p 'my shelf' -- -old.html 'new/it'\"'\"'s.htm'",
        ),
    ],
)
def test_command_is_one_that_a_shell_takes(name: str, there: str, hint: str | None) -> None:
    assert rename_hint("my shelf", name, there) == hint

"""Prints the packages that only huggingface-hub brings, and itself.

tokenizers asks for it, but imports it only to download a tokenizer, which this program never does.
"""

import re
import sys
from importlib.metadata import distributions

_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*(\[(?P<extras>[\w\s,.-]+)\])?")
_EXTRA = re.compile(r"""extra\s*==\s*["']([\w.-]+)["']""")
_ROOT, _LEFT_OUT = "mirage-rag", "huggingface-hub"

Package = tuple[str, str]
"""Name of a package, and of its extra, or nothing."""


def _needs() -> dict[Package, set[Package]]:
    """Return what each installed package needs, for itself and for each extra."""
    needs: dict[Package, set[Package]] = {}
    for found in distributions():
        name = _normal(found.metadata["Name"])
        needs.setdefault((name, ""), set())
        for line in found.requires or ():
            match, extra = _REQUIREMENT.match(line), _EXTRA.search(line)
            if match:
                extras = ["", *(match["extras"] or "").split(",")]
                key = (name, _normal(extra[1]) if extra else "")
                other = _normal(match["name"])
                needs.setdefault(key, set()).update((other, _normal(one)) for one in extras)
    return needs


def _reached(needs: dict[Package, set[Package]], without: str = "") -> set[str]:
    waiting: list[Package] = [(_ROOT, "")]
    seen: set[Package] = set()
    while waiting:
        package = waiting.pop()
        if package not in seen and package[0] != without:
            seen.add(package)
            waiting += needs.get(package, ())
    return {name for name, _ in seen if (name, "") in needs}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def main() -> None:
    """Print one name per line."""
    needs = _needs()
    unneeded = _reached(needs) - _reached(needs, without=_LEFT_OUT)
    sys.stdout.write("".join(f"{name}\n" for name in sorted(unneeded)))


if __name__ == "__main__":
    main()

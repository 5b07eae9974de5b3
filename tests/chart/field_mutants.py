"""Changes one field of the render at a time, and lists changes that no test of the chart notices.

    python -m tests.chart.field_mutants [SHARE]

The fields are those of hardening, names, selectors and checksums, in all kinds of values files.
Renders are kept, so a mutant costs a second or two. SHARE is the part of the mutants to try, by
default 1.
"""

import io
import random
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.chart import render as door
from tests.chart.render import SECRETS, Object, render

_TESTS = (
    "security", "labels", "pods", "contract", "policies", "documents", "inventory", "credentials",
    "gitops", "scaling", "metrics", "backup", "restarts", "env", "access", "postgresql", "global",
)  # fmt: skip
_FILES = (None, "everything", "gitops", "scaled")
_FIELDS = re.compile(
    # Hardening
    r"(securityContext|seccompProfile|capabilities)\.|automountServiceAccountToken$"
    r"|enableServiceLinks$"
    # Names, and where they are used
    r"|^metadata\.name$|serviceAccountName$|claimName$|(configMapRef|secretKeyRef|configMap)\.\w+$"
    r"|secretName$|backend\.service\.name$|scaleTargetRef\.name$|authenticationRef\.name$"
    r"|roleRef\.name$|subjects\.0\.name$|resourceNames\.0$|backendRefs\.0\.name$"
    # Selectors, the labels that they select, and ports by name
    r"|[sS]elector\.|matchLabels\.|template\.metadata\.labels\.|topologyKey$|targetPort$"
    # What restarts pods
    r"|checksum/"
)


@dataclass(frozen=True, slots=True)
class FieldMutant:
    """An object of the chart by kind and end of its name, a path in it, and what becomes of it."""

    kind: str
    name: str
    path: tuple[str | int, ...]
    removed: bool

    def __str__(self) -> str:
        verb = "without" if self.removed else "with another"
        return f"{self.kind}/{self.name} {verb} {'.'.join(map(str, self.path))}"

    def apply(self, objects: list[Object]) -> None:
        """Change the field, in every release."""
        for one in objects:
            if one["kind"] == self.kind and _short(one) == self.name:
                node: Any = one
                for key in self.path[:-1]:
                    node = _child(node, key)
                    if node is None:
                        break
                else:
                    if _child(node, self.path[-1]) is not None:
                        self._change(node)

    def _change(self, node: Any) -> None:
        key = self.path[-1]
        if self.removed and isinstance(node, dict):
            del node[key]
        else:
            node[key] = _other(key, node[key])


def mutants() -> list[FieldMutant]:
    """Return all mutants, in the order of objects."""
    found: dict[FieldMutant, None] = {}
    for file in _FILES:
        release = render(
            *(() if file else SECRETS),
            files=(Path(__file__).parent / "values" / f"{file}.yaml",) if file else (),
        )
        for one in release.objects:
            for path in _leaves(one):
                if _FIELDS.search(".".join(map(str, path))):
                    found[FieldMutant(one["kind"], _short(one), path, False)] = None
                    if _is_hardening(path):
                        found[FieldMutant(one["kind"], _short(one), path, True)] = None
    return list(found)


def main(share: float = 1.0) -> int:
    """Try the mutants. Return 1 if fewer than 95 % are noticed."""
    if _tests_fail():
        sys.stderr.write("the tests do not pass without a mutant\n")
        return 2
    everything = mutants()
    chosen = random.Random(12).sample(everything, round(share * len(everything)))  # noqa: S311
    survivors = []
    for mutant in chosen:
        door.mutation = mutant.apply
        if not _tests_fail():
            survivors.append(mutant)
            sys.stdout.write(f"survived: {mutant}\n")
            sys.stdout.flush()
    noticed = len(chosen) - len(survivors)
    sys.stdout.write(f"{noticed} of {len(chosen)} mutants noticed, of {len(everything)} in all\n")
    return 0 if noticed >= 0.95 * len(chosen) else 1


def _tests_fail() -> bool:
    folder = Path(__file__).parent
    arguments = ["-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist"]
    # They render copies of the chart, or ask other programs.
    arguments += ["-k", "not cloudnativepg and not where_the_cluster_enforces and not helm4"]
    arguments += [str(folder / f"test_{name}.py") for name in _TESTS]
    with redirect_stdout(io.StringIO()):
        return pytest.main(arguments) != pytest.ExitCode.OK


def _leaves(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _leaves(value, (*path, i))
    elif node is not None:
        yield path


def _short(one: Object) -> str:
    """Return the name of an object without release and hash."""
    name = re.sub("^mirage(-rag)?-?", "", one["metadata"]["name"])
    return re.sub("-[0-9a-f]{8}$", "", name)


def _is_hardening(path: tuple[str | int, ...]) -> bool:
    return any(key in ("securityContext", "seccompProfile", "capabilities") for key in path)


def _child(node: Any, key: str | int) -> Any:
    if isinstance(node, dict):
        return node.get(key)
    if isinstance(node, list) and isinstance(key, int) and key < len(node):
        return node[key]
    return None


def _other(key: str | int, value: Any) -> Any:
    if str(key).startswith("checksum/"):
        return "0"  # Of a checksum only its changes count.
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}-x"


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:])))

"""Each command of the pages is one that its program takes.

`helm install` and `helm upgrade` are rendered with their values. Of other commands of Helm and
kubectl, the flags are compared with their help. commands.yaml has the other programs, each with the
reason why it is not tried.
"""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path

import pytest
import yaml

from reference.pages import DOCS, by_hand
from tests.chart.render import CHART, HELM

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", CHART / "README.md", *sorted(DOCS.glob("*.md"))]
UNTRIED = yaml.safe_load((Path(__file__).parent / "commands.yaml").read_text())
TARGETS = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))

_BLOCK = re.compile(r"^```(sh|bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PLACEHOLDER = re.compile(r"<[a-z-]+>|\bNEW(?:-[A-Z]+)*\b")
_OWN = ("charts/mirage", "oci://ghcr.io/mirage-rag/charts/mirage")
_SEPARATORS = {"|", "||", "&", "&&", ";", "(", ")"}
# What `helm template` has no use for: where and how the release is installed.
_WITH_VALUE = ("-n", "--namespace", "--version", "--timeout")
_WITHOUT_VALUE = ("--create-namespace", "--reuse-values", "--wait", "--install", "--atomic")
# So that nothing is missing that a real cluster or the values of before would bring.
_GIVEN = ("--set", "postgresql.auth.password=pw", "--set", "auth.apiKey=key")


def commands_of(page: str) -> Iterator[list[str]]:
    """The simple commands of all blocks of a page, without redirections and variables."""
    for language, block in _BLOCK.findall(page):
        text = block.replace("\\\n", " ")
        if language == "console":
            text = re.sub(r"^(?!\$ ).*$", "", text, flags=re.MULTILINE)
            text = re.sub(r"^\$ ", "", text, flags=re.MULTILINE)
        line = ""
        for part in re.sub(r"\|\s*\n", "| ", text).splitlines():
            line += f"{part}\n"
            if not _is_open(line):
                yield from _simple_commands(_PLACEHOLDER.sub("x", line.strip()))
                line = ""


def _is_open(line: str) -> bool:
    """Return whether a quotation goes on in the next line."""
    try:
        shlex.split(line, comments=True)
    except ValueError:
        return True
    return False


def _simple_commands(line: str) -> Iterator[list[str]]:
    for inner in re.findall(r'"?\$\(([^()]*)\)"?', line):
        yield from _simple_commands(inner)
    lexer = shlex.shlex(
        re.sub(r'"?\$\([^()]*\)"?', "x", line), posix=True, punctuation_chars="|&;()<>"
    )
    lexer.whitespace_split = True
    command: list[str] = []
    skipped = False
    for word in [*lexer, ";"]:
        if word in _SEPARATORS:
            while command and re.match(r"(export$|\w+=)", command[0]):
                command.pop(0)
            if command:
                yield command
            command = []
        elif word in ("<", ">", ">>"):
            skipped = True
        elif skipped:
            skipped = False
        else:
            command.append(word)


COMMANDS = [(page, command) for page in PAGES for command in commands_of(by_hand(page))]


@pytest.mark.parametrize(
    "command",
    [command for _, command in COMMANDS],
    ids=[f"{page.parent.name}/{page.name}: {' '.join(words)[:70]}" for page, words in COMMANDS],
)
def test_command_is_taken(command: list[str]) -> None:
    match command:
        case ["sudo", *rest]:
            test_command_is_taken(rest)
        case ["mirage", *_]:
            pass  # test_names.py reads these, in sentences too.
        case ["make", *words]:
            assert {word for word in words if "=" not in word} <= TARGETS
        case ["helm", "install" | "upgrade" | "template" as verb, *arguments] if _is_ours(
            arguments
        ):
            render(verb, arguments)
        case ["helm" | "kubectl" | "ollama", *arguments]:
            compare_flags(command[0], arguments)
        case [program, *_]:
            assert program in UNTRIED, f"{program} is neither tried nor in commands.yaml"


def test_every_reason_is_needed() -> None:
    used = {word for _, command in COMMANDS for word in command}
    assert set(UNTRIED) - used == set()


def _is_ours(arguments: list[str]) -> bool:
    return any(argument in _OWN for argument in arguments)


def render(verb: str, arguments: list[str]) -> None:
    """Render the chart of this repository with the values of a command."""
    require(HELM)
    left = [str(CHART) if argument in _OWN else argument for argument in arguments]
    kept: list[str] = []
    while left:
        argument = left.pop(0)
        if argument in _WITH_VALUE:
            left.pop(0)
        elif argument not in _WITHOUT_VALUE:
            kept.append(argument)
    if "-f" in kept:  # The operator's own file.
        at = kept.index("-f")
        del kept[at : at + 2]
    known = ["--api-versions", "v1/Binding"]
    # What was given or generated before is not in the command.
    given = [] if any("auth" in argument for argument in kept) else _GIVEN
    done = subprocess.run(
        [HELM, "template", *kept, *given, *known],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr


def compare_flags(program: str, arguments: list[str]) -> None:
    """Compare the flags of a command with the program's help; then try what runs in a pod."""
    if "--" in arguments:
        at = arguments.index("--")
        test_command_is_taken(arguments[at + 1 :])
        arguments = arguments[:at]
    if program == "ollama":
        assert arguments[0] in ("pull", "list", "show")
        return
    require(program)
    words = takewhile(lambda argument: not argument.startswith("-"), arguments[:3])
    text = _help(program, *words) + (_help(program, "options") if program == "kubectl" else "")
    for argument in arguments[1:]:
        name = argument.partition("=")[0]
        if name.startswith("--"):
            assert f"{name}=" in text or f"{name} " in text, f"{program} knows no {name}"
        elif re.fullmatch("-[a-zA-Z]", name):
            assert re.search(rf"(^|\s){name},", text), f"{program} knows no {name}"


def require(program: str) -> None:
    """Skip the test without a program."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not on PATH")


@cache
def _help(program: str, *words: str) -> str:
    """What a program says of a command, or of the flags that all commands have."""
    asked = [] if words == ("options",) else ["-h"]
    done = subprocess.run([program, *words, *asked], capture_output=True, text=True, check=False)
    return done.stdout

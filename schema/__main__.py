"""Runs `python -m schema show | write | check`, and `kubernetes` to update Kubernetes classes."""

import argparse
import json
import sys

from schema import drift, generate

_HELP = """\
show        print the chart's JSON schema
write       write kubernetes.py and the chart's generated files
check       fail if one of these files is stale; needs no network
kubernetes  extract the definitions from an OpenAPI document on standard input:
            kubectl get --raw /openapi/v2 | python -m schema kubernetes
"""


def main() -> int:
    """Run one verb. Return 0 on success, 1 if a file is stale."""
    parser = argparse.ArgumentParser(
        prog="python -m schema", description=_HELP, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("verb", choices=["show", "write", "check", "kubernetes"])
    verb = parser.parse_args().verb
    if verb == "show":
        from schema.render import json_schema

        sys.stdout.write(json.dumps(json_schema(), indent=2) + "\n")
    elif verb == "check":
        return _check()
    else:
        if verb == "kubernetes":
            generate.DEFINITIONS.write_text(generate.prune(json.load(sys.stdin)))
        _write()
    return 0


def _write() -> None:
    drift.write({generate.MODULE: generate.generate()})
    # Imported only now, because it reads the classes that were just written.
    from schema.render import rendered

    drift.write(rendered())


def _check() -> int:
    from schema.render import rendered

    if drift.differ({generate.MODULE: generate.generate(), **rendered()}, "model"):
        sys.stderr.write("ERROR: generated files are stale: run `python -m schema write`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

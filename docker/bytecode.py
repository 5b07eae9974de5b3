"""Compiles what the program imports, and nothing else: the rest would be 18 MB of the image.

The bytecode has no times of files in it, so that two builds of one commit are equal.
"""

import pkgutil
import py_compile
import sys
from importlib import import_module
from pathlib import Path

import mirage

# Importing these runs something, or needs what the image does not have.
_LEFT_OUT = ("__main__", ".migrations", "mirage.embedded", "mirage.testing")
# Typer imports them when it shows help.
_LATER = ("typer.rich_utils", "rich.markdown", "uvicorn.lifespan.on", "uvicorn.loops.asyncio")


def main() -> None:
    """Import all modules of the program, then compile what is loaded."""
    names = [module.name for module in pkgutil.walk_packages(mirage.__path__, "mirage.")]
    for name in (*names, *_LATER):
        if not any(part in name for part in _LEFT_OUT):
            import_module(name)
    environment = Path(sys.prefix)
    for module in list(sys.modules.values()):
        source = getattr(module, "__file__", None) or ""
        if source.endswith(".py") and environment in Path(source).parents:
            mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
            py_compile.compile(source, doraise=True, invalidation_mode=mode)


if __name__ == "__main__":
    main()

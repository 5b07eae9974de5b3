"""The package has what the page needs: templates, words, style, scripts."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_wheel_has_every_file_of_the_page(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="it builds the wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    files = [path for path in (ROOT / "mirage/web").rglob("*.*") if path.suffix != ".pyc"]
    assert {".html", ".toml", ".css", ".js", ".svg"} <= {path.suffix for path in files}
    assert {str(path.relative_to(ROOT)) for path in files} - packed == set()

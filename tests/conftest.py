"""For all tests: where the real daily bars are, and a registry of tries that is nobody's."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data" / "panel.parquet"


def pytest_configure(config: pytest.Config) -> None:
    """Count the runs of the tests, and of processes that they start, in a file that is deleted with them."""
    folder = tempfile.mkdtemp(prefix="deepshock-tests-")
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ["DEEPSHOCK_REGISTRY"] = str(Path(folder, "trials.jsonl"))


@pytest.fixture(scope="session")
def panel_path() -> Path:
    """Return the file of real bars (see `data/README.md` beside it); tests that need it are marked `real_data`."""
    path = Path(os.environ.get("DEEPSHOCK_DATA", _BESIDE))
    path = path / "panel.parquet" if path.is_dir() else path
    if not path.is_file():
        pytest.skip(f"no real bars at {path}; set DEEPSHOCK_DATA to panel.parquet or to its folder")
    return path

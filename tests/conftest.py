"""Fixtures for all tests: where the real daily bars are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data" / "panel.parquet"


@pytest.fixture(scope="session")
def panel_path() -> Path:
    """Return the file of real bars (see `data/README.md` beside it); tests that need it are marked `real_data`."""
    path = Path(os.environ.get("DEEPSHOCK_DATA", _BESIDE))
    path = path / "panel.parquet" if path.is_dir() else path
    if not path.is_file():
        pytest.skip(f"no real bars at {path}; set DEEPSHOCK_DATA to panel.parquet or to its folder")
    return path

"""The theses that come with deepshock."""

from __future__ import annotations

from pathlib import Path


def packaged_strategies() -> Path:
    """Return their folder: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "strategies"
    return inside if inside.is_dir() else package.parent / "strategies"

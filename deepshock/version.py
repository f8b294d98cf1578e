"""The version, as pyproject.toml has it. A leaf, so that any module may ask for it."""

__version__ = "0.1.0"

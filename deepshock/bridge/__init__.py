"""Bridges to other libraries."""

from deepshock.bridge.vectorbt import CrossCheck, cross_check, to_vectorbt

__all__ = ["CrossCheck", "cross_check", "to_vectorbt"]

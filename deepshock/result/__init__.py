"""A run, complete, and the ways to look at it."""

from deepshock.result.collection import document_of, heading_of, report_of
from deepshock.result.model import Result, Sensitivity, VenueSession

__all__ = ["Result", "Sensitivity", "VenueSession", "document_of", "heading_of", "report_of"]

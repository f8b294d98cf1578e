"""Several results as one document or one report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deepshock.result.model import Result

if TYPE_CHECKING:
    from deepshock.market import Market
    from deepshock.report.view import ReportView


def heading_of(market: Market, *, version: str, command: str) -> dict[str, Any]:
    """Return what every JSON document begins with: version, command and data."""
    return {
        "version": version,
        "command": command,
        "data": {
            "provider": market.name,
            "simulated": market.simulated,
            "from": market.start.isoformat(),
            "to": market.end.isoformat(),
            "notes": list(market.delivery),
        },
    }


def document_of(results: Sequence[Result], market: Market, *, version: str, command: str) -> dict[str, Any]:
    """Return the JSON document of a whole run: its heading, and one entry per thesis or book."""
    from deepshock.result.document import document

    heading = heading_of(market, version=version, command=command)
    return {**heading, "theses": [document(result) for result in results]}


def report_of(results: Sequence[Result], market: Market, *, version: str, command: str) -> ReportView:
    """Return what the reports show of a whole run."""
    from deepshock.report.view import ReportView  # which a run without a report need not import
    from deepshock.result.view import view

    names = dict.fromkeys(result.plan.costs.name for result in results)
    return ReportView(
        version=version,
        command=command,
        provider=market.name,
        simulated=market.simulated,
        first=market.start.isoformat(),
        last=market.end.isoformat(),
        costs=", ".join(names),
        theses=tuple(view(result) for result in results),
        notes=market.delivery,
    )

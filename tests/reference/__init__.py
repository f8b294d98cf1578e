"""A second, slow deepshock: every rule of ``docs/rules.md`` in plain Python, written without sight of the engine.

Read it in the order of the rules:

==========================  ==========================================================================
:mod:`reference.auctions`    when venues open and close, and on which rows money is counted
:mod:`reference.ticks`       the ladders of the venues
:mod:`reference.bars`        prices, halts, limits, sigma and typical volume; mergers and delistings
:mod:`reference.fx`          the last exchange rate known at an instant
:mod:`reference.plan`        weights, betas, due auctions and dated exits of a thesis
:mod:`reference.lending`     who may sell short what, on which dates and at what fee
:mod:`reference.uptick`      Rule 201
:mod:`reference.costs`       what a fill costs, from the presets and the venues' law
:mod:`reference.cash`        settlement, balances of nights, policy rates
:mod:`reference.holding`     a position and what it has borrowed
:mod:`reference.account`     one account: flows, collateral, interest, borrow, marks and lines
:mod:`reference.legs`        a leg from its order to its last fill
:mod:`reference.desk`        what a run owns and knows, and how it trades
:mod:`reference.entries`     what an auction fills of an order or a hedge
:mod:`reference.exits`       dates, levels, recalls, endings
:mod:`reference.margin`      what entries need at their decision, and positions on every valuation row
:mod:`reference.run`         the walk over the auctions
:mod:`reference.outcome`     what a run leaves behind, and its statistics
:mod:`reference.placebo`     the same trade at other dates, in other names, on other sides
==========================  ==========================================================================

:mod:`reference.worlds` makes random markets with theses on them, and :mod:`reference.compare` holds an engine's result
against a reference. Dictionaries, lists and floats; no vectors and no compiled code, and nothing is kept from one run
to the next but files and calendars.
"""

from .outcome import Reference
from .run import reference_run

__all__ = ["Reference", "reference_run"]

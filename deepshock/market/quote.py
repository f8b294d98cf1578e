"""A rate as steps in time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from deepshock.market.calendar import Flags, Floats, Instants


class Quote(NamedTuple):
    """The rates of one pair.

    Parameters
    ----------
    stamps : ndarray of shape (n_rates,), int64
        From when each rate is the latest one, nanoseconds UTC, ascending.
    rates : ndarray of shape (n_rates,), float64
        Base per unit of the currency.
    known_at : ndarray of shape (n_rates,), int64
        When it was made known; for a cross the older of its two parts, so it may lie before ``stamps``.
    """

    stamps: Instants
    rates: Floats
    known_at: Instants


def quote_of(known: Instants, rates: Floats, rows: Flags) -> Quote:
    """Put some rows of a table of rates in order of time."""
    order = np.argsort(known[rows], kind="stable")
    stamps, values = known[rows][order], rates[rows][order]
    stamps.flags.writeable = values.flags.writeable = False
    return Quote(stamps, values, stamps)


def cross(first: Quote, second: Quote, *, inverse: bool) -> Quote:
    """Return the rate that two pairs with a common currency give together.

    Parameters
    ----------
    first : Quote
        Common per currency, or currency per common if ``inverse``.
    second : Quote
        Base per common.
    inverse : bool
        Divide instead of multiplying, so that a cross of two published rates is rounded once.
    """
    stamps = np.union1d(first.stamps, second.stamps)
    stamps = stamps[stamps >= max(first.stamps[0], second.stamps[0])]
    one, two = (np.searchsorted(quote.stamps, stamps, side="right") - 1 for quote in (first, second))
    rates = second.rates[two] / first.rates[one] if inverse else second.rates[two] * first.rates[one]
    return Quote(stamps, rates, np.minimum(first.known_at[one], second.known_at[two]))

"""From figures to words: the rules, each with the sentence that it stands for.

The word is the first of these that holds (docs/rules.md has the same table):

not traded                  nothing was traded
lost money                  the excess return is nil or less
cannot be told              no placebo could be run, or so few that p cannot be 5 % or less
not unusual                 p of the placebo in time is above 5 %
unusual, not confirmed      the event study cannot be computed, takes the variance of the event for the usual one, is
                            above 5 %, or points the other way
unusual, but mostly beta    hedged, less than half of the excess return is left, for orders of the same size
unusual, but no article was needed    the naive rule made as much in the same year
unusual, but not after N tries        several were tried, and the deflated Sharpe ratio is not above 95 %, or not known
unusual and confirmed       none of these
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deepshock.inference.verdict.findings import Findings
from deepshock.inference.verdict.sentences import sentences

LEVEL = 0.05
NOT_TRADED, LOST, UNKNOWN, USUAL = "not traded", "lost money", "cannot be told", "not unusual"
UNCONFIRMED, BETA = "unusual, not confirmed", "unusual, but mostly beta"
NAIVE, TRIES, CONFIRMED = (
    "unusual, but no article was needed",
    "unusual, but not after {} tries",
    "unusual and confirmed",
)
WORDS = (NOT_TRADED, LOST, UNKNOWN, USUAL, UNCONFIRMED, BETA, NAIVE, TRIES, CONFIRMED)


@dataclass(frozen=True)
class Verdict:
    """What figures say.

    Parameters
    ----------
    word : str
        One of `WORDS`.
    sentences : tuple of str
        In an order that never changes: missed, made, unusual, beta, rival, tries, what cannot be concluded, what else
        happened, which ``wrong if`` fired. One that has nothing to say is left out.
    """

    word: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """The paragraph."""
        return f"{self.word[:1].upper()}{self.word[1:]}. {' '.join(self.sentences)}"

    def document(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"word": self.word, "sentences": list(self.sentences)}


def verdict(found: Findings) -> Verdict:
    """Judge figures.

    Parameters
    ----------
    found : Findings

    Examples
    --------
    >>> verdict(Findings(traded=False, idle="no tradable leg")).text
    'Not traded. Nothing was traded: no tradable leg.'
    """
    word = next(_words(found))
    return Verdict(word, tuple(sentences(found)))


def _words(f: Findings) -> Iterator[str]:
    """Yield the words that hold, the first one first."""
    if not f.traded:
        yield NOT_TRADED
    if not f.excess > 0.0:
        yield LOST
    if math.isnan(f.p) or f.p_min > LEVEL:
        yield UNKNOWN
    if f.p > LEVEL:
        yield USUAL
    if not (f.robust and f.test_p <= LEVEL and f.caar > 0.0):
        yield UNCONFIRMED
    if f.hedged / f.scale < f.excess / 2.0:
        yield BETA
    if f.rival_made >= f.excess:
        yield NAIVE
    if f.tries > 1 and not f.dsr > 1.0 - LEVEL:
        yield TRIES.format(f"{f.tries:,}")
    yield CONFIRMED

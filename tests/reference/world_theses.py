"""The theses of a random world, in their YAML words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from .world_market import Listing

CAPITALS = ("1_234_567 USD", "987_654 EUR", "2_345_678 USD", "45_678 EUR", "23_456 USD")
LEVELS = (("stop", 0.5, 1, 9), ("target", 0.4, 1.5, 14), ("trailing", 0.35, 2.5, 10), ("drawdown", 0.35, 0.8, 6))


class ThesisMaker:
    """Draws theses on the listings of a market.

    Parameters
    ----------
    random : Random
        The order in which it is drawn from is part of the seed.
    story : date
        When the first source is published.
    listings : sequence of Listing
    enough_for_beta : bool
        Whether there is history enough for weights by beta. Hedges are drawn in any case: without it they do not trade.
    """

    def __init__(self, random: Random, story: date, listings: Sequence[Listing], *, enough_for_beta: bool) -> None:
        self.random = random
        self.story = story
        self.tradable = [one for one in listings if one.cls != "index"]
        self.enough_for_beta = enough_for_beta
        # An account that uses all its margin, and is called at the first loss while entries still go on.
        self.tight = self.chance(0.3)
        self.margin = self._margin()

    def chance(self, probability: float) -> bool:
        """Flip a coin."""
        return self.random.random() < probability

    def words(self, name: str, days: int) -> dict[str, Any]:
        """Return a thesis whose source is published some days after the story."""
        random = self.random
        minutes = timedelta(days=days, minutes=random.randrange(24 * 60))
        published = datetime.combine(self.story, time(), UTC) + minutes
        words: dict[str, Any] = {
            "thesis": name,
            "source": {
                "publisher": "a paper",
                "published": stamp(published),
                "latency": random.choice(("0", "90s", "2h")),
            },
            "news": stamp(published - timedelta(hours=random.uniform(1, 90))),
            "uptick": random.choice(("passive", "passive", "passive", "wait", "wait", "ignore", "ignore")),
            "margin": self.margin,
            "gross": f"{self._gross():.1f}%",
            "capital": random.choice(CAPITALS),
            "costs": self._participation(self._costs()),
            "withholding": f"{random.uniform(5, 30):.1f}%",
        }
        if self.chance(0.25):
            words["fractional"] = "true"
        if self.chance(0.3):
            words["benchmark"] = "^QIX"
        chosen = self._legs(words)
        self._hedge(words, chosen)
        self._events(words, published)
        words |= {"enter": self._enter(), "exit": self._exit()}
        return words

    def _costs(self) -> Any:
        random = self.random
        preset = random.choice(("institutional", "institutional", "retail", "retail", "none"))
        if preset == "none" and self.chance(0.5):
            return {"preset": "none", "conversion.bps": "2.5", "slippage.bps": "1.7"}
        if preset == "none" or self.chance(0.5):
            return preset
        overrides = {
            random.choice(("half-spread.us.bps", "half-spread.bps")): f"{random.uniform(2, 9):.2f}",
            "slippage.bps": f"{random.uniform(2, 9):.2f}",
            "impact.y": f"{random.uniform(0.2, 1.5):.2f}",
            "borrow.special": f"{random.uniform(0.05, 0.4):.3f}",
            "conversion.bps": f"{random.uniform(1, 9):.2f}",
            "commission.hong-kong.minimum": f"{random.uniform(5, 60):.1f}",
            "financing.debit": f"{random.uniform(0.01, 0.03):.4f}",
        }
        return {"preset": preset, **{path: overrides[path] for path in random.sample(sorted(overrides), 2)}}

    def _participation(self, costs: Any) -> Any:
        """Cap what a fill takes at more or less than by default, or not at all."""
        random = self.random
        if self.chance(0.25) and not self.tight:
            return costs
        tiny = f"{random.uniform(0.01, 0.3):.3f}%"
        written = random.choice(
            ("none", "none", "none", tiny, f"{random.uniform(0.3, 6):.2f}%", f"{random.uniform(0.05, 0.5):.3f}")
        )
        written = f"{random.uniform(10, 50):.1f}%" if self.tight else written
        return {**(costs if isinstance(costs, dict) else {"preset": costs}), "participation": written}

    def _gross(self) -> float:
        if self.tight or self.chance(0.6):
            return self.random.uniform(190, 300)
        return self.random.uniform(30, 190)

    def _margin(self) -> Any:
        """Choose the rule of the account, which all of its theses have to share."""
        if self.tight:
            return {"initial": "50%", "maintenance": f"{self.random.uniform(47, 50):.1f}%"}
        rule = self.random.choice(("reg-t", "reg-t", "own", "own", "own", "own", "none"))
        if rule != "own":
            return rule
        initial = self.random.uniform(25, 70)
        return {"initial": f"{initial:.1f}%", "maintenance": f"{self.random.uniform(0.8, 1) * initial:.1f}%"}

    # What is traded

    def _legs(self, words: dict[str, Any]) -> list[Listing]:
        """Choose legs, their sides and their weights."""
        random = self.random
        candidates = [one for one in self.tradable if one.cls != "etf" or self.chance(0.2)]
        chosen = random.sample(candidates, min(random.choice((1, 2, 3, 4, 4, 5)), len(candidates)))
        sides: dict[str, list[str]] = {"long": [], "short": []}
        for one in chosen:
            # A short of an A share is refused; once in a while is enough.
            short = self.chance({"XSHG": 0.1, "XNYS": 0.65, "XHKG": 0.55}.get(one.calendar, 0.45))
            sides["short" if short else "long"].append(one.symbol)
        both = bool(sides["long"] and sides["short"])
        neutral = random.choice(("none", "dollar", "beta" if self.enough_for_beta else "dollar")) if both else "none"
        if neutral != "none":
            words["neutral"] = neutral
        if neutral == "beta":
            words["benchmark"] = "^QIX"
        weighting = random.choice(("given", "given", "equal", "inverse-vol"))
        if weighting != "given":
            words["weighting"] = weighting
        percent = self.chance(0.3)
        groups = [sides["long"], sides["short"]] if neutral != "none" else [sides["long"] + sides["short"]]
        weights = {symbol: weight for group in groups for symbol, weight in self._weights(group, percent)}
        for side, symbols in sides.items():
            if symbols:
                word = "versus" if side == "short" and both and self.chance(0.3) else side
                words[word] = {symbol: weights[symbol] for symbol in symbols} if weighting == "given" else symbols
        tiers = {s: random.choice(("special", "special", "none")) for s in sides["short"] if self.chance(0.4)}
        if tiers:
            words["borrow"] = tiers
        return chosen

    def _weights(self, symbols: list[str], percent: bool) -> list[tuple[str, str]]:
        """Return parts, or percentages that sum to 100."""
        if not percent:
            return [(symbol, f"{self.random.uniform(0.4, 3):.2f}") for symbol in symbols]
        tenths = [round(1000 / len(symbols)) for _ in symbols]
        tenths[0] += self.random.randrange(1, 100)
        tenths[-1] = 1000 - sum(tenths[:-1])
        return [(symbol, f"{one / 10}%") for symbol, one in zip(symbols, tenths, strict=True)]

    def _hedge(self, words: dict[str, Any], chosen: list[Listing]) -> None:
        """Hedge at times, in a fund that is not a leg itself."""
        via = [one.symbol for one in self.tradable if one.cls == "etf" and one not in chosen]
        if via and self.chance(0.65) and all(one.cls != "crypto" for one in chosen):
            words["hedge"] = {"beta to": "^QIX", "via": self.random.choice(via)}

    # When

    def _events(self, words: dict[str, Any], published: datetime) -> None:
        """Declare a few events, and at times a claim that is trusted more than the fact."""
        random = self.random

        def later(least: float, most: float) -> str:
            """Return an instant or a bare date some days after publication."""
            at = published + timedelta(days=random.uniform(least, most))
            return at.date().isoformat() if self.chance(0.5) else stamp(at)

        known = stamp(published - timedelta(days=20))
        words["events"] = {
            "start": {"at": later(1.2, 4), "known": known},
            "opens": {"at": later(5, 40), "known": known},
            "report": {"at": later(5, 40), "known": known},
        }
        if self.chance(0.3):
            # Announced when the position may be open already.
            announced = stamp(published + timedelta(days=random.uniform(2.5, 4)))
            words["events"]["report"] = {"at": later(14, 40), "known": announced}
        if self.chance(0.3):
            words["claims"] = {"opens": later(5, 40)}
            words["trust"] = random.choice(("claim", "fact"))

    def _enter(self) -> dict[str, str]:
        random = self.random
        enter = {"at": random.choice(("open", "open", "close")), "within": str(random.choice((1, 3, 5, 9, 15)))}
        if self.chance(0.4):
            enter["lag"] = str(random.randint(1, 3))
        if self.chance(0.2):
            enter["on"] = "start"
        return enter | {"within": "15"} if self.tight else enter

    def _exit(self) -> dict[str, str]:
        random = self.random
        leave = {}
        if self.chance(0.6):
            leave["hold"] = f"{random.randint(1, 25)} sessions"
        if self.chance(0.25):
            leave["before"] = "opens"
        if self.chance(0.35):
            leave["on"] = "report"
        if self.chance(0.3):
            leave["date"] = (self.story + timedelta(days=random.randint(6, 30))).isoformat()
        for rule, probability, least, most in LEVELS:
            if self.chance(probability):
                leave[rule] = f"{random.uniform(least, most):.2f}%"
        if self.tight:
            leave = {word: when for word, when in leave.items() if word in ("before", "on", "date")}
        return leave or {"hold": "20 sessions"}


def stamp(instant: datetime) -> str:
    """Write an instant to the second."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

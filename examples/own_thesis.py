"""A thesis of one's own, written in Python: read back, run under three presets of costs, varied, audited and saved.

    python examples/own_thesis.py                       on the SIMULATED market
    python examples/own_thesis.py --data bars.parquet   on real daily bars

The source is invented, and so is what it says: take the example's form, not its idea.
"""

from __future__ import annotations

import argparse
import sys

import deepshock as ds

# A thesis rests on something that was published at an instant. The plan can use nothing before it is known:
# here a quarter of an hour after 08:30 in New York, which is before the open.
MEMORY_BEFORE_COMPUTE = ds.Thesis(
    name="memory-before-compute",
    title="Cheap models are run more often, and what runs out is memory",
    source={
        "publisher": "The Lighthouse Letter (invented for this example)",
        "author": "A. Keeper",
        "published": "2025-02-11 08:30 America/New_York",
        "latency": "15m",
        "quote": "every answer has to be remembered while it is being written",
    },
    counter=["Memory is a commodity, and its makers have always built too much of it."],
    long={"MU": 2, "MRVL": {"weight": 1, "proxy": True}},  # the letter names Micron; Marvell is our own choice
    enter="next open",
    exit={"hold": "30 sessions", "stop": "8%", "target": "12%"},  # the first to fire; stop and target are per leg
    hedge={"beta to": "^NDX", "via": "QQQ"},  # beta from the 250 returns before the decision
    benchmark="^NDX",
    wrong_if=["drawdown > 10%", "a maker of memory announces a new factory"],
    costs="institutional",
    capital="1_000_000 USD",
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Run a thesis that is written in Python.")
    parser.add_argument("--data", default="sample", help="sample (SIMULATED, the default), yahoo, or a file of bars")
    data = parser.parse_args().data

    thesis = MEMORY_BEFORE_COMPUTE
    market = ds.market_for([thesis], data)
    note = " (SIMULATED data)" if market.simulated else ""

    print(ds.explain(thesis, market))  # in plain English, with every instant resolved and every default stated

    print(f"\nUnder three presets of costs, {thesis.capital.currency}{note}")
    print(f"  {'preset':<16}{'gross':>10}{'costs':>10}{'interest':>10}{'net':>10}{'return':>10}{'excess':>10}")
    for preset in ("none", "institutional", "retail"):
        result = ds.run(thesis, market, costs=preset)
        made, costs, interest = result.performance, result.ledger.costs_by_name, result.ledger.interest_by_name
        print(
            f"  {preset:<16}{made.gross_pnl:>+10,.0f}{-sum(costs.values()):>+10,.0f}{sum(interest.values()):>+10,.0f}"
            f"{made.net_pnl:>+10,.0f}{made.net_return:>+10.2%}{made.excess_return:>+10.2%}"
        )

    result = ds.run(thesis, market)
    print(f"\nFills in UTC, {result.plan.costs.name}{note}")
    for fill in result.ledger.fills:
        what = f"{fill.side:<5}{abs(fill.shares):>6,.0f} {fill.symbol:<5}at {fill.price:>7.2f}"
        print(f"  {fill.fill_at:%Y-%m-%d %H:%M}  {what}  costs {sum(fill.costs.values()):>7.2f}  {fill.reason}")
    for check in result.checks:
        print(f"  wrong if {check.text}: {check.state}")

    # vary() returns another thesis, checked anew. Each line counts as a trial: none may replace the result above.
    print(f"\nEntered some sessions later{note}")
    for lag in range(6):
        made = ds.run(thesis.vary({"enter.lag": lag}), market).performance
        print(f"  enter.lag {lag}: net {made.net_return:+.2%}, excess {made.excess_return:+.2%}")

    audit = ds.audit(thesis, market)  # scramble all that comes after each decision and fill: the past may not change
    print(f"\nAudit{note}: the future scrambled after {len(audit.cuts)} instants, {len(audit.leaks)} leaks")

    text = thesis.to_yaml()  # the file that `deepshock` reads; reading it gives an equal thesis
    assert ds.Thesis.from_yaml(text) == thesis
    print(f"\nAs a file\n{text}")


if __name__ == "__main__":
    try:
        main()
    except ds.DeepshockError as error:
        sys.exit(str(error))

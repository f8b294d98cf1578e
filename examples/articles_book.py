"""The book of the five articles of 27 January 2025: twelve theses in one account, some of which contradict each other.

    python examples/articles_book.py                       on the SIMULATED market
    python examples/articles_book.py --data bars.parquet   on real daily bars

What is printed comes from the run. The same book from the command line: ``deepshock strategies/book.yaml``.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

import deepshock as ds

BOOK = Path(__file__).resolve().parents[1] / "strategies" / "book.yaml"
LOOKED_AT = "buy-china-before-npc"  # the thesis whose source gives a wrong date


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the book of the articles and show what a reader wants to know.")
    parser.add_argument("--data", default="sample", help="sample (SIMULATED, the default), yahoo, or a file of bars")
    data = parser.parse_args().data

    book = ds.load(BOOK)
    assert isinstance(book, ds.Book)  # load() reads theses and books alike
    market = ds.market_for([book], data)  # only the symbols that the book needs
    result = ds.run(book, market)

    what_it_made(result)
    nav_by_week(result)
    profit_by_thesis(result)
    costs_by_name(result)
    legs_that_came_late(result)

    thesis = next(thesis for thesis, _ in book.members if thesis.name == LOOKED_AT)
    sensitivities_of(thesis, market)
    audit_of(thesis, market)


def section(title: str, simulated: bool) -> None:
    """Print a heading. Figures from simulated prices are called so wherever they stand."""
    print(f"\n{title}{' (SIMULATED data)' if simulated else ''}")


def what_it_made(result: ds.Result) -> None:
    made, plan = result.performance, result.plan
    section(f"{result.name}: {len(plan.members)} theses, {plan.capital:,.0f} {plan.currency}", result.simulated)
    print(f"  net return {made.net_return:+.2%}, over the policy rate {made.excess_return:+.2%}")
    print(f"  maximum drawdown {made.max_drawdown:.2%}")
    print(f"  Sharpe ratio {made.sharpe:+.1f} ± {made.sharpe_se:.1f} from {made.n_obs} observations")


def nav_by_week(result: ds.Result) -> None:
    """Show the NAV on the last valuation row of each week."""
    section(f"NAV in {result.plan.currency} at the end of each week", result.simulated)
    before = result.plan.capital
    for week, nav in result.equity().resample("W-FRI").last().items():
        print(f"  week to {week:%d %b %Y}  {nav:>14,.0f}  {nav / before - 1:>+8.2%}")
        before = nav


def profit_by_thesis(result: ds.Result) -> None:
    """Add up the lines of the ledger by thesis; the sum is the change of NAV."""
    plan, lines = result.plan, result.lines()
    owner = {leg: plan.members[order.group].thesis.name for leg, order in enumerate(plan.orders)}
    owner[-1] = "interest on the cash they share"
    made = lines.groupby(lines["leg"].map(owner))["amount"].sum().sort_values(ascending=False)
    section(f"Net P&L by thesis, {plan.currency}", result.simulated)
    for name, amount in made.items():
        print(f"  {name:<32}{amount:>+12,.0f}")
    print(f"  {'together':<32}{made.sum():>+12,.0f}")


def costs_by_name(result: ds.Result) -> None:
    """Show what was paid, by name: costs are lines of the ledger and never hidden in a price."""
    costs = result.ledger.costs_by_name
    section(f"Costs by name, {result.plan.currency}, {result.plan.costs.name}", result.simulated)
    for name, paid in sorted(costs.items(), key=lambda item: -item[1]):
        print(f"  {name:<32}{paid:>12,.2f}")
    print(f"  {'together':<32}{sum(costs.values()):>12,.2f}")


def legs_that_came_late(result: ds.Result) -> None:
    """Show which legs did not fill at the auction that was due, and why; and which never filled."""
    section("Legs that filled late, in UTC", result.simulated)
    fills = result.fills()
    late = fills[fills["note"] != ""]
    for (thesis, at, reason, note), legs in late.groupby(["thesis", "fill_at", "reason", "note"], sort=False):
        print(f"  {thesis}: {', '.join(legs['symbol'])}")
        print(f"    {reason}, {at:%Y-%m-%d %H:%M}Z: {note}")
    if late.empty:
        print("  none")
    section("Legs that never filled", result.simulated)
    print("\n".join(f"  {leg.thesis}: {leg.symbol} {leg.reason}" for leg in result.ledger.unfilled) or "  none")


def sensitivities_of(thesis: ds.Thesis, market: ds.Market) -> None:
    """Run the thesis by itself, and as it might have been read or written otherwise: each of these is a trial."""
    made = ds.run(thesis, market).performance
    section(f"{thesis.name} by itself, and its sensitivities: net return, last exit", market.simulated)
    print(f"  {'as written':<24}{made.net_return:>+9.2%}  {moment(made.last_exit)}")
    for other in ds.sensitivities(thesis, market):
        print(f"  {other.name:<24}{other.net_return:>+9.2%}  {other.reason or moment(other.last_exit)}")


def moment(at: datetime | None) -> str:
    """Write the instant of an exit; there is none where a position is open at the end of the data."""
    return f"{at:%Y-%m-%d %H:%M}Z" if at else "open at the end"


def audit_of(thesis: ds.Thesis, market: ds.Market) -> None:
    """Run it again with the future scrambled after each decision and fill: the past must not change by a bit."""
    audit = ds.audit(thesis, market)
    section(f"Audit of {thesis.name}", market.simulated)
    print(f"  {len(audit.cuts)} instants after which all prices were scrambled; {len(audit.leaks)} leaks")
    for leak in audit.leaks:
        print(f"  {leak}")


if __name__ == "__main__":
    try:
        main()
    except ds.DeepshockError as error:
        sys.exit(str(error))

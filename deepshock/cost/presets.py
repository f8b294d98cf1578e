"""From a word to a cost set: the presets, with what a thesis or a sweep changes in them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from deepshock.cost.cost_file import CostFile, read_cost_file
from deepshock.cost.costset import CostSet, Financing, Tiers
from deepshock.cost.law_file import built_in_law
from deepshock.cost.law_rows import LawRow
from deepshock.cost.models import Commission, HalfSpread, Impact, Model, Slippage, VenueLaw
from deepshock.cost.settings import PRESETS, Given, Setting, override, preset_settings
from deepshock.cost.venues import Venues
from deepshock.errors import CostError, Fault, suggest

__all__ = ["PRESETS", "CostSet", "Financing", "Tiers", "as_cost_set", "cost_set"]


def cost_set(
    choice: str | Path = "institutional",
    overrides: Mapping[str, object] | None = None,
    *,
    beside: Path | None = None,
) -> CostSet:
    """Return the costs that a thesis asks for.

    Parameters
    ----------
    choice : str or Path
        ``none``, ``institutional``, ``retail``, or the path of a cost file (``.yaml``, ``.yml``).
    overrides : mapping of str to float or str, optional
        Figures by dotted path: ``{"half-spread.bps": 2, "borrow.special": "8%", "interest": "off"}``. They are laid
        over a cost file's own. ``participation`` takes ``0.05``, ``"5%"`` or ``"none"``.
    beside : Path, optional
        Folder against which a relative path is read: that of the thesis. The working folder by default.

    Returns
    -------
    CostSet
        Frozen; equal for equal choices.

    Raises
    ------
    CostError
        An unknown preset, path or value, or a faulty file; all faults at once.

    Examples
    --------
    >>> cost_set("retail", {"half-spread.bps": 2}).name
    'retail with half-spread.bps 2'
    """
    name, source = _source(choice, beside)
    table, faults = override(preset_settings(source.preset, source.venues), source.given)
    if source.law and not table["taxes"].value:
        faults.append(Fault(f"{choice} law", "has no effect while taxes are off", "add taxes: on"))
    table, more = override(table, [Given("costs.", path, value) for path, value in (overrides or {}).items()])
    faults = [*source.faults, *faults, *more]
    if faults:
        raise CostError(faults)
    said = ", ".join(f"{path} {_plain(value)}" for path, value in (overrides or {}).items())
    return _build(f"{name} with {said}" if said else name, table, source.venues, source.law or built_in_law())


def as_cost_set(costs: str | Path | CostSet | None) -> CostSet | None:
    """Return what a caller gives as costs: a preset's name, a cost file, a cost set; None leaves it to the thesis.

    Raises
    ------
    CostError
        As of `cost_set`.
    """
    return costs if costs is None or isinstance(costs, CostSet) else cost_set(costs)


def _source(choice: str | Path, beside: Path | None) -> tuple[str, CostFile]:
    """Return the name of what was chosen, and what it says."""
    word = str(choice)
    if word in PRESETS:
        return word, CostFile(preset=word)
    if word.endswith((".yaml", ".yml")):
        source = read_cost_file((beside or Path()) / word)
        return f"{Path(word).name} ({source.preset})", source
    if word.endswith(".csv"):
        remedy = f"write a .yaml cost file with the line law: {word}"
        return word, CostFile(faults=(Fault("costs", f"{word!r} is a table and no cost file", remedy),))
    known = f"known are {', '.join(PRESETS)}, or the path of a .yaml file"
    remedy = f"{suggest(word, PRESETS)} {known}".strip()
    return word, CostFile(faults=(Fault("costs", f"no preset is called {word!r}", remedy),))


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _build(name: str, table: Mapping[str, Setting], venues: Sequence[Venues], law: tuple[LawRow, ...]) -> CostSet:
    def figure(path: str) -> float:
        setting = table.get(path)
        return (setting.value or 0.0) if setting else 0.0

    def commission(market: Venues) -> Commission:
        bps, per_share, least = (figure(f"commission.{market.name}.{unit}") for unit in ("bps", "per-share", "minimum"))
        return Commission(market, bps, per_share, least)

    commissions = [commission(market) for market in venues]
    floors = figure("half-spread.ticks"), figure("half-spread.sigma")
    spreads = [HalfSpread(market, figure(f"half-spread.{market.name}.bps"), *floors) for market in venues]
    # A market that pays nothing stays in while another pays: then a market without figures is an error, not free.
    models: list[Model] = [*commissions] if any(one.bps or one.per_share or one.minimum for one in commissions) else []
    models += spreads if any(floors) or any(one.bps for one in spreads) else []
    models += [Slippage(figure("slippage.bps"))] if figure("slippage.bps") else []
    models += [Impact(figure("impact.y"))] if figure("impact.y") else []
    models += [VenueLaw(law)] if figure("taxes") else []
    return CostSet(
        name,
        tuple(models),
        Tiers((("general", figure("borrow.general")), ("special", figure("borrow.special")))),
        figure("conversion.bps"),
        _financing(table),
        _participation(table),
    )


def _participation(table: Mapping[str, Setting]) -> float:
    part = table["participation"].value
    return math.inf if part is None else part


def _financing(table: Mapping[str, Setting]) -> Financing:
    if not table["interest"].value:
        return Financing()
    floor = table["financing.credit-floor"].value
    return Financing(
        on=True,
        credit_spread=table["financing.credit"].value or 0.0,
        credit_floor=-math.inf if floor is None else floor,
        debit_spread=table["financing.debit"].value or 0.0,
        rebate_spread=table["financing.rebate"].value,
    )

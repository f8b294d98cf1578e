"""What it costs: models, the rows that they become for the kernel, and dated, sourced schedules.

`cost_set` turns a word (``institutional``) or a file into a `CostSet`; its `terms` are rows for the kernel. Taxes and
fees come from dated law, interest from dated policy rates; all other figures are assumptions and are reported as such.
"""

from deepshock.cost.describe import describe, list_settings
from deepshock.cost.law import LawRow, built_in_law, law, law_classes, rows_over
from deepshock.cost.models import Commission, HalfSpread, Impact, Model, Slippage, VenueLaw
from deepshock.cost.presets import PRESETS, CostSet, Financing, Tiers, as_cost_set, cost_set
from deepshock.cost.rates import DAY_COUNT, accrued, day_count, first_known, policy_rates
from deepshock.cost.settings import Setting
from deepshock.cost.settlement import settle_lag
from deepshock.cost.terms import Inputs, TermRow
from deepshock.cost.venues import Venues, law_venue

__all__ = [
    "DAY_COUNT",
    "PRESETS",
    "Commission",
    "CostSet",
    "Financing",
    "HalfSpread",
    "Impact",
    "Inputs",
    "LawRow",
    "Model",
    "Setting",
    "Slippage",
    "TermRow",
    "Tiers",
    "VenueLaw",
    "Venues",
    "accrued",
    "as_cost_set",
    "built_in_law",
    "cost_set",
    "day_count",
    "describe",
    "first_known",
    "law",
    "law_classes",
    "law_venue",
    "list_settings",
    "policy_rates",
    "rows_over",
    "settle_lag",
]

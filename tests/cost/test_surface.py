"""What the layer offers, what it may not load, and that its facts have sources."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys
from datetime import date

import pytest

import deepshock.cost as cost
from deepshock.cost import built_in_law
from deepshock.cost.schedules import read
from deepshock.cost.settings import PRESETS, preset_settings


def test_the_public_names():
    assert sorted(cost.__all__) == [
        "Commission", "CostSet", "DAY_COUNT", "Financing", "HalfSpread", "Impact", "Inputs", "LawRow", "Model",
        "PRESETS", "Setting", "Slippage", "TermRow", "Tiers", "VenueLaw", "Venues", "accrued", "as_cost_set",
        "built_in_law", "cost_set", "day_count", "describe", "first_known", "law", "law_classes", "law_venue",
        "list_settings", "policy_rates", "rows_over", "settle_lag",
    ]  # fmt: skip
    assert all(hasattr(cost, name) for name in cost.__all__)


def test_it_loads_nothing_heavy():
    heavy = "{'pandas', 'numba', 'scipy', 'pyarrow'}"
    code = f"import sys, deepshock.cost as c; c.cost_set('retail'); print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


MODULES = [found.name for found in pkgutil.iter_modules(cost.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_are_true(name):
    assert doctest.testmod(importlib.import_module(f"deepshock.cost.{name}")).failed == 0


@pytest.mark.parametrize("name", ["law.csv", "settlement.csv", "policy_rates.csv"])
def test_every_fact_has_a_date_a_source_and_a_confidence(name):
    for row in read(name):
        date.fromisoformat(row["from"])
        assert row["source"], row
        assert row["confidence"] in ("high", "medium", "low"), row


def test_every_row_of_law_can_be_said_aloud():
    for row in built_in_law():
        said = row.describe()
        assert row.item in said
        assert row.source in said
        assert ("nothing" in said) == (row.rate == 0)


def test_every_preset_has_every_figure():
    for preset in PRESETS:
        assert [one.path for one in preset_settings(preset).values()] == [row["path"] for row in read("presets.csv")]

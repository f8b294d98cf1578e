"""Documents are true: examples in docstrings run, and so does what README shows."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import deepshock

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
SWEEPS = (ROOT / "docs" / "sweeps.md").read_text("utf-8")
MODULES = [
    module.name
    for module in pkgutil.walk_packages(deepshock.__path__, "deepshock.")
    if module.name not in ("deepshock.market.yahoo", "deepshock.strategies")
]


@pytest.mark.parametrize("name", ["deepshock", *MODULES])
def test_the_examples_in_docstrings_run(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert found.failed == 0


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_readmes_thesis_loads_and_says_what_readme_says() -> None:
    (text,) = blocks("yaml")
    thesis = deepshock.Thesis.from_yaml(text)
    assert thesis.known().isoformat() == "2025-01-28T00:00:00+00:00"
    result = deepshock.run(thesis, deepshock.market_for(thesis))
    legs = [order for order in result.plan.orders if order.due is not None and order.exit is not None]
    assert {order.due.at.isoformat() for order in legs if order.due} == {"2025-01-28T01:30:00+00:00"}
    assert {order.exit.at.isoformat() for order in legs if order.exit} == {"2025-03-04T08:00:00+00:00"}


def test_readmes_python_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (text,) = blocks("python")
    names: dict[str, object] = {}
    exec(compile(text, "README.md", "exec"), names)
    assert "BUY-CHINA-BEFORE-NPC" in capsys.readouterr().out
    assert isinstance(names["result"], deepshock.result.Result)


def test_the_first_sweep_of_its_page_runs_and_has_the_variants_that_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    exec(compile(blocks("python", SWEEPS)[0], "docs/sweeps.md", "exec"), names)
    made = names["made"]
    assert f"a row for each of the {len(made.frame)} variants" in SWEEPS
    assert made.replay((0, 20, "none")).performance.net_return == made.frame["net_return"][0, 20, "none"]
    unknown = [name for name in made.frame if not name.startswith("cost: ") and f"`{name}`" not in SWEEPS]
    assert unknown == []


def test_the_options_that_are_shown_are_in_the_help() -> None:
    shown = [*blocks("bash")[2:], *blocks("bash", SWEEPS)]
    commands = [line for block in shown for line in block.splitlines() if re.match("python -m deepshock|--", line)]
    used = set(re.findall(r"(--[a-z-]+)", " ".join(commands)))
    known = ""
    for command in ("run", "capacity", "sweep", "check", "explain", "law", "schema"):
        ran = subprocess.run(
            [sys.executable, "-m", "deepshock.backtest", command, "--help"], capture_output=True, text=True, check=True
        )
        known += ran.stdout
    assert used
    assert used <= set(re.findall(r"(--[a-z-]+)", known))


def test_every_key_of_the_json_document_is_described() -> None:
    page = (ROOT / "docs" / "json.md").read_text("utf-8")
    thesis = deepshock.load(ROOT / "strategies" / "short-ai-chips.yaml")
    (result,) = deepshock.compare([thesis], deepshock.market_for(thesis))
    document = result.document()
    keys = [*document, *(key for name in ("fills", "legs", "sensitivities") for key in document[name][0])]
    assert [key for key in keys if f"`{key}`" not in page] == []


def test_readmes_first_two_commands_are_what_ci_runs() -> None:
    head = README.split("\n## ")[0]
    assert [block.strip() for block in re.findall(r"```bash\n(.*?)```", head, re.DOTALL)] == [
        "python -m pip install . && python -m deepshock.backtest",
        "python -m pip install -e '.[dev]' && python -m pytest",
    ]

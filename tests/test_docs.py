"""Documents are true: examples in docstrings run, and so does what README shows."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from terminal import call

import deepshock
from deepshock.inference.dossier import dossier
from deepshock.market.sample import SampleProvider

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
SWEEPS = (ROOT / "docs" / "sweeps.md").read_text("utf-8")
EVIDENCE = (ROOT / "docs" / "evidence.md").read_text("utf-8")
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


def test_the_evidence_of_its_page_is_what_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (text,) = blocks("python", EVIDENCE)
    names: dict[str, Any] = {}
    exec(compile(text, "docs/evidence.md", "exec"), names)
    found = names["found"]
    assert f"found.verdict.word  # {found.verdict.word!r}" in text
    assert found.in_time.p_min > 0.05  # "no p-value under 5 % can be had"
    assert len(found.studies[1].outcomes) == 12  # "all twelve tests"
    for line in text.split("found = ")[1].splitlines()[1:]:
        if line:
            eval(line.partition("  #")[0], names)


def test_the_commands_of_the_evidence_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my_theses").mkdir()
    named = {
        "thesis": "cheap-ai-disinflation",
        "my_theses/one": "hard-assets",
        "my_theses/two": "concentration-unwinds",
    }
    for name, thesis in {**named, "deepseek": "deepseek", "my_theses/deepseek": "deepseek"}.items():
        shutil.copy(ROOT / "strategies" / f"{thesis}.yaml", f"{name}.yaml")
    SampleProvider().bars(None, None, None).frame.to_parquet("bars.parquet")
    (text,) = blocks("bash", EVIDENCE)
    for line in text.splitlines():
        ran = call(*shlex.split(line.removeprefix("python -m deepshock.backtest ")))
        assert (ran.status, ran.err) == (0, "")
        assert "Verdict" in ran.out
    assert Path("out.html").exists()


def test_the_options_that_are_shown_are_in_the_help() -> None:
    shown = [*blocks("bash")[2:], *blocks("bash", SWEEPS), *blocks("bash", EVIDENCE)]
    commands = [line for block in shown for line in block.splitlines() if re.match("python -m deepshock|--", line)]
    used = set(re.findall(r"(--[a-z-]+)", " ".join(commands)))
    known = ""
    for command in ("run", "capacity", "sweep", "check", "explain", "law", "schema", "tries"):
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


def test_every_key_of_evidence_is_described() -> None:
    """Of a thesis with a naive rule and figures, and of one that opposes it and did not trade."""
    page = (ROOT / "docs" / "json.md").read_text("utf-8")
    thesis = deepshock.load(ROOT / "strategies" / "buy-china-before-npc.yaml")
    against = thesis.vary({"thesis": "against", "short": {"0700.HK": 1}, "long": None, "rival": None})
    late = {"publisher": "me", "published": "2026-01-01T00:00Z"}
    idle = thesis.vary({"thesis": "idle", "source": late, "news": None, "exit": {"hold": 5}})
    items = [thesis, against, idle]
    market = deepshock.market_for(items)
    results = deepshock.compare(items, market, alternatives=False, registry=False)
    found = dossier(items, results, market, baskets=5, registry=False)
    document = found.document(deepshock.result.document_of(results, market, version="0", command="c"))
    free = ("refused", "reasons")  # whose keys are words
    keys = {key for one in document["theses"] for key in _keys(one["evidence"], free)}
    keys |= {"across", "evidence"}.union(
        *(_keys(document[name], free) for name in ("across", "contradictions", "figures"))
    )
    assert {"holm", "shared", "later", "less_rival", "5%"} <= keys
    assert sorted(key for key in keys if f"`{key}`" not in page) == []


def _keys(value: Any, free: tuple[str, ...]) -> set[str]:
    """Return every key within a document, but for those below some."""
    if isinstance(value, list):
        return set().union(*(_keys(one, free) for one in value))
    if not isinstance(value, dict):
        return set()
    return set(value).union(*(_keys(inner, free) for name, inner in value.items() if name not in free))


def test_readmes_results_are_what_its_command_makes() -> None:
    import verdicts

    shown = README.partition(verdicts.BEGIN)[2].partition(verdicts.END)[0].strip()
    assert verdicts.COMMAND in shown
    assert "SIMULATED" in shown
    assert verdicts.table(deepshock.load_many(ROOT / "strategies")) == shown


def test_a_page_without_a_place_for_the_table_is_refused() -> None:
    import verdicts

    page = f"a\n{verdicts.BEGIN}\nold\n{verdicts.END}\nb"
    assert verdicts.written(page, "new") == f"a\n{verdicts.BEGIN}\nnew\n{verdicts.END}\nb"
    for odd in ("", verdicts.BEGIN, f"{verdicts.END}{verdicts.BEGIN}", f"{page}{page}"):
        with pytest.raises(deepshock.UsageError):
            verdicts.written(odd, "new")


def test_readmes_first_two_commands_are_what_ci_runs() -> None:
    head = README.split("\n## ")[0]
    assert [block.strip() for block in re.findall(r"```bash\n(.*?)```", head, re.DOTALL)] == [
        "python -m pip install . && python -m deepshock.backtest",
        "python -m pip install -e '.[dev]' && python -m pytest",
    ]

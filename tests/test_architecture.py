"""What may import what, which names are public, and that importing deepshock costs nothing."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest

import deepshock

ROOT = Path(deepshock.__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {contract["name"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}

FLOW = "one-way flow"
KERNEL = "the kernel knows numpy and numba only"
THESIS = "a thesis is read without numbers machinery"

# Contract, file, what is written at its end. Each is the kind of slip that a hurried change makes.
BREAKAGES = [
    (FLOW, "stats/performance.py", "from deepshock.pipeline import run"),
    (FLOW, "plan/build.py", "def late() -> None:\n    from deepshock.engine import simulate"),
    (
        FLOW,
        "cost/law.py",
        "if TYPE_CHECKING:\n    from deepshock.market import Market",
    ),
    (FLOW, "market/panel.py", "from deepshock import thesis"),
    (FLOW, "thesis/model.py", "import deepshock.market.instruments"),
    (FLOW, "bridge/vectorbt.py", "from deepshock.experiment import compare"),
    (FLOW, "arrays.py", "from deepshock.errors import Fault"),
    (FLOW, "stats/caveats.py", "from deepshock import run"),
    (FLOW, "handy.py", "import math"),
    ("nobody imports the command line", "__init__.py", "from deepshock.backtest import main"),
    (KERNEL, "engine/kernel/__init__.py", "import pandas"),
    (KERNEL, "engine/kernel/rows.py", "from rich import print"),
    (KERNEL, "engine/kernel/cash.py", "from deepshock.errors import DeepshockError"),
    (KERNEL, "engine/kernel/fills.py", "from deepshock.engine.ledger import Ledger"),
    ("exchange_calendars has one importer", "market/panel.py", "from exchange_calendars import get_calendar"),
    ("currency_converter has one importer", "cost/rates.py", "def f() -> None:\n    import currency_converter"),
    ("yfinance has one importer", "market/yahoo_bars.py", "import yfinance.utils as yu"),
    ("vectorbt has one importer", "bridge/__init__.py", "import vectorbt"),
    ("Dask has one importer", "experiment/sweep.py", "def f() -> None:\n    from distributed import Client"),
    (THESIS, "thesis/number.py", "import numpy as np"),
    (THESIS, "thesis/dump.py", "from deepshock.cost import cost_set"),
    (THESIS, "errors.py", "import pandas"),
]


NAMED = {"CurrencyConverter": "currency_converter", "pyyaml": "yaml"}
# Packages whose names stand in the interface of one that is declared, and that it requires: exceptions, safe text.
THROUGH = {"curl_cffi": "yfinance", "markupsafe": "jinja2", "pydantic_core": "pydantic"}


def packages(*groups: list[str]) -> set[str]:
    """Return the names by which dependencies are imported."""
    names = {re.split(r"[<>=!~\[; ]", dependency)[0] for group in groups for dependency in group}
    return {NAMED.get(name, name) for name in names}


def imported(file: Path) -> set[str]:
    """Return the top-level names of everything that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def lint(folder: Path) -> tuple[int, str]:
    """Lint the package in a folder by the contracts there; return the exit status and what was said."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=60)
    return ran.returncode, ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a copy of the package and of the contracts."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", folder)
    ignored = shutil.ignore_patterns("__pycache__", "assets", "strategies")
    shutil.copytree(ROOT / "deepshock", folder / "deepshock", ignore=ignored)
    return folder


@contextmanager
def planted(file: Path, text: str) -> Iterator[int]:
    """Write something at the end of a file for a while; yield the line of its last line."""
    before = file.read_text(encoding="utf-8") if file.exists() else None
    with file.open("a", encoding="utf-8") as stream:
        stream.write(f"{text}\n")
    try:
        yield (before or "").count("\n") + text.count("\n") + 1
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_text(before, encoding="utf-8")


def test_the_contracts_are_kept() -> None:
    status, said = lint(ROOT)
    assert status == 0, said
    assert all(f"{name} KEPT" in said for name in CONTRACTS)


@pytest.mark.parametrize(("contract", "file", "text"), BREAKAGES, ids=lambda part: part.split("\n")[-1].strip())
def test_a_broken_contract_is_caught(copy: Path, contract: str, file: str, text: str) -> None:
    target = copy / "deepshock" / file
    existed = target.exists()
    with planted(target, text) as line:
        status, said = lint(copy)
    assert status == 1, said
    assert f"{contract} BROKEN" in said
    module = re.sub(r"(/__init__)?\.py$|^__init__\.py$", "", file).replace("/", ".")
    importer = f"deepshock.{module}".rstrip(".")
    assert re.search(rf"[- ] +{re.escape(importer)} -> \S+ \(l\.{line}\)" if existed else rf"- {importer}\b", said), (
        said
    )


def test_every_contract_was_broken_once() -> None:
    assert {contract for contract, _, _ in BREAKAGES} == set(CONTRACTS)


@pytest.mark.parametrize(
    ("contract", "allowed"), [(KERNEL, {"numpy", "numba", "platformdirs"}), (THESIS, {"pydantic", "yaml"})]
)
def test_a_new_dependency_is_forbidden_until_it_is_allowed(contract: str, allowed: set[str]) -> None:
    used = packages(PROJECT["project"]["dependencies"], PROJECT["project"]["optional-dependencies"]["yahoo"])
    assert used - allowed <= set(CONTRACTS[contract]["forbidden_modules"])


def test_only_declared_dependencies_are_imported() -> None:
    """What another package happens to bring along may be gone with its next version."""
    declared = packages(PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"].values())
    free = {"deepshock", *sys.stdlib_module_names, *(name for name, door in THROUGH.items() if door in declared)}
    extra = {
        str(file.relative_to(ROOT)): found
        for file in sorted((ROOT / "deepshock").rglob("*.py"))
        if (found := imported(file) - declared - free)
    }
    assert not extra


PUBLIC = {
    "Actions",
    "Book",
    "CostError",
    "CostSet",
    "DeepshockError",
    "Event",
    "EventStudy",
    "Evidence",
    "Hazard",
    "LawError",
    "Lending",
    "Market",
    "MarketError",
    "MissingDependency",
    "PlanError",
    "Registry",
    "Result",
    "Sweep",
    "Thesis",
    "ThesisError",
    "UsageError",
    "attribution",
    "audit",
    "capacity",
    "compare",
    "contradictions",
    "cost_set",
    "event_study",
    "evidence",
    "explain",
    "law",
    "load",
    "load_many",
    "market_for",
    "run",
    "sensitivities",
    "sweep",
    "tries",
}


def test_public_names_are_pinned() -> None:
    assert set(deepshock.__all__) == PUBLIC
    assert len(deepshock.__all__) == len(PUBLIC)
    assert set(dir(deepshock)) == PUBLIC | {"__version__"}
    assert deepshock.__version__ == PROJECT["project"]["version"]


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_name_is_there_and_says_what_it_is(name: str) -> None:
    found = getattr(deepshock, name)
    assert callable(found)
    assert found.__module__.startswith("deepshock.")
    assert found.__doc__
    assert getattr(import_module(found.__module__), found.__name__) is found


@pytest.mark.parametrize("name", ["bactest", "import_module_", "pd"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(AttributeError, match=f"has no attribute '{name}'"):
        getattr(deepshock, name)


def test_importing_deepshock_imports_nothing_heavy() -> None:
    heavy = {
        "exchange_calendars", "numba", "numpy", "pandas", "plotly", "pyarrow", "pydantic", "rich", "typer", "vectorbt",
        "yaml", "yfinance",
    }  # fmt: skip
    code = f"import sys, deepshock; dir(deepshock); print(sorted({heavy!r} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (ran.stdout, ran.stderr) == ("[]\n", "")

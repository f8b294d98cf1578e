"""The tables of docs/benchmarks.md, from the JSON that the benchmarks wrote.

    python benchmarks/to_docs.py

Each of them writes with ``--json benchmarks/results/NAME.json``; this puts what is there into the page, under
"Results", and leaves the rest of the page alone. A test holds the page to the files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from common.machine import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "benchmarks" / "results"
ORDER = (
    "vs_vectorbt", "limit", "scaling", "scale", "import_time", "full", "placebo", "sweep_winners", "placebo_uniformity",
    "event_study_size",
)  # fmt: skip
HEAD = "## Results\n"
CHART = "scaling.svg"


def page(before: str) -> str:
    """Return the page with the tables of what was measured in the place of those that it has."""
    head, found, _ = before.partition(HEAD)
    if not found:
        raise SystemExit(f"error: {PAGE} has no line {HEAD.strip()!r}")
    files = [RESULTS / f"{name}.json" for name in ORDER]
    parts = [section(json.loads(file.read_text("utf-8"))) for file in files if file.exists()]
    return head + HEAD + "\n" + "\n".join(parts or ["Nothing was measured yet.\n"])


def section(document: Mapping[str, Any]) -> str:
    """Return the tables of one benchmark, with where and how they were measured."""
    name, here = document["benchmark"], document["machine"]
    versions = ", ".join(f"{package} {version}" for package, version in document["versions"].items())
    parts = [f"### {name}", f"`{document['command']}`, {document['at'][:10]}"]
    parts += [sheet.markdown() for sheet in import_module(name).sheets(document["results"])]
    if name == "scaling" and (PAGE.parent / CHART).exists():
        parts.append(f"![Time of a variant and peak memory]({CHART})")
    parts.append(f"{here['processor']}, {here['cores']} cores, {here.get('memory_gb', '?')} GB; {versions}")
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(PAGE.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

"""What the benchmarks share: bars, workloads, the limit, clocks, processes of their own, tables and JSON."""

import os

# Runs of benchmarks are no tries of a thesis; the processes that they start inherit it.
os.environ.setdefault("DEEPSHOCK_REGISTRY", "off")

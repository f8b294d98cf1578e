"""What the benchmarks share: bars, workloads, the limit, clocks, processes of their own, tables and JSON."""

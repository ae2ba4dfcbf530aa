"""How fast chainsim is, as ratios to a plain loop timed in the same run. Method and figures: docs/benchmarks.md."""

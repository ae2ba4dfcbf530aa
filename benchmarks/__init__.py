"""How fast chainsim is, as ratios to a plain loop timed in the same run; ``python -m benchmarks`` measures. See docs/benchmarks.md."""

"""Fifty rules over a table of customer-months: chainsim's, and the same written by hand for DuckDB and for numpy."""

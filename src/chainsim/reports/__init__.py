"""Results as files: Parquet and CSV with a manifest, and a workbook."""

from chainsim.reports.export import write_results
from chainsim.reports.workbook import write_workbook

__all__ = ["write_results", "write_workbook"]

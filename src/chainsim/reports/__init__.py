"""Results as files: Parquet and CSV with a manifest, and a workbook."""

from chainsim.reports.export import refuse_foreign_folder, write_results, write_table
from chainsim.reports.input_workbook import input_workbook_bytes
from chainsim.reports.whole import whole_file
from chainsim.reports.workbook import workbook_bytes, write_workbook

__all__ = [
    "write_results",
    "write_table",
    "write_workbook",
    "workbook_bytes",
    "input_workbook_bytes",
    "refuse_foreign_folder",
    "whole_file",
]

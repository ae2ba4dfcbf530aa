"""Results as files: Parquet and CSV with a manifest.

Here stands what every run needs. Workbooks (``workbook``, ``input_workbook``), the page for the chief (``report``) and papers are
asked of their own modules, which load charts and more.
"""

from chainsim.reports.export import refuse_foreign_folder, remove_results, write_results, write_table
from chainsim.reports.whole import whole_file

__all__ = [
    "write_results",
    "write_table",
    "refuse_foreign_folder",
    "remove_results",
    "whole_file",
]

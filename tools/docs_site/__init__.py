"""The documentation site: how Sphinx is set up, and the pages' parts that are made from the code."""

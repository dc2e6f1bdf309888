"""Findings mended: edits applied, comments that silence added, files replaced whole."""

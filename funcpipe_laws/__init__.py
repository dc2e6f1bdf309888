"""Law suites for async streams."""

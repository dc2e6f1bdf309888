"""The pytest plugin: `pytest --laws`."""

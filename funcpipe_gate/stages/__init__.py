"""One module for each stage: what it runs, and how what it says becomes findings."""

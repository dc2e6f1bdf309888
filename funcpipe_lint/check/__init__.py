"""One file's content to its findings; then fixes, runs over many files, and baselines."""

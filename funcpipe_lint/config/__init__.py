"""The configuration: its keys, the settings of each file, and the files that it names."""

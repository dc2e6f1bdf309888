"""One rule a file, named by its code; `model/table.py` lists them without importing one."""

"""Jupyter notebooks: their Python as one text, and places and fixes back into their cells."""

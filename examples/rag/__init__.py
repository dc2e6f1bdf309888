"""Retrieval-augmented generation's first half: documents into a searchable index, as streams."""

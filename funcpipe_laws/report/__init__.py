"""Verdicts, written for people and for machines; one module a format."""

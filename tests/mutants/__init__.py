"""Mistakes that the tests must notice: each mutant is one, and the tests that are to fail on it."""

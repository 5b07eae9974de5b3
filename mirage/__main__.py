"""Runs `python -m mirage`."""

from mirage.cli import main

main()

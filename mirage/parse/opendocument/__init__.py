"""Parses OpenDocument texts and presentations; spreadsheets are next to those of Excel."""

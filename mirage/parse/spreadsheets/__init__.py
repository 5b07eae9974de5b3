"""Parses spreadsheets: one section per sheet, or per some 200 rows of a long one."""

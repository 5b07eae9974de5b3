"""Finds the characters of scripts that are written from right to left."""

import re

# Hebrew, Arabic, Syriac, Thaana and N'Ko, then the presentation forms of Hebrew and Arabic.
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")

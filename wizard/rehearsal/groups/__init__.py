"""The scenarios of the rehearsal as data, one file for each group of the menu."""

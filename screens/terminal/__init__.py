"""How little is sent: the driver, the cell diff and the filters between Textual and the terminal.

The byte budgets are held here.
"""

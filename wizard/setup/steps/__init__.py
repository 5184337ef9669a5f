"""One module a step: what it asks, judges, checks, offers and allows.

The same stem names the screen, the help page and the tests of the step.
"""

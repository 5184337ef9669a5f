"""What every screen has: the frame, the step and form screens, dialogs and shutdown.

A step's own file lies beside this package.
"""

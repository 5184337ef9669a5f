"""How does it take effect? The restart command, the comparison of all places, the self-test and monitoring.

Every remedy that restarts something takes the command from here.
"""

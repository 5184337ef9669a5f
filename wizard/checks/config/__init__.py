"""Are GlitchTip's files right? EMAIL_URL, the environment rows, compose and git.

``run.check`` reads files and changes nothing.
"""

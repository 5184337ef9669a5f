"""How do I ask? The command line: options in, exit code out.

It starts the line prompts or the screens by a late import, so that ``--help`` and ``check`` never load textual.
"""

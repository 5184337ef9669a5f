"""Is the DNS right? One file a record or verdict, each judged as receivers and Postal judge it.

``run.check`` runs them all side by side.
"""

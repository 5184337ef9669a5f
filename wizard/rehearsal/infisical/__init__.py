"""The pretend Infisical: the routes that the wizard uses, as recorded from a genuine server.

Nothing is kept beyond the rehearsal.
"""

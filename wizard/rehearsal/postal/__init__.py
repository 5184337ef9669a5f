"""The pretend Postal: SMTP dialogue, mail sink, HTTP API and certificates, as recorded from a genuine server.

Nothing leaves the machine.
"""

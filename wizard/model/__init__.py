"""What values flow? Draft, session, finding, codes, secret and untrusted text, with their validation.

This package parses and holds; it opens no file and asks no network.
"""

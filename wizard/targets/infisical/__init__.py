"""Infisical as a target: its API of both generations, and writing two secrets that are never half written.

Measured against recorded exchanges of a genuine server; the official SDK was weighed and left (facts in the tests).
"""

"""Does SPF pass? An evaluator of RFC 7208 that says which questions it needs and keeps the tree of terms.

Measured against pyspf 2.0.14 and the suite of RFC 7208.
"""

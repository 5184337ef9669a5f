"""International names in their ASCII form (``xn--``): by the rule of DNS today, and by Python's older one.

Both are here and nowhere else: IDNA 2008 with UTS 46 is what registries and resolvers use; IDNA 2003 is what Python's
``idna`` codec does, and so Django (django/utils/encoding.py, ``punycode``) and ``socket.getaddrinfo``. They differ in
names such as straße.example.
"""

from __future__ import annotations


def idna_2008(name: str) -> str | None:
    """Return *name* in lower case as DNS has it; None where it has no such form."""
    if name.isascii():
        return name.lower()
    import idna  # late: most names are ASCII, and its tables take time to load

    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        return None


def idna_2003(name: str) -> str | None:
    """Return *name* as Python and Django send it; None where they raise UnicodeError."""
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return None

"""Whom a TLS connection to Infisical trusts: the system's store, then certifi, then the CA file of the target.

certifi alone is not what curl, git or Go's CLI trust (infisical.md section 8a): a company's own CA is in the system's
store. SSL_CERT_FILE and SSL_CERT_DIR take the place of that store, as OpenSSL has it.
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from wizard.targets.infisical.errors import ApiError


def context(ca_file: str | None) -> ssl.SSLContext:
    """Return the context; it takes about 30 ms, and reads files. Raises ApiError."""
    import certifi

    named = os.environ.get("SSL_CERT_FILE", "")
    if named and not Path(named).is_file():
        # OpenSSL would pass over it without a word, and then trust nobody.
        raise ApiError("SSL_CERT_FILE of the environment names a file that is not there: correct or unset it.")
    made = ssl.create_default_context()
    made.load_verify_locations(certifi.where())
    if ca_file is not None:
        try:
            made.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError):
            raise ApiError("The CA file of the Infisical target cannot be read: it should be a PEM file.") from None
    return made

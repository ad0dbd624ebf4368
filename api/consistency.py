"""Consistency: a token by which a caller reads what he has just written, wherever his read goes."""

import hashlib
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken

# What no replica has replayed: a token that cannot be read is taken for one of what was written just now.
_NEWEST = 2**63


class Tokens:
    """Makes and reads tokens. They are encrypted: how much was written tells of what is hidden."""

    def __init__(self, secret: str) -> None:
        """Keep the key that the secret gives."""
        self._cipher = Fernet(urlsafe_b64encode(hashlib.sha256(f"consistency {secret}".encode()).digest()))

    def token(self, place: int) -> str:
        """The token of a place of the log."""
        return self._cipher.encrypt(str(place).encode()).decode()

    def place(self, token: str | None) -> int | None:
        """The place of the log up to which a read has to see; None without a token."""
        if token is None:
            return None
        try:
            return int(self._cipher.decrypt(token.encode()))
        except (InvalidToken, ValueError):
            return _NEWEST

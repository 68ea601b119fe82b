"""Password hashing with argon2id, and the rule that a new password must meet."""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from perfflow.kernel.errors import RuleViolation

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 256
_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id hash of ``password``; takes some 50 ms and 64 MiB by design."""
    return _HASHER.hash(password)


def matches(password_hash: str, password: str) -> bool:
    """True when ``password`` belongs to ``password_hash``."""
    try:
        return _HASHER.verify(password_hash, password[:MAXIMUM_LENGTH])
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def decoy_hash() -> str:
    """A hash to check against when the login is unknown, so that both cases cost the same."""
    return hash_password("no account has this password")


def require_strong(password: str, login: str) -> None:
    """Raise when ``password`` is too short, too long or just the login."""
    if not MINIMUM_LENGTH <= len(password) <= MAXIMUM_LENGTH:
        raise RuleViolation(
            "web.password_length",
            field="new_password",
            minimum=MINIMUM_LENGTH,
            maximum=MAXIMUM_LENGTH,
            got=len(password),
        )
    if login.casefold() in password.casefold():
        raise RuleViolation("web.password_has_login", field="new_password")

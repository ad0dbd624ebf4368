"""Who is calling: the one way from an Authorization header to a principal, asked anew at each request."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest

from sqlalchemy.orm import Session

from api.access import PUBLIC, Principal
from api.limits import FAILURES
from api.problems import TooMany, Unauthorized, Unavailable
from api.rates import Rate
from api.tokens import BadToken, KeysUnavailable, Tokens
from models.changes import moment
from models.keys import PREFIX
from models.queries.grants import Holder, holder_of_account, holder_of_key
from models.vocabulary import HANDLINGS

log = logging.getLogger("mappa.access")
_MOST_CHARACTERS = 8_192
# How old, to the minute, the note of a key's last use may be.
_MINUTE = 16


@dataclass(frozen=True)
class Caller:
    """Who is calling, and the key whose use is to be noted, if its last note is older than a minute."""

    principal: Principal
    noting: int | None = None


@dataclass(frozen=True)
class Identities:
    """What a service knows callers by: development keys (name of the caller by key), and an identity provider."""

    development_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    tokens: Tokens | None = None
    failures: Rate = field(default_factory=lambda: Rate(FAILURES.most))

    def caller(self, session: Session, authorization: str, address: str) -> Caller:
        """Who calls with this header; refused where it does not say so, and after many refusals without looking long.

        At most one statement. Role, body and clearance come from our own tables, never from what the caller sends.
        """
        scheme, _, given = authorization.strip().partition(" ")
        given = given.strip()
        if scheme.lower() != "bearer" or not given or len(given) > _MOST_CHARACTERS:
            raise self._refused(address, "no bearer token", scheme)
        if (name := self._developer(given)) is not None:
            return Caller(Principal(name, "developer", HANDLINGS[-1]))
        holder, sort = self._holder(session, given, address)
        if holder is None:
            raise self._refused(address, "not known", sort)
        if holder.refused is not None:
            raise self._refused(address, holder.refused, sort, holder.ref)
        known = Principal(holder.name, holder.role, holder.clearance, holder.body, holder.scopes)
        noted = holder.used_at is not None and holder.used_at[:_MINUTE] == moment()[:_MINUTE]
        return Caller(known, None if noted or sort != "key" else holder.id)

    def _developer(self, given: str) -> str | None:
        """The name that goes with a development key."""
        sent, found = given.encode("utf-8", "surrogateescape"), None
        for key, name in self.development_keys.items():
            if compare_digest(key.encode(), sent):
                found = name
        return found

    def _holder(self, session: Session, given: str, address: str) -> tuple[Holder | None, str]:
        """Whose key or token it is, and which of the two."""
        if given.startswith(PREFIX) or self.tokens is None:
            return holder_of_key(session, given), "key"
        try:
            return holder_of_account(session, self.tokens.subject_of(given)), "token"
        except BadToken as error:
            raise self._refused(address, str(error), "token") from error
        except KeysUnavailable as error:
            log.warning("identity provider unavailable")
            raise Unavailable("The identity provider does not answer.") from error

    def _refused(self, address: str, why: str, sort: str, ref: str | None = None) -> Exception:
        """The refusal, recorded without anything of what was sent."""
        log.warning("caller refused", extra={"address": address, "why": why, "sort": sort[:20], "grant": ref})
        wait = self.failures.take(address)
        if wait:
            return TooMany(wait, "keys or tokens that are not accepted")
        return Unauthorized("Who is calling is not known: the key or token is unknown, has ended, or does not hold.")


ANYONE = Caller(PUBLIC)

"""The settings, read from the environment once, at the start."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from api.limits import FAILURES, KNOWN_RATE, PUBLIC_RATE, REPLICA, STATEMENT
from api.tokens import DEFAULT_ALGORITHMS, Provider, check_provider
from models.personal import Rules, check_rules

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
VERSION = "0.6.0"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_MOST_NUMBER = 1_000_000
_KEY = re.compile(r"[A-Za-z0-9._~+/=-]{16,200}")
_PUBLIC_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]{1,200}(/[A-Za-z0-9._~/-]{0,200})?")


class BadSetting(Exception):
    """A setting has a value that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """What the service is told from outside: where its data is, its keys, and who may write.

    `development_keys` names the caller of each key who may do everything, for development alone. The checkpoint of the
    record is written to `checkpoint_file`, signed with the Ed25519 key in `signing_key_file`. `provider` is the
    identity provider by whose word people are known; `rules` are what the operator knows of personal data;
    `failures_a_minute` is how often an address may send a key or token that is not accepted, `requests_a_minute` how
    often a known caller may ask, `public_requests_a_minute` an address without a key (None: as often as it likes).
    `statement_seconds` is how long one question to the database may take. `log_format` is json, text, or chosen where
    it is empty. Reads may go to the replica at `replica_url` while it is at most `replica_seconds` behind. Known
    callers are confined by the second layer of PostgreSQL in any case, the public with `confine_public`.
    `trusted_proxy` is the address of the one proxy whose word on where a request comes from is taken. `public_url` is
    where clients find the service; empty where that is not known.
    """

    database_url: str
    secret_key: str = field(repr=False)
    development_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    checkpoint_file: Path = VAR / "checkpoint.json"
    signing_key_file: Path = VAR / "signing-key.pem"
    provider: Provider | None = None
    rules: Rules = field(default_factory=Rules)
    failures_a_minute: int = FAILURES.most
    requests_a_minute: int | None = None
    public_requests_a_minute: int | None = None
    statement_seconds: int = STATEMENT.most
    log_format: str = ""
    replica_url: str | None = None
    replica_seconds: int = REPLICA.most
    confine_public: bool = False
    trusted_proxy: str | None = None
    public_url: str = ""


def for_owner(name: str, flags: int) -> int:
    """Open a file that only its owner may read."""
    return os.open(name, flags, 0o600)


def _kept_key(path: Path) -> str:
    """The signing key of an embedded installation: made at the first start, kept for its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "x", opener=for_owner) as file:
            file.write(secrets.token_urlsafe(32))
    except FileExistsError:
        pass
    return path.read_text()


def _development_keys(text: str) -> dict[str, str]:
    """The name of the caller for each key of `NAME:KEY,NAME:KEY`."""
    keys: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _, key = pair.partition(":")
        if not _NAME.fullmatch(name) or not _KEY.fullmatch(key):
            raise BadSetting(
                "DEVELOPMENT_KEY must be NAME:KEY, or several of them with commas between; a name has letters, digits, "
                ". _ -, a key at least 16 letters, digits, . _ ~ + / = -"
            )
        if key in keys:
            raise BadSetting(f"DEVELOPMENT_KEY gives '{keys[key]}' and '{name}' the same key")
        keys[key] = name
    return keys


def _listed(text: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(filter(None, (part.strip() for part in text.split(","))))


def _number(environ: Mapping[str, str], name: str, usual: int) -> int:
    """A number of at least 1."""
    given = environ.get(name) or str(usual)
    if not (given.isascii() and given.isdecimal() and 0 < int(given) < _MOST_NUMBER):
        raise BadSetting(f"{name} must be a number from 1 to {_MOST_NUMBER - 1}")
    return int(given)


def _address(environ: Mapping[str, str], name: str) -> str | None:
    """An address, as sockets write it; None where none is given."""
    given = environ.get(name, "").strip()
    try:
        return str(ip_address(given)) if given else None
    except ValueError as error:
        raise BadSetting(f"{name} must be one address, as 10.0.0.7 or fd00::7") from error


def _public_url(environ: Mapping[str, str]) -> str:
    """Where clients find the service, without a slash at its end; empty where none is given."""
    given = environ.get("PUBLIC_URL", "").strip()
    if given and not _PUBLIC_URL.fullmatch(given):
        raise BadSetting("PUBLIC_URL must be as https://HOST or https://HOST/PATH, without a query")
    return given.rstrip("/")


def _provider(environ: Mapping[str, str]) -> Provider | None:
    """The identity provider, if there is one."""
    names = ("OIDC_ISSUER", "OIDC_AUDIENCE", "OIDC_JWKS_URL")
    issuer, audience, jwks_url = (environ.get(name, "") for name in names)
    if not (issuer or audience or jwks_url):
        return None
    if not (issuer and audience and jwks_url):
        raise BadSetting(f"An identity provider needs all of {', '.join(names)}")
    algorithms = _listed(environ.get("OIDC_ALGORITHMS", ""))
    provider = Provider(issuer, audience, jwks_url, algorithms or DEFAULT_ALGORITHMS)
    try:
        check_provider(provider)
    except ValueError as error:
        raise BadSetting(f"The identity provider cannot be used: {error}") from error
    return provider


def _replica(environ: Mapping[str, str], url: str) -> str | None:
    """The replica that reads may go to, if there is one."""
    given = environ.get("DATABASE_REPLICA_URL")
    if not given:
        return None
    if not (given.startswith("postgresql+psycopg://") and url.startswith("postgresql+psycopg://")):
        raise BadSetting("DATABASE_REPLICA_URL is for PostgreSQL: both URLs must begin with postgresql+psycopg://")
    return given


def _log_format(text: str) -> str:
    """In which form the log is written."""
    if text not in {"", "json", "text"}:
        raise BadSetting("LOG_FORMAT must be json or text")
    return text


def _rules(environ: Mapping[str, str]) -> Rules:
    """What the operator knows of personal data."""
    patterns = tuple(filter(None, (line.strip() for line in environ.get("VISOR_PATTERNS", "").splitlines())))
    rules = Rules(_listed(environ.get("PII_EMAIL_DOMAINS", "")), patterns)
    try:
        check_rules(rules)
    except ValueError as error:
        raise BadSetting(f"VISOR_PATTERNS: {error}") from error
    return rules


def settings_from(environ: Mapping[str, str]) -> Settings:
    """The settings that an environment gives.

    `DATABASE_URL`: a SQLAlchemy URL, `sqlite:///FILE` (default: a file under var/) or `postgresql+psycopg://...`.
    `SECRET_KEY`: signs cursors; several servers behind one address need the same. Default: kept under var/.
    `DEVELOPMENT_KEY`: `NAME:KEY` of callers who may do everything, with commas between; for development alone.
    `CHECKPOINT_FILE`, `SIGNING_KEY_FILE`: where the signed checkpoint of the record is written, and the key of its
    signature. Default: under var/; better on another machine's disk.
    `OIDC_ISSUER`, `OIDC_AUDIENCE`, `OIDC_JWKS_URL`, `OIDC_ALGORITHMS`: the identity provider. Default: none.
    `FAILURES_A_MINUTE`: how often an address may send a key or token that is not accepted.
    `REQUESTS_A_MINUTE`, `PUBLIC_REQUESTS_A_MINUTE`: how often a known caller, or an address without a key, may ask.
    `STATEMENT_SECONDS`: how long one question to the database may take. The defaults are in the table of limits.
    `DATABASE_REPLICA_URL`: a streaming replica that reads may go to; `REPLICA_SECONDS`: how far it may be behind.
    `LOG_FORMAT`: `json` or `text`. Default: text on a terminal, JSON elsewhere.
    `TRUSTED_PROXY`: the address of the reverse proxy in front, which says in X-Forwarded-For who is calling.
    `PUBLIC_URL`: where clients find the service, for addresses in files that are read elsewhere. Default: paths alone.
    `CONFINE_PUBLIC`: `yes` lets PostgreSQL's second layer confine the public too, whose reads then take a fifth more.
    `PII_EMAIL_DOMAINS`: domains whose addresses are not personal, with commas between. `VISOR_PATTERNS`: regular
    expressions of ViSOR references, one on each line.
    """
    url = environ.get("DATABASE_URL") or f"sqlite:///{VAR / 'mappa.db'}"
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSetting("DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://")
    try:
        make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadSetting(f"DATABASE_URL cannot be read: {error}") from error
    if url in {"sqlite:///", "sqlite:///:memory:"}:
        raise BadSetting("DATABASE_URL must name a file: what is held in memory alone would be lost")
    return Settings(
        url,
        environ.get("SECRET_KEY") or _kept_key(VAR / "secret-key"),
        _development_keys(environ.get("DEVELOPMENT_KEY", "")),
        Path(environ.get("CHECKPOINT_FILE") or VAR / "checkpoint.json"),
        Path(environ.get("SIGNING_KEY_FILE") or VAR / "signing-key.pem"),
        _provider(environ),
        _rules(environ),
        _number(environ, "FAILURES_A_MINUTE", FAILURES.most),
        _number(environ, "REQUESTS_A_MINUTE", KNOWN_RATE.most),
        _number(environ, "PUBLIC_REQUESTS_A_MINUTE", PUBLIC_RATE.most),
        _number(environ, "STATEMENT_SECONDS", STATEMENT.most),
        _log_format(environ.get("LOG_FORMAT", "")),
        _replica(environ, url),
        _number(environ, "REPLICA_SECONDS", REPLICA.most),
        environ.get("CONFINE_PUBLIC", "").lower() in {"1", "yes", "true", "on"},
        _address(environ, "TRUSTED_PROXY"),
        _public_url(environ),
    )

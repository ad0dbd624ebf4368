"""Behind a reverse proxy: whose failures are counted, over a real server."""

import os

import pytest

from api.settings import BadSetting, settings_from
from bench.load import get
from tests.api.serving import Address, Starts, answer, connected

MOST = {"FAILURES_A_MINUTE": "2"}
UNKNOWN, TOO_MANY = b"HTTP/1.1 401", b"HTTP/1.1 429"


def _fails(address: Address, forwarded: str | None, header: str = "X-Forwarded-For") -> bytes:
    """The first words of the answer to a key that nobody has, from wherever the header says."""
    head, _, _ = get("/api/v1/me").partition(b"\r\n\r\n")
    told = f"\r\n{header}: {forwarded}" if forwarded is not None else ""
    with connected(address) as connection:
        connection.sendall(head + f"{told}\r\nAuthorization: Bearer mtr_nobody-has-this-key\r\n\r\n".encode())
        return answer(connection)[0][: len(UNKNOWN)]


def _asks(address: Address, forwarded: str) -> bytes:
    """The first words of the answer to a question without a key, from wherever the header says."""
    with connected(address) as connection:
        connection.sendall(get("/api/v1")[:-2] + f"X-Forwarded-For: {forwarded}\r\n\r\n".encode())
        return answer(connection)[0][: len(UNKNOWN)]


def test_counts_failures_by_the_address_that_the_proxy_tells(fresh: str, serve: Starts) -> None:
    address = serve(fresh, TRUSTED_PROXY="127.0.0.1", **MOST).address

    one = [_fails(address, "203.0.113.1") for _ in range(3)]
    other = _fails(address, "203.0.113.2")
    over_ipv6 = _fails(address, "2001:db8::7")

    assert one == [UNKNOWN, UNKNOWN, TOO_MANY]
    assert (other, over_ipv6) == (UNKNOWN, UNKNOWN)


def test_believes_what_the_proxy_added_and_not_what_it_was_sent(fresh: str, serve: Starts) -> None:
    address = serve(fresh, TRUSTED_PROXY="127.0.0.1", **MOST).address

    sent = [_fails(address, f"198.51.100.{made_up}, 203.0.113.1") for made_up in range(3)]

    assert sent == [UNKNOWN, UNKNOWN, TOO_MANY]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_ignores_the_header_without_a_proxy(fresh: str, serve: Starts, header: str) -> None:
    address = serve(fresh, **MOST).address

    sent = [_fails(address, f"for=203.0.113.{one}" if header == "Forwarded" else f"203.0.113.{one}", header)
            for one in range(3)]  # fmt: skip

    assert sent == [UNKNOWN, UNKNOWN, TOO_MANY]


def test_ignores_the_header_from_anybody_but_the_proxy(fresh: str, serve: Starts) -> None:
    address = serve(fresh, TRUSTED_PROXY="10.0.0.7", **MOST).address

    sent = [_fails(address, f"203.0.113.{one}") for one in range(3)]

    assert sent == [UNKNOWN, UNKNOWN, TOO_MANY]


def test_counts_what_the_public_asks_by_the_address_that_the_proxy_tells(fresh: str, serve: Starts) -> None:
    address = serve(fresh, TRUSTED_PROXY="127.0.0.1", PUBLIC_REQUESTS_A_MINUTE="1").address

    sent = [_asks(address, f"203.0.113.{one}") for one in (1, 1, 2)]

    assert sent == [b"HTTP/1.1 200", TOO_MANY, b"HTTP/1.1 200"]


def test_logs_the_address_that_the_proxy_tells(fresh: str, serve: Starts) -> None:
    served = serve(fresh, TRUSTED_PROXY="127.0.0.1")

    _fails(served.address, "203.0.113.1")

    assert "203.0.113.1" in served.told()


@pytest.mark.parametrize("given", ["proxy.example", "10.0.0.0/8", "10.0.0.7, 10.0.0.8", "*"])
def test_refuses_what_is_no_address(given: str) -> None:
    with pytest.raises(BadSetting, match="TRUSTED_PROXY"):
        settings_from(dict(os.environ) | {"SECRET_KEY": "test", "TRUSTED_PROXY": given})


def test_trusts_nobody_unless_told(fresh: str) -> None:
    assert settings_from({"DATABASE_URL": fresh, "SECRET_KEY": "test"}).trusted_proxy is None
    assert settings_from({"DATABASE_URL": fresh, "SECRET_KEY": "test", "TRUSTED_PROXY": " "}).trusted_proxy is None

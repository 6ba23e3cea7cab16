"""Where webhooks may go: not to this machine or network, whatever name or spelling leads there."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from vetting.webhooks.addresses import NotAllowed, demand_allowed, look_up, read_address

PRIVATE = [
    "127.0.0.1", "127.8.9.10", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "192.0.2.1", "198.18.0.1",
    "::1", "fc00::1", "fd12:3456::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2001:db8::1",
]  # fmt: skip
NEVER = [
    "169.254.169.254", "169.254.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::", "fe80::1",  # noqa: S104
    "fe80::1%eth0", "ff02::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001::1", "::7f00:1",
]  # fmt: skip
PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"]

Resolve = Callable[..., None]


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """resolve(*addresses): from now on every name stands for these."""

    def stands_for(*addresses: str) -> None:
        def answer(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", answer)

    return stands_for


@pytest.mark.parametrize("address", PRIVATE + NEVER)
def test_nothing_goes_to_an_address_that_is_not_public(address: str) -> None:
    with pytest.raises(NotAllowed, match="address"):
        demand_allowed(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_told(address: str) -> None:
    demand_allowed(ipaddress.ip_address(address))


def test_the_operator_can_allow_private_addresses_but_never_a_clouds_metadata(settings: Settings) -> None:
    settings.WEBHOOKS_PRIVATE = True
    for address in PRIVATE:
        demand_allowed(ipaddress.ip_address(address))
    for address in NEVER:
        with pytest.raises(NotAllowed):
            demand_allowed(ipaddress.ip_address(address))


def test_one_private_address_among_public_ones_is_enough_to_refuse(resolve: Resolve) -> None:
    resolve("93.184.216.34", "10.0.0.1")
    with pytest.raises(NotAllowed, match=r"10\.0\.0\.1"):
        look_up("hooks.example.org", 443)
    resolve("93.184.216.34", "8.8.8.8")
    assert look_up("hooks.example.org", 443) == ["93.184.216.34", "8.8.8.8"]


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1"])
def test_other_spellings_of_this_machine_are_refused_once_they_are_looked_up(host: str) -> None:
    """The resolver of the C library reads them as 127.0.0.1."""
    with pytest.raises(NotAllowed):
        look_up(host, 443)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://hooks.example.org/", "https"),
        ("ftp://hooks.example.org/", "https"),
        ("hooks.example.org", "https"),
        ("https://", "https"),
        ("https://user:secret@hooks.example.org/", "password"),
        ("https://hooks.example.org/#part", "fragment"),
        ("https://hooks.example.org:99999/", "no web address"),
        ("https://hooks.example.org/\r\nHost: other", "spaces"),
        ("https://höoks.example.org/", "xn--"),
        ("https://localhost/", "localhost"),
        ("https://app.internal/", "internal"),
        ("https://127.0.0.1/", "127"),
        ("https://[::1]/", "::1"),
        ("https://169.254.169.254/latest/meta-data/", "169"),
    ],
)
def test_a_slip_in_an_address_is_said_in_words(url: str, says: str) -> None:
    with pytest.raises(NotAllowed, match=says):
        read_address(url)


def test_an_address_is_read_with_port_path_and_query() -> None:
    target = read_address("https://Hooks.example.org:8443/a/b?c=d")
    assert (target.scheme, target.host, target.port, target.path) == ("https", "hooks.example.org", 8443, "/a/b?c=d")
    assert read_address("https://hooks.example.org").path == "/"

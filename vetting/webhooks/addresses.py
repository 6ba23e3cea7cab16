"""Where a message may go: to the public internet over HTTPS, unless the operator allows this network's own addresses.

A name is looked up once and every address it stands for is checked; the connection then goes to a checked address
itself and not to the name, so that a second look-up with another answer (DNS rebinding) has no effect.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

IP = ipaddress.IPv4Address | ipaddress.IPv6Address

# IPv6 ranges that carry an IPv4 address within: what stands behind them cannot be told from the outside.
TUNNELS = tuple(
    ipaddress.IPv6Network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)
SCHEMES = {"https": 443, "http": 80}


class NotAllowed(Exception):  # noqa: N818 - the text is a sentence for the admin
    """No message goes there; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """host: as it stands in the address, for SNI, the certificate and the Host header."""

    scheme: str
    host: str
    port: int
    path: str


def read_address(url: str) -> Target:
    """The address in its parts, without asking DNS. Raises NotAllowed."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NotAllowed("This is no web address.") from error
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise NotAllowed("Write a whole address that begins with https://.")
    if parts.scheme == "http" and not settings.WEBHOOKS_PRIVATE:
        raise NotAllowed("Only https:// addresses are told: over http:// anybody on the way could read along.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise NotAllowed("Leave user name, password and #fragment out of the address.")
    if any(ord(sign) <= 0x20 or ord(sign) == 0x7F for sign in url) or not url.isascii():
        raise NotAllowed("Write the address without spaces, and names with foreign letters as xn--….")
    _refuse_by_name(parts)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(scheme=parts.scheme, host=parts.hostname, port=port or SCHEMES[parts.scheme], path=path)


def _refuse_by_name(parts: SplitResult) -> None:
    """What can be told without asking DNS: so that a slip is said in the form."""
    host = (parts.hostname or "").rstrip(".")
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        if not settings.WEBHOOKS_PRIVATE:
            raise NotAllowed(f"{host} is a name of this machine or network.")
        return
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return
    demand_allowed(address)


def look_up(host: str, port: int) -> list[str]:
    """Every address that the name stands for, in the order to try; all of them checked. Raises NotAllowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise NotAllowed(f"The name {host} is not known.") from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        demand_allowed(ipaddress.ip_address(address))
    if not addresses:
        raise NotAllowed(f"The name {host} stands for no address.")
    return addresses


def demand_allowed(address: IP) -> None:
    """Raises NotAllowed for one that is not of the public internet, unless the operator allows private ones."""
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    real = inner or address
    if _never(real):
        raise NotAllowed(f"{address} is an address that no message goes to.")
    if not _public(real) and not settings.WEBHOOKS_PRIVATE:
        raise NotAllowed(f"{address} is an address of a private network. The operator of this site can allow them.")


def _public(address: IP) -> bool:
    """is_global alone takes IPv6's old site-local range for public."""
    return address.is_global and not (isinstance(address, ipaddress.IPv6Address) and address.is_site_local)


def _never(address: IP) -> bool:
    """Also where private addresses are allowed: no webhook lives there, but a cloud's metadata does."""
    loopback = address.is_loopback
    tunnel = isinstance(address, ipaddress.IPv6Address) and any(address in network for network in TUNNELS)
    return not loopback and (
        address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved or tunnel
    )

"""Chooses the proxy for a request from the environment; requests to this machine use no proxy."""

import os
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.request import getproxies, proxy_bypass

import httpx

from mirage.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and the environment variable that sets it."""

    url: httpx.URL
    variable: str

    def __str__(self) -> str:
        """Return the address without credentials."""
        return f"{self.url.copy_with(userinfo=b'')} ({self.variable})"


def find_proxy(url: httpx.URL) -> Proxy | None:
    """Return the proxy that HTTP_PROXY, HTTPS_PROXY or ALL_PROXY sets for an address.

    Returns None if no variable is set, for this machine, and for hosts in NO_PROXY. Raises
    ConfigError for an unusable proxy.
    """
    if _is_here(url.host) or _is_excepted(url):
        return None
    proxies = getproxies()
    for scheme in (url.scheme, "all"):
        if proxies.get(scheme):
            return _proxy(proxies[scheme], f"{scheme.upper()}_PROXY")
    return None


def _proxy(address: str, variable: str) -> Proxy:
    scheme = address.partition("://")[0].lower() if "://" in address else "http"
    if scheme.startswith("socks"):
        raise ConfigError(
            f"{variable}: SOCKS proxies are not supported; set an HTTP proxy, or list the API's"
            " host in NO_PROXY"
        )
    try:
        url = httpx.URL(address if "://" in address else f"http://{address}")
        usable = bool(url.host)
    except (httpx.InvalidURL, ValueError):
        usable = False
    if scheme not in {"http", "https"} or not usable:
        raise ConfigError(f"{variable} must have the form http://host:port")
    return Proxy(url, variable)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def _is_excepted(url: httpx.URL) -> bool:
    port = f":{url.port}" if url.port else ""
    if proxy_bypass(f"{url.host}{port}"):
        return True
    try:
        address = ip_address(url.host)
    except ValueError:
        return False
    names = os.environ.get("no_proxy", os.environ.get("NO_PROXY", "")).split(",")
    return any(_covers(name.strip(), address) for name in names)


def _covers(name: str, address: object) -> bool:
    """Return whether an address or a network (unknown to `proxy_bypass`) contains the address."""
    try:
        return address in ip_network(name.strip("[]"), strict=False)
    except ValueError:
        return False

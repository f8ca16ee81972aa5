"""Fetching a calendar from an address a host gave. The address is a stranger's: nothing inside our own net may be reached."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable

import aiohttp
from yarl import URL

from backend.appointments.external import LARGEST
from backend.errors import BadInput

SECONDS, REDIRECTS, LONGEST_ADDRESS = 15, 3, 1000
PIECE = 64 * 1024

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class CalendarNotFetched(BadInput):
    code, message = "calendar_not_fetched", "Vi kunne ikke hente kalenderen på den adresse. Se efter, om linket er rigtigt, og om det er offentligt."


class AddressRefused(CalendarNotFetched):
    code, message = "address_refused", "Den adresse kan vi ikke hente fra. Linket skal begynde med https:// eller webcal:// og ligge på internettet."


class _NotPublic(OSError):
    pass


def is_public(address: Address) -> bool:
    """An address on the open internet; also when a v4 address is packed into a v6 one."""
    packed = _packed(address) if isinstance(address, ipaddress.IPv6Address) else []
    return address.is_global and not address.is_multicast and all(is_public(one) for one in packed)


def _packed(address: ipaddress.IPv6Address) -> list[Address]:
    nat64 = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in ipaddress.ip_network("64:ff9b::/96") else None
    found = [address.ipv4_mapped, address.sixtofour, nat64, *(address.teredo or ())]
    return [one for one in found if one is not None]


class CalendarFetcher:
    """`may_reach` decides on the address that is really connected to, so that a name can't be pointed inwards meanwhile."""

    def __init__(self, plain_http: bool, may_reach: Callable[[Address], bool] = is_public) -> None:
        self.schemes = ("https", "http") if plain_http else ("https",)
        self.may_reach = may_reach

    def checked(self, address: str) -> str:
        """The address in the form that is fetched. Raises AddressRefused."""
        address = address.strip()
        if address.lower().startswith(("webcal://", "webcals://")):
            address = "https://" + address.split("://", 1)[1]
        try:
            url = URL(address)
        except ValueError as error:
            raise AddressRefused() from error
        if url.scheme not in self.schemes or not url.host or url.user or url.password or len(address) > LONGEST_ADDRESS:
            raise AddressRefused()
        return str(url)

    async def fetch(self, address: str) -> str:
        """→ the text, at most `LARGEST` bytes, within `SECONDS`. Raises AddressRefused and CalendarNotFetched."""
        connector = aiohttp.TCPConnector(socket_factory=self._socket, use_dns_cache=False, force_close=True)
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session:
                return await self._follow(session, self.checked(address))
        except (aiohttp.ClientError, TimeoutError, asyncio.TimeoutError, OSError, UnicodeDecodeError, ValueError) as error:
            raise CalendarNotFetched() from error

    async def _follow(self, session: aiohttp.ClientSession, address: str) -> str:
        for _ in range(REDIRECTS + 1):
            async with session.get(address, allow_redirects=False, headers={"accept": "text/calendar, */*;q=0.1"}) as answer:
                if answer.status in (301, 302, 303, 307, 308) and "location" in answer.headers:
                    address = self.checked(str(answer.url.join(URL(answer.headers["location"]))))
                    continue
                if answer.status != 200:
                    raise CalendarNotFetched()
                return await _text(answer)
        raise CalendarNotFetched()

    def _socket(self, found: tuple) -> socket.socket:
        family, kind, protocol, _, place = found
        if not self.may_reach(ipaddress.ip_address(place[0].partition("%")[0])):
            raise _NotPublic("not on the open internet")
        return socket.socket(family, kind, protocol)


async def _text(answer: aiohttp.ClientResponse) -> str:
    body = bytearray()
    async for piece in answer.content.iter_chunked(PIECE):
        body += piece
        if len(body) > LARGEST:
            raise CalendarNotFetched()
    return body.decode("utf-8-sig")

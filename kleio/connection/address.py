"""Where a journal lives, as one line of text.

::

    sqlite:///absolute/path.sqlite                      one file on this machine (four slashes mean the same)
    mongodb://[user[:password]@]host[:port],…/NAME[?…]  a server or replica set
    mongodb+srv://[user[:password]@]host/NAME[?…]       the same, hosts from DNS
    memory://NAME                                       this process only; for tests

Passwords never leave :class:`Address`: everything that is printed or raised shows ``printable``.
"""

from __future__ import annotations

import re

from kleio.dataclass import dataclass, field
from kleio.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMES = ("sqlite", "mongodb", "mongodb+srv", "memory")
_HINT = "a journal is sqlite:///absolute/path or mongodb://host/NAME; see `kleio config`"
_SHOWN_OPTIONS = frozenset({"replicaset", "authsource", "tls", "ssl", "readpreference", "directconnection"})
_SECRET = re.compile("password|authmechanismproperties")
_FILES = frozenset({"sqlite", "memory"})
_BEHIND_USER = re.compile("[/?]")
"""What a valid address has behind its user and password only."""
_BEGINNING = re.compile("[:/?@]")
_PATH = re.compile(r"[/.~]")
_NO_PORT = re.compile(r":(?!\d*(?:,|$))(?![^\[]*\])")
"""A colon in a list of hosts that begins no port, and stands in no IPv6 address."""
_PARTING = re.compile("[&;]")
"""What parts options; the second is an old custom, which only the driver knows."""
_NOT_IN_NAMES = r'[\x00-\x20#/\\."$*<>:|?]'


@dataclass(frozen=True)
class Address:
    """One address, taken apart. ``location`` is the path of the file, or the name of the database."""

    scheme: str
    location: str
    uri: str = field(repr=False)
    """As given, password included: for the driver only."""
    printable: str


def printable(address: str) -> str:
    """The address without password and without options that may hold secrets. Never fails."""
    return _shown(address, lambda option: option in _SHOWN_OPTIONS)


def without_password(address: str) -> str:
    """The address as it may be seen: all but the password, and options that hold one. The prototype's had no scheme."""
    return _shown(address, lambda option: not _SECRET.search(option))


def _shown(address: str, is_shown: Callable[[str], bool]) -> str:
    scheme, separator, rest = address.partition("://")
    if not separator:
        scheme, rest = "", address
    credentials, at, place = rest.rpartition("@")
    is_path = not separator and (_PATH.match(rest) or ("/" in credentials and ":" not in credentials))
    if scheme in _FILES or is_path:
        return address
    if _BEHIND_USER.search(credentials) or (not at and _NO_PORT.search(place.partition("/")[0].partition("?")[0])):
        # Part of a password, or of an option? Such an address is refused, and only what is no secret for sure is shown.
        return f"{scheme}{separator}{_BEGINNING.split(rest, maxsplit=1)[0]}…"
    place, question, options = place.partition("?")
    shown = "&".join(part for part in _PARTING.split(options) if is_shown(part.partition("=")[0].lower()))
    return f"{scheme}{separator}{credentials.partition(':')[0]}{at}{place}{question if shown else ''}{shown}"


def as_in_use(address: str, in_use: str) -> str:
    """``in_use`` if both name the same journal and user, and it has the password, which may be another by now; else
    ``address``."""
    if printable(address) != printable(in_use) or in_use == without_password(in_use):
        return address
    return in_use


def parse_address(address: str) -> Address:
    """Take an address apart, or ``SettingsError`` saying what is wrong with it."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        raise SettingsError(f"{printable(address)!r} is not the address of a journal", hint=_HINT)
    if scheme not in SCHEMES:
        raise SettingsError(f"no journal is kept in {scheme!r}; known are {', '.join(SCHEMES[:-1])}", hint=_HINT)
    if scheme == "sqlite":
        location = _file(address, rest)
    elif scheme == "memory":
        location = rest
    else:
        location = _database(address, rest)
    if not location:
        raise SettingsError(f"the address {printable(address)!r} does not name a journal", hint=_HINT)
    return Address(scheme, location, address, printable(address))


def _file(address: str, rest: str) -> str:
    if not rest.startswith("/"):
        raise SettingsError(
            f"the address {address!r} needs an absolute path, with three slashes: sqlite:///home/me/journal.sqlite",
            hint=_HINT,
        )
    if "\0" in rest or rest.endswith("/"):
        raise SettingsError(f"the address {address!r} does not name a file", hint=_HINT)
    return "/" + rest.lstrip("/")


def _database(address: str, rest: str) -> str:
    shown = printable(address)
    credentials, _, place = rest.rpartition("@")
    if any(character in credentials for character in "/?#[]@"):
        raise SettingsError(
            f"user, password or options of {shown!r} contain a character that must be percent-encoded",
            hint="write / as %2F, @ as %40, ? as %3F, # as %23, % as %25",
        )
    if ";" in place.partition("?")[2]:
        raise SettingsError(f"the options of {shown!r} are parted by ;", hint="part them by &")
    hosts, _, name = place.partition("?")[0].partition("/")
    if not hosts:
        raise SettingsError(f"the address {shown!r} does not name a host", hint=_HINT)
    if not name:
        raise SettingsError(f"the address {shown!r} does not name a database: end it with /NAME", hint=_HINT)
    if re.search(_NOT_IN_NAMES, name) or len(name.encode()) > 63:
        raise SettingsError(f"{name!r} cannot be the name of a MongoDB database", hint=_HINT)
    return name

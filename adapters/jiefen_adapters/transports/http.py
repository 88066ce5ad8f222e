"""Systems that are reached over HTTP: one request for each delivery, on httpx.

Nothing follows a redirect, keeps a cookie or asks a proxy of the environment, and nothing is retried here: the engine's
agenda does that, under the same key. What is told of a failure names statuses and times, never what was sent.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import ssl
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from jiefen import Clock, DefinitionError, DeliveryPostponed, DeliveryRefused, MissingExtra, shapes
from jiefen_adapters.cards.format import OPEN_OR_SECRET, SECRET
from jiefen_adapters.transports import Answered, Message, NotReachedError, secret_of

if TYPE_CHECKING:
    import httpx

    from jiefen_adapters.cards.card import Card

Boolean, Entries, Field, Listed = shapes.Boolean, shapes.Entries, shapes.Field, shapes.Listed
Number, Record, Text, Word = shapes.Number, shapes.Record, shapes.Text, shapes.Word

_HEADER: Final = Text(r"[A-Za-z0-9-]{1,60}", "Idempotency-Key", "the name of a header")
_STATUS: Final = Listed(Number(100, 599), alone=True)
_HMAC: Final = Record(
    {
        "secret": Field(SECRET, "the shared secret", needed=True),
        "id": Field(OPEN_OR_SECRET, "who we are over there"),
        "algorithm": Field(Word(("sha256", "sm3")), "sha256 unless said"),
        "digest": Field(Word(("hex", "base64")), "hex unless said"),
        "over": Field(
            Listed(Word(("id", "method", "path", "time", "nonce", "body")), least=1),
            "what is signed, a line each, in this order; body: the digest of the body in hex",
        ),
        "milliseconds": Field(Boolean(), "true: the time in milliseconds, else in seconds"),
        "headers": Field(
            Entries(_HEADER, Text("id|time|nonce|signature", "signature", "id, time, nonce or signature")),
            "the names of the headers: X-App-Id, X-Timestamp, X-Nonce, X-Signature unless said",
        ),
    },
    "a signature",
)
SETTINGS: Final = Record(
    {
        "address": Field(
            OPEN_OR_SECRET, "https://host/path, to which the paths of requests are added", needed=True
        ),
        "auth": Field(
            Record(
                {
                    "bearer": Field(SECRET, "a token"),
                    "basic": Field(
                        Record(
                            {
                                "user": Field(OPEN_OR_SECRET, "who we are", needed=True),
                                "password": Field(SECRET, "the password", needed=True),
                            },
                            "user and password",
                        ),
                        "user and password",
                    ),
                    "hmac": Field(_HMAC, "every request signed"),
                },
                "a way to say who we are",
            ),
            "how the system knows us",
        ),
        "certificate": Field(
            Record(
                {
                    "file": Field(Text(), "our certificate, PEM", needed=True),
                    "key": Field(Text(), "its key, PEM; absent: in the same file"),
                },
                "a certificate of ours",
            ),
            "mutual TLS",
        ),
        "authority": Field(
            Text(), "a file with the certificates that are trusted, PEM; absent: those of the system"
        ),
        "timeout": Field(Number(1, 300), "seconds for the whole of a request; 30 unless said"),
        "key_header": Field(_HEADER, "where the key of a delivery goes: Idempotency-Key unless said"),
        "headers": Field(Entries(OPEN_OR_SECRET, _HEADER), "headers of every request"),
    },
    "the settings of http",
)
REQUEST: Final = Record(
    {
        "method": Field(Word(("POST", "PUT", "PATCH", "DELETE")), "POST unless said"),
        "path": Field(
            Text(r"/\S*", "/events/{eventId}", "a path; {name} is a field of the map"),
            "the path",
            needed=True,
        ),
        "again": Field(_STATUS, "statuses to be tried again, besides 408, 425, 429 and those from 500"),
        "good": Field(_STATUS, "statuses that are no error, besides those from 200 to 299"),
    },
    "a request",
)

_TIMEOUT: Final = 30
_AGAIN: Final = frozenset({408, 425, 429})
#: They do not let us in: a matter of keys and clocks, not of this delivery.
_SHUT_OUT: Final = frozenset({401, 403, 407, 511})
_SERVER_ERROR: Final = 500
_OVER: Final = ("id", "method", "path", "time", "nonce", "body")
_HEADERS: Final = {"id": "X-App-Id", "time": "X-Timestamp", "nonce": "X-Nonce", "signature": "X-Signature"}
#: A clock that is further off is told when they do not let us in.
_SKEW: Final = timedelta(seconds=60)
_LONGEST_PATIENCE: Final = timedelta(days=1)
_BRACES: Final = re.compile(r"\{([^{}]*)\}")


def connect(card: Card, clock: Clock) -> HttpWire:
    """Connect to the system of a card; nothing is sent yet.

    Raises:
        DefinitionError: a secret is not in the environment, the address is none, or a certificate cannot be read.
        MissingExtra: httpx is not installed.
    """
    try:
        import httpx
    except ModuleNotFoundError as error:
        raise MissingExtra.of("a card with the transport http", error, "http") from error
    address = secret_of(card, card.settings["address"])
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        raise DefinitionError(f"{card.name}: the address is no plain https://host/path; correct `address`")
    try:
        transport = httpx.HTTPTransport(
            verify=_context(card),
            retries=0,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
    except OSError as error:  # ssl.SSLError is one
        raise DefinitionError(
            f"{card.name}: a certificate cannot be read ({type(error).__name__}); look at `certificate` and `authority`"
        ) from None
    return HttpWire(card, clock, address.rstrip("/"), transport)


def _context(card: Card) -> ssl.SSLContext:
    authority, own = card.settings.get("authority"), card.settings.get("certificate")
    context = ssl.create_default_context(cafile=str(Path(authority)) if authority else None)
    if own:
        context.load_cert_chain(own["file"], own.get("key"))
    return context


class HttpWire:
    """One system over HTTP.

    Args:
        address: without a slash at its end.
    """

    def __init__(self, card: Card, clock: Clock, address: str, transport: httpx.HTTPTransport) -> None:
        self._card, self._clock, self._address, self._transport = card, clock, address, transport
        self._timeout = int(card.settings.get("timeout", _TIMEOUT))
        self._key_header = card.settings.get("key_header", "Idempotency-Key")
        self._headers = {
            name: secret_of(card, value) for name, value in card.settings.get("headers", {}).items()
        }
        self._auth = _Auth(card, clock)

    def carry(self, message: Message) -> Answered:
        """Send one request, and read its answer to its end.

        Raises:
            DeliveryRefused: they send us elsewhere, or a field of the path is missing.
            DeliveryPostponed: they say when to come again.
            NotReachedError: nobody answered in time, they answer too much, do not let us in, or have an error of
                their own.
        """
        import httpx

        method = str(message.request.get("method", "POST"))
        path = _path(self._card, message)
        url = f"{self._address}{path}"
        headers = {
            "Accept": "application/json, application/xml;q=0.9",
            "Accept-Encoding": "identity",
            "Content-Type": message.content_type,
            "User-Agent": "jiefen",
            **self._headers,
            self._key_header: message.key,
            **self._auth.headers(method, urlsplit(url).path, message.body),
        }
        try:
            request = httpx.Request(
                method, url, headers=headers, content=message.body,
                extensions={"timeout": httpx.Timeout(self._timeout).as_dict()},
            )  # fmt: skip
            ends = time.monotonic() + self._timeout
            response = self._transport.handle_request(request)
            try:
                body = self._body(response, ends)
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise NotReachedError(f"{self._card.name} cannot be reached: {_told(error)}") from None
        return self._answered(message, response, body)

    def _body(self, response: httpx.Response, ends: float) -> bytes:
        """What they answer, as far as it is not too much, or too slow."""
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > self._card.most:
                raise NotReachedError(
                    f"{self._card.name} answered HTTP {response.status_code} with more than {self._card.most} bytes; "
                    "it was not read further"
                )
            if time.monotonic() > ends:
                raise NotReachedError(f"{self._card.name} did not come to an end within {self._timeout} s")
        return b"".join(parts)

    def _answered(self, message: Message, response: httpx.Response, body: bytes) -> Answered:
        status, now = response.status_code, self._clock.now()
        said = f"HTTP {status}"
        good = 200 <= status < 300 or status in _statuses(message.request.get("good"))
        if not good:
            if 300 <= status < 400:
                raise DeliveryRefused(
                    f"{self._card.name} sends us elsewhere ({said}), which is not followed; correct its address"
                )
            until = _retry_after(response.headers.get("Retry-After"), now)
            again = (
                status in _AGAIN
                or status >= _SERVER_ERROR
                or status in _statuses(message.request.get("again"))
            )
            if again and until is not None:
                raise DeliveryPostponed(f"{self._card.name} asks us to come later ({said})", until)
            if again:
                raise NotReachedError(f"{self._card.name} answered {said}")
            if status in _SHUT_OUT:
                skew = _skew(response.headers.get("Date"), now)
                raise NotReachedError(
                    f"{self._card.name} does not let us in ({said}){skew}; look at `auth` of the card"
                )
        content_type = response.headers.get("Content-Type", "")
        return Answered(good=good, status=said, content_type=content_type, body=body)


class _Auth:
    """How a system knows us."""

    def __init__(self, card: Card, clock: Clock) -> None:
        self._clock = clock
        auth = card.settings.get("auth", {})
        if len(auth) > 1:
            raise DefinitionError(f"{card.name}: `auth` has {', '.join(auth)}; keep one of them")
        self._plain: dict[str, str] = {}
        self._hmac: Mapping[str, Any] | None = auth.get("hmac")
        if "bearer" in auth:
            self._plain["Authorization"] = f"Bearer {secret_of(card, auth['bearer'])}"
        if "basic" in auth:
            basic = auth["basic"]
            both = f"{secret_of(card, basic['user'])}:{secret_of(card, basic['password'])}"
            self._plain["Authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
        if self._hmac is not None:
            self._secret = secret_of(card, self._hmac["secret"]).encode()
            self._id = secret_of(card, self._hmac.get("id", ""))
            self._names = {**_HEADERS, **self._hmac.get("headers", {})}
            if self._hmac.get("algorithm") == "sm3" and "sm3" not in hashlib.algorithms_available:
                raise DefinitionError(
                    f"{card.name}: the OpenSSL of this Python has no sm3; take sha256, or another Python"
                )

    def headers(self, method: str, path: str, body: bytes) -> dict[str, str]:
        """The headers of one request."""
        if self._hmac is None:
            return self._plain
        algorithm = self._hmac.get("algorithm", "sha256")
        instant = self._clock.now().timestamp()
        parts = {
            "id": self._id,
            "method": method,
            "path": path,
            "time": str(int(instant * 1000) if self._hmac.get("milliseconds") else int(instant)),
            "nonce": secrets.token_hex(16),
            "body": hashlib.new(algorithm, body).hexdigest(),
        }
        over = self._hmac.get("over", [part for part in _OVER if part != "id" or self._id])
        signed = "\n".join(parts[part] for part in over).encode()
        digest = hmac.new(self._secret, signed, algorithm).digest()
        encoded = base64.b64encode(digest).decode() if self._hmac.get("digest") == "base64" else digest.hex()
        said = {"time": parts["time"], "nonce": parts["nonce"], "signature": encoded}
        if self._id:
            said["id"] = self._id
        return {self._names[name]: value for name, value in said.items()}


def _path(card: Card, message: Message) -> str:
    """The path of a request, its names filled in."""

    def field(found: re.Match[str]) -> str:
        value = message.fields.get(found[1])
        if not value:
            raise DeliveryRefused(
                f"{card.name}: the path of {message.topic} needs {found[1]}, which is missing"
            )
        return quote(value, safe="")

    return _BRACES.sub(field, message.request["path"])


def _statuses(listed: Any) -> frozenset[int]:
    return frozenset(listed if isinstance(listed, list) else () if listed is None else (listed,))


def _told(error: Exception) -> str:
    """What kind of failure it was; the text of a TLS error too, since it quotes nothing but certificates."""
    text = str(error)
    why = re.search(r"certificate verify failed: ([^()]{1,80})", text)
    return f"{type(error).__name__} ({why[1].strip()})" if why else type(error).__name__


def _retry_after(text: str | None, now: datetime) -> datetime | None:
    """When to come again, by the header; a day from now at most."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return now + min(timedelta(seconds=int(text[:9])), _LONGEST_PATIENCE)
    try:
        return min(parsedate_to_datetime(text), now + _LONGEST_PATIENCE)
    except (ValueError, TypeError):
        return None


def _skew(text: str | None, now: datetime) -> str:
    """How far their clock is from ours, where that may be why."""
    try:
        theirs = parsedate_to_datetime(text or "")
        off = theirs - now
    except (ValueError, TypeError):
        return ""
    if abs(off) <= _SKEW:
        return ""
    ahead = "behind" if off > timedelta() else "ahead of"
    return f"; our clock is {abs(off).total_seconds():.0f} s {ahead} theirs"

"""Real servers on this machine: one that takes mail, one that answers web requests."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"
STEPS = ("EHLO", "MAIL", "RCPT", "DATA", "QUIT")


@dataclass
class Mailbox:
    """What a mail server took, and what it answers."""

    port: int = 0
    taken: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    users: list[bytes] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    """Answers to MAIL, RCPT, DATA and QUIT, if others than usual."""
    pauses: dict[str, float] = field(default_factory=dict)
    """Seconds before an answer, by the word that it answers."""

    async def _pause(self, word: str) -> None:
        await asyncio.sleep(self.pauses.get(word, 0))

    async def handle_EHLO(  # noqa: N802
        self,
        _server: SMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        """Greet."""
        await self._pause("EHLO")
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take a sender."""
        await self._pause("MAIL")
        answer = self.answers.get("MAIL", "250 OK")
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take a recipient."""
        await self._pause("RCPT")
        answer = self.answers.get("RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail."""
        await self._pause("DATA")
        answer = self.answers.get("DATA", "250 taken")
        if answer.startswith("250"):
            self.taken.append(envelope)
            self.encrypted.append(session.ssl is not None)
        return answer

    async def handle_QUIT(self, *_: object) -> str:  # noqa: N802
        """Say good-bye."""
        await self._pause("QUIT")
        return self.answers.get("QUIT", "221 Bye")

    def login(self, *asked: Any) -> AuthResult:
        """Let in whoever has the password."""
        told = asked[-1]
        assert isinstance(told, LoginPassword)
        self.users.append(told.login)
        return AuthResult(success=told.password == b"open sesame", handled=False)


@contextmanager
def mail_server(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, auth: bool = False
) -> Iterator[Mailbox]:
    """Take mail in a thread until the block ends."""
    box = Mailbox()

    def protocol() -> SMTP:
        return SMTP(
            box,
            hostname="mail.test",
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=auth,
            auth_require_tls=tls is None,
            authenticator=box.login if auth else None,
        )

    with _looping() as run, _listening() as listener:
        box.port = listener.getsockname()[1]
        server = run(_serve(protocol, listener, tls))
        try:
            yield box
        finally:
            run(_shut(server))


async def _serve(
    protocol: Callable[[], SMTP], listener: socket.socket, tls: ssl.SSLContext | None
) -> asyncio.Server:
    return await asyncio.get_running_loop().create_server(protocol, sock=listener, ssl=tls)


async def _shut(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def _listening() -> Iterator[socket.socket]:
    with socket.create_server((HOST, 0)) as listener:
        yield listener


@contextmanager
def _looping() -> Iterator[Callable[..., Any]]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield lambda job: asyncio.run_coroutine_threadsafe(job, loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass
class Web:
    """What a web server was asked, and what it answers next."""

    url: str = ""
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    """Method, headers and body."""
    answers: list[tuple[int, dict[str, str]] | str] = field(default_factory=list)
    """In turn: a status with headers, `hang`, `close`, `drip` or `babble`; 200 if there is none."""
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def web_server(
    *answers: tuple[int, dict[str, str]] | str, tls: ssl.SSLContext | None = None
) -> Iterator[Web]:
    """Answer requests in threads until the block ends."""
    web = Web(answers=list(answers))
    server = ThreadingHTTPServer((HOST, 0), _handler(web))
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    web.url = f"http{'s' if tls else ''}://{HOST}:{server.server_address[1]}/in"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield web
    finally:
        web.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers as it is told."""

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            web.asked.append((self.command, dict(self.headers), self.rfile.read(length)))
            answer = web.answers.pop(0) if web.answers else (200, {})
            if isinstance(answer, str):
                if answer == "hang":
                    web.over.wait(30)
                elif answer == "drip":
                    self._drip()
                elif answer == "babble":
                    self.wfile.write(b"220 no HTTP at all\r\n")
                self.close_connection = True
                return
            status, headers = answer
            self.send_response(status)
            for name, value in ({"Content-Length": "0"} | headers).items():
                self.send_header(name, value)
            self.end_headers()

        def _drip(self) -> None:
            with suppress(OSError):
                self.wfile.write(b"HTTP/1.1 200 O")
                while not web.over.wait(0.02):
                    self.wfile.write(b"K")

        do_GET = do_POST = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    return Handler


def unused_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port

"""Sockets over what pywagi answers below /.pywagi/net: src/guest/network says what that is.

A socket is an object of the interpreter's own type, made of a descriptor that pywagi hands out: receiving, sending and
timeouts are the interpreter's. Connecting, and the addresses of names, are asked of pywagi.
"""

import errno
import os

import _socket

PLACE = "/.pywagi/net/"
numbers = {}  # descriptor -> the number by which pywagi knows it
last_number = 0


def ask(*words):
    """What pywagi answers; an OSError with its text where it refuses."""
    try:
        return os.readlink(PLACE + "/".join(map(str, words)))
    except OSError as error:
        raise told(error) from None


def told(error):
    """`error` with pywagi's text, and its code: what is wrong with a certificate."""
    code, _, text = os.readlink(PLACE + "error").partition(" ")
    error = OSError(error.errno, text or error.strerror)
    error.pywagi_code = int(code)
    return error


def open_new(kind, *of):
    """Opens something new; gives back its number and its descriptor."""
    global last_number
    last_number += 1
    number = last_number
    try:
        return number, os.open(f"{PLACE}{'/'.join(map(str, (kind, number, *of)))}", os.O_RDWR)
    except OSError as error:
        raise told(error) from None


def milliseconds(timeout):
    """A timeout of Python's as pywagi takes it."""
    return "" if timeout is None else 0 if timeout == 0 else max(1, int(timeout * 1000))


plain_socket = _socket.socket
CONSTANTS = {
    **dict(AF_UNSPEC=0, AF_INET=1, AF_INET6=2, AF_UNIX=3, SOCK_DGRAM=5, SOCK_STREAM=6, SOCK_RAW=3),
    **dict(SOL_SOCKET=0x7FFFFFFF, SOL_TCP=6, IPPROTO_IP=0, IPPROTO_TCP=6, IPPROTO_UDP=17, IPPROTO_IPV6=41, IPV6_V6ONLY=26),
    **dict(TCP_NODELAY=1, TCP_MAXSEG=2, TCP_KEEPIDLE=4, TCP_KEEPINTVL=5, TCP_KEEPCNT=6, TCP_USER_TIMEOUT=18),
    **dict(SO_DEBUG=1, SO_REUSEADDR=2, SO_TYPE=3, SO_ERROR=4, SO_DONTROUTE=5, SO_BROADCAST=6, SO_SNDBUF=7, SO_RCVBUF=8),
    **dict(SO_KEEPALIVE=9, SO_OOBINLINE=10, SO_LINGER=13, SO_REUSEPORT=15, SO_RCVLOWAT=18, SO_SNDLOWAT=19),
    **dict(SO_RCVTIMEO=66, SO_SNDTIMEO=67, SO_ACCEPTCONN=30, SOMAXCONN=128, MSG_PEEK=1, MSG_WAITALL=2),
    **dict(AI_PASSIVE=1, AI_CANONNAME=2, AI_NUMERICHOST=4, AI_NUMERICSERV=1024, AI_ADDRCONFIG=32, AI_V4MAPPED=8, AI_ALL=16),
    **dict(NI_NUMERICHOST=1, NI_NUMERICSERV=2, NI_NAMEREQD=8, NI_DGRAM=16, NI_NOFQDN=4, INADDR_ANY=0),
    **dict(EAI_AGAIN=-3, EAI_FAIL=-4, EAI_FAMILY=-6, EAI_NONAME=-2, EAI_SERVICE=-8, EAI_SOCKTYPE=-7),
    **dict(SHUT_RD=1, SHUT_WR=2, SHUT_RDWR=3, has_ipv6=True),
}
# What programs ask for by name.
SERVICES = dict(
    ftp=21, ssh=22, smtp=25, domain=53, http=80, pop3=110, imap=143, imap2=143, ldap=389, https=443, submission=587,
    ldaps=636, imaps=993, pop3s=995, mysql=3306, postgresql=5432, amqp=5672, redis=6379,
)  # fmt: skip


def is_stream(kind):
    return kind & 0xF == _socket.SOCK_STREAM & 0xF


class socket(plain_socket):
    __slots__ = ()

    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
        family = _socket.AF_INET if family == -1 else family
        type = _socket.SOCK_STREAM if type == -1 else type
        if fileno is not None:
            super().__init__(family, type, max(proto, 0), fileno)
            return
        if family not in (_socket.AF_INET, _socket.AF_INET6):
            raise OSError(errno.EAFNOSUPPORT, "in this sandbox a socket connects to a TCP port, and nothing else")
        if not is_stream(type):
            raise OSError(errno.EPROTONOSUPPORT, "in this sandbox a socket is a TCP connection: no UDP, no raw packets")
        number, descriptor = open_new("socket")
        numbers[descriptor] = number
        ask("name", number, descriptor)
        super().__init__(family, type, max(proto, 0), descriptor)

    def connect(self, address):
        host, port = address_of(address)
        number, timeout = number_of(self), milliseconds(self.gettimeout())
        family, last = self.family, None
        for found in getaddrinfo(host, port, family, self.type):
            try:
                ask("connect", number, found[4][0], port, timeout)
                return
            except BlockingIOError:
                raise
            except OSError as error:
                last = error
        raise last

    def connect_ex(self, address):
        try:
            self.connect(address)
        except gaierror:
            raise
        except OSError as error:
            return error.errno
        return 0

    def getpeername(self):
        return end(ask("peer", number_of(self)))

    def getsockname(self):
        try:
            return end(ask("local", number_of(self)))
        except OSError as error:
            if error.errno != errno.ENOTCONN:
                raise
            return ("0.0.0.0", 0) if self.family == _socket.AF_INET else ("::", 0, 0, 0)

    def setsockopt(self, level, option, value, size=None):
        """Nothing that a program sets here changes what it reads; packets are never held back."""

    def getsockopt(self, level, option, size=0):
        value = 0
        if level == _socket.SOL_SOCKET:
            if option == _socket.SO_TYPE:
                value = int(self.type)
            elif option == _socket.SO_ERROR:
                value = int(ask("status", number_of(self)))
        elif option == _socket.TCP_NODELAY:
            value = 1
        return value.to_bytes(size, "little") if size else value

    def bind(self, address):
        if tuple(address[1:2]) != (0,):
            raise PermissionError(errno.EACCES, "in this sandbox a socket connects; it cannot be bound to a port")

    def listen(self, backlog=0):
        raise PermissionError(errno.EACCES, "in this sandbox a socket connects; it cannot listen")

    def _accept(self):
        self.listen()

    def sendto(self, data, *rest):
        raise OSError(errno.EPROTONOSUPPORT, "in this sandbox a socket is a TCP connection: use send")

    def recvfrom(self, size, flags=0):
        return self.recv(size, flags), None

    def recvfrom_into(self, buffer, size=0, flags=0):
        return self.recv_into(buffer, size, flags), None

    def sendmsg(self, buffers, ancdata=(), flags=0, address=None):
        if ancdata:
            raise OSError(errno.ENOTSUP, "in this sandbox nothing but bytes can be sent")
        return self.send(b"".join(buffers), flags)

    def recvmsg(self, size, ancbufsize=0, flags=0):
        return self.recv(size, flags), [], 0, None


def number_of(own):
    descriptor = own.fileno()
    if descriptor == -1:
        raise OSError(errno.EBADF, "Bad file descriptor")
    return numbers[descriptor]


def address_of(address):
    if not isinstance(address, tuple) or len(address) < 2:
        raise TypeError(f"the address must be a tuple of a host and a port, not {address!r}")
    host, port = address[:2]
    if not isinstance(port, int):
        raise TypeError(f"the port must be a number, not {port!r}")
    if not 0 <= port <= 65535:
        raise OverflowError("connect(): port must be 0-65535.")
    return host, port


def end(text):
    host, _, port = text.partition(" ")
    return (host, int(port), 0, 0) if ":" in host else (host, int(port))


def gai_error(name, text):
    return gaierror(getattr(_socket, name), text)


def name_of(host, flags):
    """A host as pywagi is asked for it."""
    if host is None:
        return "0.0.0.0" if flags & _socket.AI_PASSIVE else "127.0.0.1"
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii")
    elif not host.isascii():
        host = host.encode("idna").decode("ascii")
    host = host.partition("%")[0]
    if not host or "/" in host:
        raise gai_error("EAI_NONAME", f"{host!r} is not the name of a host")
    return host


def port_of(port):
    if isinstance(port, (bytes, bytearray)):
        port = bytes(port).decode("ascii")
    if port is None or isinstance(port, int):
        return port or 0
    if port.isdecimal():
        return int(port)
    if port not in SERVICES:
        raise gai_error("EAI_SERVICE", f"the port of {port!r} is not known: give a number")
    return SERVICES[port]


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    name, port = name_of(host, flags), port_of(port)
    if type and not is_stream(type):
        raise gai_error("EAI_SOCKTYPE", "in this sandbox a socket is a TCP connection")
    if host is None:
        addresses = [name]
    else:
        try:
            addresses = ask("resolve", name, port).split()
        except OSError as error:
            if error.errno == errno.ENOENT:
                raise gai_error("EAI_NONAME", error.strerror) from None
            if error.errno == errno.EAGAIN:
                raise gai_error("EAI_AGAIN", error.strerror) from None
            raise
    found = []
    for address in addresses:
        own = _socket.AF_INET6 if ":" in address else _socket.AF_INET
        if family in (_socket.AF_UNSPEC, own):
            canonical = name if flags & _socket.AI_CANONNAME and not found else ""
            found.append((own, _socket.SOCK_STREAM, _socket.IPPROTO_TCP, canonical, end(f"{address} {port}")))
    if not found:
        raise gai_error("EAI_FAMILY", f"{name} has no address of this family")
    return found


def gethostbyname(host):
    return gethostbyname_ex(host)[2][0]


def gethostbyname_ex(host):
    return host, [], [found[4][0] for found in getaddrinfo(host, 0, _socket.AF_INET)]


def getnameinfo(address, flags):
    return str(address[0]), str(address[1])


def gethostbyaddr(address):
    return address, [], [address]


def getservbyname(name, protocol="tcp"):
    if name not in SERVICES:
        raise OSError("service/proto not found")
    return SERVICES[name]


def getservbyport(port, protocol="tcp"):
    for name, known in SERVICES.items():
        if known == port:
            return name
    raise OSError("port/proto not found")


def complete_socket():
    """Before `socket` makes its own out of it."""
    global gaierror
    for name, value in CONSTANTS.items():
        if not hasattr(_socket, name):
            setattr(_socket, name, value)
    for name in ("gaierror", "herror"):
        if not hasattr(_socket, name):
            setattr(_socket, name, type(name, (OSError,), {"__module__": "socket"}))
    gaierror = _socket.gaierror
    _socket.socket = _socket.SocketType = socket
    for function in (getaddrinfo, gethostbyname, gethostbyname_ex, getnameinfo, gethostbyaddr, getservbyname, getservbyport):
        setattr(_socket, function.__name__, function)
    _socket.gethostname = lambda: "localhost"


def complete_event_loops(module):
    """Loops without the pair of sockets by which threads and signals wake them, as there are neither."""
    import selectors

    class Selector(selectors.DefaultSelector):
        def select(self, timeout=None):
            if timeout is None and not self.get_map():
                raise RuntimeError("all tasks wait, and nothing can wake one in this sandbox")
            return super().select(timeout)

    class Loop(module.BaseSelectorEventLoop):
        def __init__(self, selector=None):
            super().__init__(selector or Selector())

        def _make_self_pipe(self):
            self._ssock = self._csock = None

        def _close_self_pipe(self):
            pass

        def run_in_executor(self, executor, function, *arguments):
            future = self.create_future()
            try:
                future.set_result(function(*arguments))
            except Exception as error:
                future.set_exception(error)
            return future

        async def shutdown_default_executor(self, timeout=None):
            pass

    module.BaseSelectorEventLoop = Loop

"""Sockets over what pywagi answers below /.pywagi/net: src/guest/network says what that is.

A socket is an object of the interpreter's own type, made of a descriptor that pywagi hands out: receiving, sending and
timeouts are the interpreter's. Connecting, and the addresses of names, are asked of pywagi.
"""

import _socket
import errno
import os
import select
import sys
import time

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
    **dict(SOL_SOCKET=0x7FFFFFFF, SOL_TCP=6, IPPROTO_IP=0, IPPROTO_TCP=6, IPPROTO_UDP=17, IPPROTO_IPV6=41),
    **dict(TCP_NODELAY=1, TCP_MAXSEG=2, TCP_KEEPIDLE=4, TCP_KEEPINTVL=5, TCP_KEEPCNT=6, TCP_USER_TIMEOUT=18),
    **dict(SO_DEBUG=1, SO_REUSEADDR=2, SO_TYPE=3, SO_ERROR=4, SO_DONTROUTE=5, SO_BROADCAST=6, SO_SNDBUF=7, SO_RCVBUF=8),
    **dict(SO_KEEPALIVE=9, SO_OOBINLINE=10, SO_LINGER=13, SO_REUSEPORT=15, SO_RCVLOWAT=18, SO_SNDLOWAT=19),
    **dict(SO_RCVTIMEO=66, SO_SNDTIMEO=67, SO_ACCEPTCONN=30, SOMAXCONN=128, MSG_PEEK=1, MSG_WAITALL=2),
    **dict(AI_PASSIVE=1, AI_CANONNAME=2, AI_NUMERICHOST=4, AI_NUMERICSERV=1024, AI_ADDRCONFIG=32),
    **dict(AI_V4MAPPED=8, AI_ALL=16, IPV6_V6ONLY=26, INADDR_ANY=0),
    **dict(NI_NUMERICHOST=1, NI_NUMERICSERV=2, NI_NAMEREQD=8, NI_DGRAM=16, NI_NOFQDN=4),
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

    def close(self):
        numbers.pop(self.fileno(), None)
        super().close()

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


class WaitingSocket(socket):
    """Where the interpreter cannot wait for a descriptor: pywagi waits while it reads and writes."""

    __slots__ = ("_patience",)

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.settimeout(super().gettimeout())

    def settimeout(self, value):
        if value is not None and value < 0:
            raise ValueError("Timeout value out of range")
        super().settimeout(0.0 if value == 0 else None)
        self._patience = None if value is None else float(value)
        if self.fileno() in numbers:
            ask("timeout", number_of(self), milliseconds(value or None))

    def setblocking(self, flag):
        self.settimeout(None if flag else 0.0)

    def gettimeout(self):
        return self._patience

    def getblocking(self):
        return self._patience != 0

    timeout = property(gettimeout)


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
    # Only 3.11 is asked, since who waits looks at the clock, and an interpreter that did has to be proved.
    try:
        if sys.version_info < (3, 12):
            select.poll().poll(0)
    except OSError:
        # Its file system, which is inside, does not pass such calls on.
        _socket.socket = _socket.SocketType = WaitingSocket
        select.select, select.poll = select_sockets, Poll
        time.sleep = sleep
    by_name = getaddrinfo, gethostbyname, gethostbyname_ex, getservbyname
    for function in (*by_name, getnameinfo, gethostbyaddr, getservbyport):
        setattr(_socket, function.__name__, function)
    _socket.gethostname = lambda: "localhost"


def poll(wanted, milliseconds):
    """Which of the `wanted`, pairs of a descriptor and "r" or "w", are ready. Files are always."""
    sockets = [(each, f"{numbers[each[0]]}:{each[1]}") for each in wanted if each[0] in numbers]
    files = [each for each in wanted if each[0] not in numbers]
    if not sockets and (files or milliseconds == 0):
        # `selectors` asks so, when it is imported, whether there is such a thing: who asks the host is not saved.
        return files
    ready = ask("poll", 0 if files else milliseconds, *[name for _, name in sockets]).split()
    return files + [sockets[int(place)][0] for place in ready]


def sleep(seconds):
    """`time.sleep`, by which clients wait before they try again."""
    if not seconds >= 0:
        raise ValueError("sleep length must be non-negative")
    ask("poll", int(-(-seconds * 1000 // 1)))


def descriptor_of(file):
    return file if isinstance(file, int) else file.fileno()


def select_sockets(rlist, wlist, xlist, timeout=None):
    named = {"r": [(descriptor_of(file), file) for file in rlist], "w": [(descriptor_of(file), file) for file in wlist]}
    ready = poll([(number, how) for how in named for number, _ in named[how]], milliseconds(timeout))
    return *[[file for number, file in named[how] if (number, how) in ready] for how in named], []


class Poll:
    """As `select.poll()`."""

    def __init__(self):
        self.wanted = {}

    def register(self, file, events=select.POLLIN | select.POLLOUT):
        self.wanted[descriptor_of(file)] = events

    def modify(self, file, events):
        if descriptor_of(file) not in self.wanted:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        self.register(file, events)

    def unregister(self, file):
        del self.wanted[descriptor_of(file)]

    def poll(self, timeout=None):
        ways = {"r": select.POLLIN, "w": select.POLLOUT}
        wanted = [(number, how) for number, events in self.wanted.items() for how in ways if events & ways[how]]
        time = "" if timeout is None or timeout < 0 else max(0, int(timeout))
        found = {}
        for number, how in poll(wanted, time):
            found[number] = found.get(number, 0) | ways[how]
        return list(found.items())


def complete_hashlib(hashlib):
    def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
        """As in the library of an interpreter with OpenSSL."""
        length = hashlib.new(hash_name).digest_size if dklen is None else dklen
        if iterations < 1 or length < 1:
            raise ValueError("iterations and dklen must be greater than 0")
        number, descriptor = open_new("exchange")
        try:
            rest = bytes(password)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            ask("derive", number, hash_name.lower().replace("-", ""), bytes(salt).hex(), iterations, length)
            return os.read(descriptor, length)
        except OSError as error:
            raise ValueError(error.strerror) from None
        finally:
            os.close(descriptor)

    if not hasattr(hashlib, "pbkdf2_hmac"):
        hashlib.pbkdf2_hmac = pbkdf2_hmac


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

"""What CPython on WASI lacks and pure-Python packages only look at, or need less of than they import.

This directory stands in PYTHONPATH. Nothing here makes a network, threads, processes or TLS out of nothing: whoever
uses them gets an exception that says so. What the interpreter has itself is left alone. Another `sitecustomize` runs
as ever.
"""

import os
import sys
from importlib.machinery import PathFinder

# For pywagi: what this changes in the library, it changes at the start or while the module in question is loaded.
replaces_nothing_later = True
DIRECTORY = os.path.dirname(__file__)
NO_NETWORK = "no network in this sandbox; pywagi gives a route one by `allowed_hosts` in modules.toml"
# Modules, as files below `stand_ins`, for where the library has none.
STAND_INS = frozenset(
    "_pyio concurrent.futures.process concurrent.futures.thread ctypes multiprocessing pwd snapshot_restore_py ssl"
    " webbrowser".split()
)


def add(module, **names):
    """Adds to a module what it lacks."""
    for name, value in names.items():
        if not hasattr(module, name):
            setattr(module, name, value)


def refuse(error, number, text):
    def refuse(*_, **__):
        raise error(number, text)

    return refuse


def complete_os():
    def zero():
        return 0

    import errno

    add(os, getuid=zero, geteuid=zero, getgid=zero, getegid=zero, getppid=zero)
    add(os, getgroups=list, umask=lambda mask: 0o022, sched_getaffinity=lambda pid: {0})
    add(os, register_at_fork=lambda **functions: None)
    no_terminal = refuse(OSError, errno.ENOTTY, "no terminal in this sandbox")
    add(os, get_terminal_size=no_terminal, getlogin=no_terminal)


def complete_socket():
    """Before `socket` makes its own out of it."""
    import _socket
    import errno

    def sockets(base):
        class socket(base):
            __slots__ = ()

            def __init__(self, *arguments, **options):
                try:
                    super().__init__(*arguments, **options)
                except OSError as error:
                    if error.errno == errno.ENOTSUP:
                        raise OSError(error.errno, NO_NETWORK) from None
                    raise

        return socket

    unknown = refuse(_socket.gaierror, getattr(_socket, "EAI_FAIL", -4), NO_NETWORK)
    if not hasattr(_socket, "getaddrinfo"):
        _socket.socket = _socket.SocketType = sockets(_socket.socket)
    add(_socket, getaddrinfo=unknown, getnameinfo=unknown, gethostbyname=unknown, gethostbyname_ex=unknown)
    add(_socket, gethostbyaddr=unknown, getservbyname=unknown, getservbyport=unknown, getprotobyname=unknown)
    add(_socket, gethostname=lambda: "localhost")
    add(_socket, AF_UNIX=3, AF_UNSPEC=0, SOCK_RAW=3, SOCK_RDM=4, SOCK_SEQPACKET=1, SOL_TCP=6, TCP_NODELAY=6)
    add(_socket, AI_NUMERICSERV=1024, AI_ADDRCONFIG=32, AI_CANONNAME=2, AI_PASSIVE=1, NI_NUMERICHOST=1)
    add(_socket, SO_DEBUG=1, SO_REUSEADDR=2, SO_ERROR=4, SO_DONTROUTE=5, SO_BROADCAST=6, SO_SNDBUF=7, SO_RCVBUF=8)
    add(_socket, SO_KEEPALIVE=9, SO_OOBINLINE=10, SO_LINGER=13, SO_REUSEPORT=15, SO_RCVLOWAT=18, SO_SNDLOWAT=19)
    add(_socket, SO_RCVTIMEO=66, SO_SNDTIMEO=67, SO_ACCEPTCONN=30, MSG_OOB=1, MSG_DONTWAIT=64, MSG_NOSIGNAL=16384)


def complete_hashlib(hashlib):
    def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
        """As in the library of 3.11, without OpenSSL: slow."""
        if iterations < 1 or dklen is not None and dklen < 1:
            raise ValueError("iterations and dklen must be greater than 0")
        inner, outer = hashlib.new(hash_name), hashlib.new(hash_name)
        password = bytes(password)
        if len(password) > inner.block_size:
            password = hashlib.new(hash_name, password).digest()
        password = password.ljust(inner.block_size, b"\0")
        inner.update(bytes(byte ^ 0x36 for byte in password))
        outer.update(bytes(byte ^ 0x5C for byte in password))
        copy_inner, copy_outer, from_bytes = inner.copy, outer.copy, int.from_bytes

        def keyed(message):
            one, two = copy_inner(), copy_outer()
            one.update(message)
            two.update(one.digest())
            return two.digest()

        size = dklen or inner.digest_size
        derived, block = b"", 0
        while len(derived) < size:
            block += 1
            last = keyed(bytes(salt) + block.to_bytes(4, "big"))
            mixed = from_bytes(last, "big")
            for _ in range(iterations - 1):
                last = keyed(last)
                mixed ^= from_bytes(last, "big")
            derived += mixed.to_bytes(inner.digest_size, "big")
        return derived[:size]

    add(hashlib, pbkdf2_hmac=pbkdf2_hmac)


def complete_event_loops(module):
    """Loops that nothing wakes, as there are neither threads nor signals: they need no pair of sockets."""
    import selectors
    import time

    class Selector(selectors._BaseSelectorImpl):
        def select(self, timeout=None):
            ready = [(key, key.events) for key in self.get_map().values()]
            if ready:
                return ready  # files, which are always ready
            if timeout is None:
                raise RuntimeError("all tasks wait, and nothing can wake one in this sandbox")
            end = time.monotonic() + timeout
            try:
                time.sleep(max(timeout, 0))
            except OSError:
                # CPython 3.11 on WASI cannot sleep.
                while time.monotonic() < end:
                    pass
            return []

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

    if sys.platform == "wasi":
        module.BaseSelectorEventLoop = Loop


class Loader:
    """Loads a module of the library, then completes it."""

    def __init__(self, loader, complete):
        self.loader, self.complete = loader, complete

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        module.__loader__ = module.__spec__.loader = self.loader
        # The library's pool of threads would have locks made anew after a fork, which these cannot.
        register = vars(os).pop("register_at_fork", None)
        try:
            self.loader.exec_module(module)
        finally:
            os.register_at_fork = register
        self.complete(module)


class Completed:
    """Finds the modules that are completed when they are loaded."""

    modules = {
        "asyncio.selector_events": complete_event_loops,
        "concurrent.futures.thread": lambda module: None,
        "hashlib": complete_hashlib,
    }

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name not in cls.modules:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = Loader(spec.loader, cls.modules[name])
        return spec


class StandIns:
    """Finds what nothing else does."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in STAND_INS:
            return None
        return PathFinder.find_spec(name, ["/".join([DIRECTORY, "stand_ins", *name.split(".")[:-1]])], target)


def run_the_next():
    """Runs the `sitecustomize` that would have been run without this one."""
    # Those before this one have none. Another that does the same stands there, where the route has a network.
    path = sys.path[[entry.rstrip("/") for entry in sys.path].index(DIRECTORY) + 1 :]
    spec = PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        from importlib.util import module_from_spec

        module = sys.modules["sitecustomize"] = module_from_spec(spec)
        spec.loader.exec_module(module)


complete_os()
complete_socket()
sys.meta_path.insert(0, Completed)
sys.meta_path.append(StandIns)
run_the_next()

"""Stands for `multiprocessing`: one process, which can start no other."""

import errno
import sys
import types


class ProcessError(Exception):
    pass


class BufferTooShort(ProcessError):
    pass


class TimeoutError(ProcessError):
    pass


class AuthenticationError(ProcessError):
    pass


def refuse(*_, **__):
    raise OSError(errno.ENOTSUP, "no processes in this sandbox")


class BaseProcess:
    """A process that is not started, or the main one."""

    name, pid, ident, daemon, exitcode, authkey = "Process", None, None, False, None, b""

    def __init__(self, group=None, target=None, name=None, args=(), kwargs=None, *, daemon=None):
        self.name, self.daemon = name or self.name, bool(daemon)

    def is_alive(self):
        return self is main

    start = join = terminate = kill = refuse


class Process(BaseProcess):
    pass


class SpawnProcess(Process):
    pass


class Refused:
    """What other processes would use, too."""

    def __init__(self, *_, **__):
        refuse()


class BaseContext:
    Process = Process

    def get_context(self, method=None):
        return sys.modules[__name__]


main = Process(name="MainProcess")
main.pid = main.ident = 1


def current_process():
    return main


def parent_process():
    return None


def active_children():
    return []


def cpu_count():
    return 1


def ignore(*_, **__):
    """Prepares what no process will be started to use."""


allow_connection_pickling = freeze_support = register_after_fork = ignore


def get_context(method=None):
    return sys.modules[__name__]


def get_start_method(allow_none=False):
    return "spawn"


def set_start_method(method, force=False):
    pass


def get_all_start_methods():
    return ["spawn"]


def get_logger():
    import logging

    return logging.getLogger("multiprocessing")


Array = Barrier = BoundedSemaphore = Condition = Event = JoinableQueue = Lock = Manager = Pipe = Pool = Queue = Refused
RLock = RawArray = RawValue = Semaphore = SimpleQueue = Value = Refused
DefaultContext = SpawnContext = BaseContext
SUBMODULES = {
    "connection": "Client Connection Listener wait",
    "context": "BaseContext DefaultContext Process SpawnContext SpawnProcess",
    "dummy": "Pool",
    "managers": "BaseManager BaseProxy SharedMemoryManager SyncManager",
    "pool": "Pool ThreadPool",
    "process": "BaseProcess active_children current_process parent_process",
    "queues": "JoinableQueue Queue SimpleQueue",
    "reduction": "ForkingPickler",
    "shared_memory": "ShareableList SharedMemory",
    "sharedctypes": "Array RawArray RawValue Value",
    "synchronize": "Barrier BoundedSemaphore Condition Event Lock RLock Semaphore",
    "util": "Finalize register_after_fork",
}
for _module, _names in SUBMODULES.items():
    _module = types.ModuleType(__name__ + "." + _module)
    _errors = "AuthenticationError BufferTooShort ProcessError TimeoutError"
    _module.__dict__.update({_name: globals().get(_name, Refused) for _name in (_names + " " + _errors).split()})
    sys.modules[_module.__name__] = _module
    globals().setdefault(_module.__name__.rpartition(".")[2], _module)

"""What every debugger needs: to be called for each line of the user's code, and to leave no trace in the run.

`fields` holds what the host sends: what the debugger is to do, the directories that hold the user's code, and the
sources that the recorded run read, path and text. The directories and the sources follow their number.
"""

import builtins
import sys
from _codecs import register, unregister
from posix import read, sched_yield, write

flag = boot["debugger_flag"]
modules, hidden, in_library, Watch = boot["modules"], boot["hidden"], boot["in_library"], boot["Watch"]
get_frame = sys._getframe
RUN, OURS, END, FAILED = 0, 1, 2, 3
optimized = 1  # CO_OPTIMIZED: a function's code, whose variables are no dictionary, not that of a module or class
# What a class says of itself, without a call of its metaclass's code.
name_of, module_of = type.__dict__["__name__"].__get__, type.__dict__["__module__"].__get__
traceback_of = BaseException.__dict__["__traceback__"].__get__
qualified_name_of, order_of = type.__dict__["__qualname__"].__get__, type.__dict__["__mro__"].__get__


class Apart:
    """While this is entered, `sys.modules` and the caches of imports, sources and codecs are the debugger's own. When
    it is left, they, `sys` and `builtins` are as they were. It can be entered again within itself."""

    def __init__(self):
        self.depth = 0
        self.modules = {}  # those that a debugger has loaded
        self.encodings = boot["startup"]["encodings"]
        caches = [sys.path_importer_cache, boot["listings"], self.encodings._cache]
        # A reactor has it from the start.
        linecache = hidden.get("linecache") or boot["startup"].get("linecache")
        if linecache is not None:
            caches.append(linecache.cache)
        self.caches = [(cache, {}) for cache in caches]  # each with the debugger's content

    def __enter__(self):
        self.depth += 1
        if self.depth > 1:
            return
        changing = [modules, vars(sys), vars(builtins), *[cache for cache, _ in self.caches]]
        self.of_run = [(names, dict(names)) for names in changing]
        self.codecs = set(self.encodings._cache)
        self.watch = Watch.names, Watch.prefix, Watch.code
        self.revealed = set(boot["revealed"])
        for cache, ours in self.caches:
            cache.clear()
            cache.update(ours)
        for name, module in hidden.items():
            modules.setdefault(name, module)
        modules.update(self.modules)
        self.attributes = []  # of packages of the run: the modules in them that it has not loaded
        for name in [*hidden, *self.modules]:
            self.attach(name)

    def attach(self, name):
        parent, _, child = name.rpartition(".")
        owner = vars(modules[parent]) if parent in modules else {}
        if parent and child not in owner:
            owner[child] = modules[name]
            self.attributes.append((owner, child))

    def __exit__(self, *_):
        self.depth -= 1
        if self.depth:
            return
        _, before = self.of_run[0]
        for name, module in modules.items():
            if name not in before and name not in hidden and name not in self.modules:
                self.modules[name] = module
                parent, _, child = name.rpartition(".")
                if parent in before:
                    self.attributes.append((vars(before[parent]), child))
        for owner, child in self.attributes:
            owner.pop(child, None)
        if not self.codecs.issuperset(self.encodings._cache):
            # Nothing else empties the cache of codecs that is in C.
            unregister(self.encodings.search_function)
            register(self.encodings.search_function)
        for cache, ours in self.caches:
            ours.clear()
            ours.update(cache)
        for names, values in self.of_run:
            if list(names) != list(values):
                names.clear()
            names.update(values)
        Watch.names, Watch.prefix, Watch.code = self.watch
        boot["revealed"].intersection_update(self.revealed)
        # Nothing of the run is to be kept.
        self.of_run = self.attributes = None


apart = Apart()
with apart:
    from _functools import partial
    from _operator import itemgetter, methodcaller, setitem
    from itertools import repeat, starmap


class Terminal:
    """The user's terminal, as a text file."""

    encoding, errors = "utf-8", "replace"
    data = b""

    def write(self, text):
        data = text.encode("utf-8", "replace")
        try:
            while data:
                data = data[write(1, data) :]
        except OSError:
            # Nobody reads it any more.
            end()
        return len(text)

    def flush(self):
        pass

    def isatty(self):
        return False

    def readline(self, size=-1):
        while b"\n" not in self.data:
            more = read(0, 1 << 16)
            if not more:
                break
            self.data += more
        line, newline, self.data = self.data.partition(b"\n")
        return (line + newline).decode("utf-8", "replace")


terminal = Terminal()


def decode(field):
    return field.decode("utf-8", "surrogateescape")


def take():
    return fields.pop(0)


wish = decode(take())
roots = tuple([decode(take()).rstrip("/") + "/" for _ in range(int(take()))])
sources = {}  # path -> what the recorded run read there, as bytes or as lines of text
for _ in range(int(take())):
    path = decode(take())
    sources[path] = take()


def codes_of(thing):
    """The code of what the boot script defines, which an argument of the command line is, too."""
    code = getattr(thing, "__code__", thing)
    if isinstance(code, type(codes_of.__code__)):
        yield id(code)
        parts = code.co_consts
    else:
        parts = vars(thing).values() if isinstance(thing, type) else ()
    for part in parts:
        yield from codes_of(part)


booting = {place for thing in boot.values() for place in codes_of(thing)} if "<string>" in sources else ()


def is_users(code):
    """Whether code is the user's: in a volume, not of the library or an installed package, or an argument of the
    command line."""
    path = code.co_filename
    if path == "<string>":
        return path in sources and id(code) not in booting
    return path.startswith(roots) and "/site-packages/" not in path and not in_library(path)


def count_of_runner(frames):
    """How many of `frames`, the outermost first, are those by which a reactor runs the user's code."""
    count = 0
    while boot["reactor"] is not None and count < len(frames) and not is_users(frames[count].f_code):
        count += 1
    return count


def end(how=END):
    """Ends the session. The host does not return from this."""
    flag[0] = how
    sched_yield()


def fail(error):
    """Ends the session because the debugger itself does not work."""
    lines, entry = ["the debugger failed: %s: %s\n" % (type(error).__name__, error)], error.__traceback__
    while entry is not None:
        code = entry.tb_frame.f_code
        lines.append("  %s:%d, in %s\n" % (code.co_filename, entry.tb_lineno, code.co_name))
        entry = entry.tb_next
    terminal.write("".join(lines))
    end(FAILED)


def drop_locals(frame):
    """Forgets the dictionary of local variables that `frame.f_locals` left behind: what it refers to would live on. One
    that the run itself holds is left alone. Since 3.13 there is none (PEP 667)."""
    if frame.f_code.co_flags & optimized and monitoring:
        values = frame.f_locals
        # From the frame, here, and from the call.
        if type(values) is dict and sys.getrefcount(values) <= 3:
            values.clear()


def enters(function):
    """What calls `function` as the debugger's: the host is told before any Python runs, because there may be no room
    left for a call of Python. All of it is C."""

    class Entrance:
        __call__ = property(methodcaller("enter"))

    steps = zip(starmap(setitem, repeat((flag, 0, OURS))), starmap(sched_yield, repeat(())), repeat(function))
    entrance = Entrance()
    entrance.enter = partial(next, map(itemgetter(2), steps))
    return entrance


def describe(error):
    """What is kept of an exception, which itself must end when it did: its address, its class and whether it exits."""
    kind = type(error)
    return id(error), name_of(kind), issubclass(kind, SystemExit)


def watch_by_monitoring(dispatch):
    """Has `dispatch` called with a frame of the user's code, what happens in it, and with what value or exception.
    `sys.settrace` would show in the run, and there are frames here that it cannot trace."""
    events = monitoring.events

    def entrance(event, has_argument):
        def called(code, *arguments):
            result = None
            try:
                if is_users(code):
                    if event == "call":
                        monitoring.set_local_events(tool, code, local)
                    elif event == "return" or event == "unwind":
                        # With the frame ends its object, which was made when it was called.
                        flag[2] = 1
                    argument = arguments[-1] if has_argument else None
                    if event == "exception":
                        argument = argument, traceback_of(argument)
                    elif event == "unwind":
                        argument = describe(argument)
                    follow(dispatch, get_frame(1), event, argument)
                elif event == "call":
                    result = monitoring.DISABLE
            except BaseException as error:
                fail(error)
            arguments = argument = None
            flag[0] = RUN
            sched_yield()
            return result

        return enters(called)

    local = events.LINE | events.PY_RESUME | events.PY_RETURN | events.PY_YIELD
    monitoring.use_tool_id(tool, "pywagi")
    for event, name, has_argument in (
        (events.PY_START, "call", False),
        (events.PY_RESUME, "resume", False),
        (events.PY_THROW, "resume", False),
        (events.LINE, "line", False),
        (events.RAISE, "exception", True),
        (events.PY_YIELD, "yield", True),
        (events.PY_RETURN, "return", True),
        (events.PY_UNWIND, "unwind", True),
    ):
        monitoring.register_callback(tool, event, entrance(name, has_argument))
        watched_events.append(event)
    monitoring.set_events(tool, events.PY_START | events.PY_THROW | events.PY_UNWIND | events.RAISE)


def watch_by_tracing(dispatch):
    """As `watch_by_monitoring`, before there was `sys.monitoring`."""
    opcodes = boot["opcode"].opmap
    yields, returns = opcodes["YIELD_VALUE"], opcodes["RETURN_VALUE"]
    begun = set()  # the addresses of the frames of generators that have yielded
    raised = {}  # address of a frame -> the exception that was raised in it last

    def trace(frame, event, argument):
        result = None
        try:
            code, place = frame.f_code, id(frame)
            if event != "call" or is_users(code):
                result = tracer
                if event == "exception":
                    argument = argument[1:]
                    raised[place] = describe(argument[0])
                elif event == "call" and place in begun:
                    event = "resume"
                elif event == "return":
                    last = code.co_code[frame.f_lasti]
                    if last == yields:
                        event = "yield"
                        begun.add(place)
                    elif last != returns and place in raised:
                        event, argument = "unwind", raised[place]
                    if event != "yield":
                        begun.discard(place)
                        raised.pop(place, None)
                follow(dispatch, frame, event, argument)
            frame = argument = None
        except BaseException as error:
            fail(error)
        flag[0] = RUN
        sched_yield()
        return result

    Watch.tracer = tracer = enters(trace)
    sys.settrace(tracer)


def stop_watching():
    """Has `dispatch` called no more. It begins the debugger's turn, which a call of Python that is watched ends."""
    if monitoring:
        monitoring.set_events(tool, 0)
        for event in watched_events:
            monitoring.register_callback(tool, event, None)
    else:
        sys.settrace(None)
    flag[0] = OURS
    sched_yield()


monitoring = getattr(sys, "monitoring", None)
tool = 3
watched_events = []
watch = watch_by_monitoring if monitoring else watch_by_tracing
active = []  # the addresses of the frames of the user's code that are under way


def follow(dispatch, frame, event, argument):
    place = id(frame)
    if event == "call" or event == "resume":
        active.append(place)
    elif active[-1:] != [place] and place in active:
        # A generator above it that was left for good.
        del active[active.index(place) + 1 :]
    dispatch(frame, event, argument)
    if event in ("yield", "return", "unwind") and active:
        active.pop()


def is_first(frame, entry):
    """Whether an exception with this traceback is new to the user's code when it comes to `frame`."""
    while entry is not None:
        if entry.tb_frame is not frame and is_users(entry.tb_frame.f_code):
            return False
        entry = entry.tb_next
    return True


def interrupted():
    """Whether the user has asked to stop since this was asked last."""
    was, flag[1] = flag[1], 0
    return was


def source_lines(path):
    text = sources[path]
    if isinstance(text, bytes):
        sources[path] = text = decode_source(text).splitlines(True)
    return text


def decode_source(text):
    """The text of a source, which may say in its first two lines how it is encoded."""
    encoding = "utf-8"
    for line in text.split(b"\n", 2)[:2]:
        before, mark, after = line.partition(b"coding")
        if mark and before.lstrip().startswith(b"#") and after[:1] in (b":", b"="):
            encoding = after[1:].strip().split()[0].strip(b"-*").decode("ascii", "replace")
    try:
        return text.decode(encoding, "replace").lstrip("\ufeff")
    except LookupError:
        return text.decode("utf-8", "replace")

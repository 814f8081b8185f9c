"""A session of `pdb`. It stops at the first line of the user's code, or with `wish` where an exception comes to it: one
of that name, or the one of that number."""

import sys

from .watch import (
    apart,
    count_of_runner,
    drop_locals,
    end,
    interrupted,
    is_first,
    is_users,
    module_of,
    name_of,
    optimized,
    order_of,
    qualified_name_of,
    source_lines,
    sources,
    terminal,
    watch,
    wish,
)


class Tasks:
    """What `pdb` takes of `asyncio` since 3.14. A run that has tasks has loaded it. Loading it here would load
    `logging`, too, which registers a function for the end of the run."""

    @staticmethod
    def current_task():
        asyncio = sys.modules.get("asyncio")
        return getattr(asyncio, "current_task", lambda: None)()


with apart:
    import linecache

    is_loaded = "asyncio" in sys.modules
    if not is_loaded:
        sys.modules["asyncio"] = Tasks
    import pdb

    if not is_loaded:
        del sys.modules["asyncio"]

    for path in sources:
        lines = source_lines(path)
        # Without a time it is not compared with the file.
        linecache.cache[path] = sum(map(len, lines)), None, lines, path


class Nowhere:
    """In place of a frame that never comes."""

    f_code = drop_locals.__code__


nowhere = Nowhere()
count = 0  # of the exceptions that came to the user's code


def within_apart(method):
    def stops(self, frame, *arguments):
        with apart:
            sys.stdin = sys.stdout = sys.stderr = terminal
            kept = dict(frame.f_locals) if not frame.f_code.co_flags & optimized else None
            method(self, frame, *arguments)
            # Where `pdb` leaves what a function returned or raised.
            for name in ("__return__", "__exception__") if kept is not None else ():
                if name in kept:
                    frame.f_locals[name] = kept[name]
                else:
                    frame.f_locals.pop(name, None)

    return stops


class Debugger(pdb.Pdb):
    def __init__(self):
        super().__init__(stdin=terminal, stdout=terminal, nosigint=True, readrc=False)
        self.use_rawinput = False
        self.told = set()
        self.reset()
        self.botframe = nowhere

    user_call = within_apart(pdb.Pdb.user_call)
    user_line = within_apart(pdb.Pdb.user_line)
    user_return = within_apart(pdb.Pdb.user_return)
    user_exception = within_apart(pdb.Pdb.user_exception)

    def interaction(self, frame, *arguments):
        path = frame.f_code.co_filename
        if is_users(frame.f_code) and path not in sources and path not in self.told:
            self.told.add(path)
            self.message("note: %s is shown as it is now: the recorded run did not read it" % path)
        super().interaction(frame, *arguments)
        # Nothing of the run is kept: since 3.14, its task is there.
        self._current_task = None

    @within_apart
    def stop_at(self, frame, error, traceback):
        try:
            text = str(error)
        except Exception:
            text = "<exception str() failed>"
        self.message("%s: %s" % (name_of(type(error)), text))
        self.interaction(frame, traceback)

    def get_stack(self, frame, traceback):
        stack, index = super().get_stack(frame, traceback)
        count = count_of_runner([frame for frame, _ in stack[:index]])
        return stack[count:], index - count

    def lookupmodule(self, filename):
        names = "/" + filename, "/" + filename + ".py"
        return super().lookupmodule(filename) or next((path for path in sources if path.endswith(names)), None)

    def forget(self):
        frames = [frame for frame, _ in getattr(self, "stack", ())]
        super().forget()
        # 3.14 keeps none.
        if "curframe_locals" in vars(self):
            self.curframe_locals = None
        for frame in frames:
            frame.f_globals.pop("__pdb_convenience_variables", None)
            drop_locals(frame)

    # All code is watched until the end of the run, and not by `sys.settrace`.

    def set_step(self):
        self._set_stopinfo(None, None)

    def set_continue(self):
        self._set_stopinfo(nowhere, None, -1)

    def set_quit(self):
        end()

    def refuse(self, _):
        self.error("this is a replay: the run takes the way that it took")

    do_run = do_restart = do_jump = do_j = do_debug = refuse


def is_wanted(frame, error, traceback):
    global count
    if not wish or not is_first(frame, traceback):
        return False
    count += 1
    if wish.isdigit():
        return count == int(wish)
    for each in order_of(type(error)):
        if wish == name_of(each) or wish == "%s.%s" % (module_of(each), qualified_name_of(each)):
            return True
    return False


is_begun = False
names = {"resume": "call", "yield": "return", "unwind": "return"}


def dispatch(frame, event, argument):
    global is_begun
    if not is_begun:
        # The call of the outermost frame: it stops at the first line.
        is_begun = True
        return
    if interrupted():
        terminal.write("--Interrupted--\n")
        debugger.set_step()
    if event == "exception":
        if is_wanted(frame, *argument):
            debugger.stop_at(frame, *argument)
            return
        argument = type(argument[0]), *argument
    elif event == "unwind":
        argument = None
    debugger.trace_dispatch(frame, names.get(event, event), argument)
    if debugger.breaks:
        # Conditions of breakpoints look at the variables.
        drop_locals(frame)


with apart:
    debugger = Debugger()
    if wish:
        debugger.set_continue()
watch(dispatch)

"""Prints each line of the user's code as it is run, with the local variables that it changed.

None of the run's code is called for that: of an instance of its classes the attributes are shown, not its `repr`. It is
coloured if that is its wish.
"""

import sys

from .watch import (
    active,
    drop_locals,
    end,
    interrupted,
    is_first,
    module_of,
    name_of,
    optimized,
    order_of,
    source_lines,
    sources,
    terminal,
    watch,
    wish,
)

widest = 76  # of a value
most = 6  # values of a container
deepest = 3  # containers within each other
heap_type = 1 << 9  # Py_TPFLAGS_HEAPTYPE
Function, Module = type(watch), type(sys)
GetSet = type(Function.__dict__["__code__"])


class Slotted:
    __slots__ = ("slot",)


Slot = type(Slotted.slot)
names_of, flags_of = type.__dict__["__dict__"].__get__, type.__dict__["__flags__"].__get__
brackets = {list: "[]", tuple: "()", set: "{}", frozenset: ("frozenset({", "})")}
bold, faint, red, cyan = 1, 2, 31, 36  # as SGR of ECMA-48 numbers them
known = {}  # address of a frame -> its variables as they were shown last
place = []  # the file that the last line was in


def shorten(text):
    return text if len(text) <= widest else text[: widest - 4] + " ..."


def show(value, depth=0):
    """A short text for a value."""
    kind = type(value)
    if value is None or kind in (bool, float, complex, range, slice):
        return repr(value)
    if kind is int:
        return repr(value) if -(1 << 256) < value < 1 << 256 else "<int of %d bits>" % value.bit_length()
    if kind in (str, bytes, bytearray):
        return repr(value) if len(value) <= widest else repr(value[:widest]) + "..."
    if kind is Function:
        return "<function %s>" % value.__qualname__
    if kind is Module:
        return "<module %s>" % vars(value).get("__name__")
    if issubclass(kind, type):
        return "<class %s>" % name_of(value)
    if module_of(kind) in ("datetime", "decimal") and not flags_of(kind) & heap_type:
        return repr(value)
    for base in (dict, *brackets):
        if issubclass(kind, base):
            text = show_pairs(value, depth) if base is dict else show_items(base, value, depth)
            return text if kind is base else "%s(%s)" % (name_of(kind), text)
    if issubclass(kind, BaseException):
        arguments = BaseException.__dict__["args"].__get__(value)
        return "%s(%s)" % (name_of(kind), ", ".join([show(each, depth + 1) for each in arguments[:most]]))
    return show_instance(kind, value, depth)


def show_pairs(value, depth):
    if depth >= deepest:
        return "{...}"
    pairs = [pair for pair, _ in zip(dict.items(value), range(most))]
    texts = ["%s: %s" % (show(key, depth + 1), show(each, depth + 1)) for key, each in pairs]
    return "{%s}" % ", ".join(texts + ["..."] * (dict.__len__(value) > most))


def show_items(base, value, depth):
    opening, closing = brackets[base]
    if depth >= deepest:
        return opening + "..." + closing
    texts = [show(each, depth + 1) for each, _ in zip(base.__iter__(value), range(most))]
    text = ", ".join(texts + ["..."] * (base.__len__(value) > most))
    return opening + text + "," * (base is tuple and len(texts) == 1) + closing


def show_instance(kind, value, depth):
    pairs = [] if depth >= deepest else attributes(kind, value)
    texts = ["%s=%s" % (key, show(each, depth + 1)) for key, each in pairs[:most]]
    return "<%s>" % " ".join([name_of(kind), ", ".join(texts + ["..."] * (len(pairs) > most))]).rstrip()


def attributes(kind, value):
    """The attributes that are kept in an instance: in its slots and in its dictionary, which only C looks at here."""
    pairs, names = [], None
    for each in order_of(kind):
        for name, descriptor in list(names_of(each).items()):
            if type(descriptor) is Slot and flags_of(each) & heap_type:
                try:
                    pairs.append((name, descriptor.__get__(value)))
                except AttributeError:
                    # It has no value.
                    continue
            elif type(descriptor) is GetSet and name == "__dict__" and names is None:
                names = descriptor.__get__(value)
    return pairs + list(names.items() if type(names) is dict else ())


def variables(frame):
    """What is to be seen of a frame's variables: not its imports, functions and classes, whose lines say as much."""
    texts = {}
    for name, value in list(frame.f_locals.items()):
        kind = type(value)
        is_shown = kind is not Function and kind is not Module and not issubclass(kind, type)
        if is_shown and type(name) is str and name[:2] != "__" and name[:1] != ".":
            texts[name] = shorten(show(value))
    drop_locals(frame)
    return texts


def paint(style, text):
    return "\x1b[%sm%s\x1b[0m" % (style, text) if wish == "color" and style else text


def say(indent, number, text, style=None):
    terminal.write("%s%s  %s\n" % ("  " * min(indent, 30), paint(faint, "%5s" % number), paint(style, text)))


def say_changes(frame, indent):
    before, now = known.get(id(frame), {}), variables(frame)
    known[id(frame)] = now
    for name, text in now.items():
        if before.get(name) != text:
            say(indent, "", "  %s = %s" % (name, text), cyan)
    for name in before:
        if name not in now:
            say(indent, "", "  del " + name, cyan)


def say_place(path):
    if place != [path]:
        place[:] = [path]
        terminal.write(paint(bold, path) + "\n")


def line_of(path, number):
    if path not in sources:
        try:
            with open(path, "rb") as file:
                sources[path] = file.read()
            terminal.write("note: %s is shown as it is now: the recorded run did not read it\n" % path)
        except OSError:
            sources[path] = b""
    lines = source_lines(path)
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    # What a terminal would take for a command is shown as it is written in a literal.
    return "".join([each if each.isprintable() else repr(each)[1:-1] for each in line])


def dispatch(frame, event, argument):
    if interrupted():
        end()
    code, indent = frame.f_code, len(active) - 1
    is_function = code.co_flags & optimized
    if event == "call":
        known[id(frame)] = texts = variables(frame) if is_function else {}
        say_place(code.co_filename)
        if is_function:
            given = ", ".join(["%s=%s" % pair for pair in texts.items()])
            say(indent, "", "call %s(%s)" % (code.co_qualname, given), faint)
        return
    if event == "resume":
        say_place(code.co_filename)
        say(indent, "", "resume " + code.co_qualname, faint)
        return
    say_changes(frame, indent)
    if event == "line":
        say_place(code.co_filename)
        say(indent, frame.f_lineno, line_of(code.co_filename, frame.f_lineno))
    elif event == "exception":
        error, traceback = argument
        if is_first(frame, traceback):
            say(indent, "", "raise " + shorten(show(error)), red)
    elif event == "unwind":
        say(indent, "", "%s is left by %s" % (code.co_qualname, argument[1]), red)
    elif is_function:
        say(indent, "", "%s %s" % (event, shorten(show(argument))), faint)
    if event != "line" and event != "exception" and event != "yield":
        known.pop(id(frame), None)


watch(dispatch)

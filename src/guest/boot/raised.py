"""What the host is told of the exception that ends a run.

Only C looks at the objects: no code of the run is called for it, and nothing of the run changes.

A line for each exception, the one that ended the run first: the number of the one that it belongs to and how, its
class, and its message where that can be told so. After it a line for each note, for the place of a syntax error and for
each frame, the outermost first. Fields are separated by tabs; `../raised.rs` reads them.
"""

from gc import disable, enable, get_referents, isenabled

from .startup import traceback_of

most_exceptions = 50
most_frames = 60  # at each end of a traceback
longest_text = 10_000  # in characters
observers = []  # a debugger's function that is called with the exception that ends the run
module_of, qualified_name_of = type.__dict__["__module__"].__get__, type.__dict__["__qualname__"].__get__
order_of, members_of = type.__dict__["__mro__"].__get__, type.__dict__["__dict__"].__get__
Slot = type(BaseException.__str__)
plain_types = {str, int, float, bool, bytes, type(None)}


def field_of(kind, name):
    """How C reads an attribute of exceptions, whatever their class says."""
    return members_of(kind)[name].__get__


arguments_of = field_of(BaseException, "args")
cause_of, context_of = field_of(BaseException, "__cause__"), field_of(BaseException, "__context__")
is_suppressed = field_of(BaseException, "__suppress_context__")
parts_of = field_of(BaseExceptionGroup, "exceptions")
# Besides the arguments, what is in the text of these: C calls `str` or `repr` of it.
shown_fields = {
    OSError: [field_of(OSError, name) for name in ("errno", "strerror", "filename", "filename2")],
    SyntaxError: [field_of(SyntaxError, name) for name in ("msg", "filename", "lineno")],
    UnicodeError: [],
}
syntax_fields = [
    field_of(SyntaxError, name) for name in ("filename", "lineno", "offset", "end_lineno", "end_offset", "text")
]


def class_name(kind):
    """As CPython prints it."""
    module, name = module_of(kind), qualified_name_of(kind)
    if type(module) is not str or module in ("builtins", "__main__"):
        return name
    return module + "." + name


def message_of(error, kind):
    """The text of an exception, if no code of the run makes it, else `None`."""
    method = next((members_of(each)["__str__"] for each in order_of(kind) if "__str__" in members_of(each)), None)
    values = list(arguments_of(error))
    if issubclass(kind, BaseExceptionGroup):
        del values[1:]
    for base, fields in shown_fields.items():
        if issubclass(kind, base):
            values += [get(error) for get in fields]
    if type(method) is not Slot or any([type(each) not in plain_types for each in values]):
        return None
    return method(error)


def notes_of(error):
    # To ask for its dictionary would make one.
    for names in [each for each in get_referents(error) if type(each) is dict]:
        notes = names.get("__notes__")
        if type(notes) is list:
            return [each for each in notes if type(each) is str]
    return []


def position_of(entry):
    """The lines and the columns, in bytes of UTF-8, of what a traceback's entry executes."""
    position = None, None, None, None
    for _, position in zip(range(entry.tb_lasti // 2 + 1), entry.tb_frame.f_code.co_positions()):
        pass
    _, end_line, column, end_column = position
    return entry.tb_lineno, end_line, column, end_column


def line_of(*values):
    """A line of these values; an absent one is empty."""
    fields = []
    for value in values:
        text = value if type(value) is str else "%d" % value if type(value) is int else ""
        if len(text) > longest_text:
            text = text[:longest_text] + "..."
        for plain, escaped in (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
            text = text.replace(plain, escaped)
        fields.append(text)
    return "\t".join(fields)


def frames_of(entry):
    """The entries of a traceback, each with how many in a row are alike: of a recursion there is the innermost."""
    entries = []
    while entry is not None:
        code = entry.tb_frame.f_code
        place = code, entry.tb_lineno
        if entries and entries[-1][1] == place:
            entries[-1][0], entries[-1][2] = entry, entries[-1][2] + 1
        else:
            entries.append([entry, place, 1])
        entry = entry.tb_next
    return entries


def tell(error, message=message_of, variables=None):
    """The lines about an exception. `message` gives its text, and `variables` the names and the values, as texts, of a
    frame's variables."""
    was_enabled = isenabled()
    disable()
    lines, told, seen = [], [(error, None, None)], {id(error)}
    for number, (each, owner, link) in enumerate(told):
        kind = type(each)
        text = message(each, kind)
        lines.append(line_of("exception", owner, link, class_name(kind), *([] if text is None else [text])))
        lines += [line_of("note", note) for note in notes_of(each)]
        if issubclass(kind, SyntaxError):
            lines.append(line_of("syntax", *[get(each) for get in syntax_fields]))
        entries = frames_of(traceback_of(each))
        for i, (entry, place, repeats) in enumerate(entries):
            left_out = len(entries) - 2 * most_frames
            if left_out > 0 and most_frames <= i < most_frames + left_out:
                continue
            if left_out > 0 and i == most_frames + left_out:
                lines.append(line_of("omitted", left_out))
            code = place[0]
            lines.append(line_of("frame", code.co_filename, *position_of(entry), code.co_name, repeats))
            if variables is not None:
                lines += [line_of("local", *pair) for pair in variables(entry.tb_frame)]
        cause, context = cause_of(each), context_of(each)
        others = [(part, "member") for part in parts_of(each)] if issubclass(kind, BaseExceptionGroup) else []
        if cause is not None:
            others.append((cause, "cause"))
        elif context is not None and not is_suppressed(each):
            others.append((context, "context"))
        for other, how in others:
            if len(told) < most_exceptions and id(other) not in seen:
                seen.add(id(other))
                told.append((other, number, how))
    each = error = entry = entries = told = others = other = cause = context = place = code = None
    if was_enabled:
        enable()
    return lines


def describe(error):
    """What the host is told of an exception that ends the run, unless it is the one of `sys.exit`."""
    if issubclass(type(error), SystemExit):
        return ()
    for observe in observers:
        observe(error)
    try:
        return ["raised", *tell(error)]
    except (MemoryError, RecursionError):
        # The run has left too little; its standard error says what it can.
        return ("raised",)

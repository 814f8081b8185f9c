"""Answers what is asked of a run that stands still. The wish says where, after the mark: nothing, at the exception that
ends it or at the end of the user's code; a number, before the line of that number; TIME:LINE:FILE, before a line of a
file. Each question is a line of JSON, and so is each answer, after the mark. The run does not go on."""

import sys

from .show import message, variables
from .watch import (
    active,
    apart,
    boot,
    count_of_runner,
    end,
    enters,
    fail,
    optimized,
    stop_watching,
    terminal,
    watch,
    wish,
)

with apart:
    import json
    from keyword import kwlist

mark, _, goal = wish.partition(" ")
goal_number, _, place = goal.partition(":")
goal_line, _, goal_file = place.partition(":")
left = int(goal_number) + (not place) if goal_number else 0  # how many lines until it stands: of the place, else of all
count = 0  # of the lines that were run
frames = []  # in the order in which they are told
spaces = {}  # number of a frame -> the names that are seen at its prompt
longest_answer = 20_000  # in characters
most_names = 100


class Written:
    """What is printed at a prompt."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        if len(self.text) < longest_answer:
            self.text += text
        return len(text)

    def flush(self):
        pass


def noted(frame):
    frames.append(frame)
    return variables(frame)


def space_of(number):
    """The names of a frame. What is assigned at the prompt of a function stays there: the run is over."""
    if number not in spaces:
        frame = frames[number]
        values = frame.f_globals
        spaces[number] = {**values, **frame.f_locals} if frame.f_code.co_flags & optimized else values
    return spaces[number]


def explain(error):
    """An exception as a traceback, without what is of this file."""
    lines = []
    for entry in boot["frames_of"](boot["traceback_of"](error)):
        code, number = entry[1]
        if code.co_filename != "<debugger>":
            lines.append('  File "%s", line %s, in %s\n' % (code.co_filename, number, code.co_name))
    return "".join([*lines, "%s: %s\n" % (type(error).__name__, message(error, type(error)))])


def evaluate(number, source):
    space, written = space_of(number), Written()
    sys.stdout = sys.stderr = written
    try:
        try:
            code = compile(source, "<prompt>", "eval")
        except SyntaxError:
            exec(compile(source, "<prompt>", "exec"), space)
        else:
            value = eval(code, space)
            if value is not None:
                written.write(repr(value) + "\n")
    except BaseException as error:
        return {"output": written.text[:longest_answer], "error": explain(error)}
    return {"output": written.text[:longest_answer]}


def complete(number, text):
    """The names that go on from `text`, which is one name or several with dots between them."""
    space = space_of(number)
    head, dot, start = text.rpartition(".")
    if not all([part.isidentifier() for part in head.split(".")]) and dot:
        return {"names": []}
    try:
        names = dir(eval(head, space)) if dot else [*space, *vars(boot["builtins"]), *kwlist]
    except BaseException:
        names = []
    found = sorted({name for name in names if type(name) is str and name.startswith(start)})
    plain = [name for name in found if start or name[:1] != "_"]
    return {"names": [head + dot + name for name in plain[:most_names]]}


def reply(question):
    number = question["frame"]
    if number not in range(len(frames)):
        return {"output": "", "error": "there is no such frame\n"}
    if question["do"] == "complete":
        return complete(number, question["text"])
    return evaluate(number, question["text"])


def answer(thing):
    terminal.write("\n" + mark + json.dumps(thing) + "\n")


def stand(lines):
    answer({"told": lines, "count": count, "reached": not left})
    while question := terminal.readline():
        answer(reply(json.loads(question)))
    end()


def at_error(error):
    stop_watching()
    try:
        with apart:
            sys.stdin = sys.stdout = sys.stderr = Written()
            stand(boot["tell"](error, message, noted))
    except BaseException as problem:
        fail(problem)


def at_line(frame):
    stack = []
    while frame is not None:
        stack.append(frame)
        frame = frame.f_back
    stack.reverse()
    line_of, lines = boot["line_of"], []
    for each in stack[count_of_runner(stack) :]:
        code = each.f_code
        lines.append(line_of("frame", code.co_filename, each.f_lineno, None, None, None, code.co_name, 1))
        lines += [line_of("local", *pair) for pair in noted(each)]
    with apart:
        sys.stdin = sys.stdout = sys.stderr = Written()
        stand([line_of("exception", None, None, "", ""), *lines])


def is_goal(frame):
    if not place:
        return bool(goal_number)
    path = frame.f_code.co_filename
    return frame.f_lineno == int(goal_line) and (path == goal_file or path.endswith("/" + goal_file))


def dispatch(frame, event, argument):
    global count, left
    if event == "line":
        if is_goal(frame):
            left -= 1
            if not left:
                at_line(frame)
        count += 1
    elif event == "return" and len(active) == 1:
        # The user's code has come to its end.
        at_line(frame)


boot["observers"].append(enters(at_error))
watch(dispatch)

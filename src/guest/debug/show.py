"""Shows the variables of frames, for those who look at a run that does not go on: `repr` is code of the run."""

from .watch import apart, enters, optimized

with apart:
    import reprlib

longest = 400  # of a value, in characters
most = 60  # variables of a frame
room = 1 << 20  # for all values, in characters
secret = "password", "passwd", "secret", "token", "apikey", "api_key", "private_key", "credential", "authorization"
masked = "'********'"
Function, Module = type(enters), type(reprlib)


def is_secret(name):
    name = name.lower() if type(name) is str else ""
    return any([each in name for each in secret]) or name == "key" or name.endswith("_key")


class Repr(reprlib.Repr):
    def __init__(self):
        super().__init__()
        self.maxlevel = 4
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdeque = 20
        self.maxarray = 20
        self.maxstring = self.maxother = longest
        self.maxlong = 100

    def repr_dict(self, value, level):
        # In its own order: the one of `reprlib` is sorted.
        if level <= 0 and value:
            return "{...}"
        texts = []
        for key, inner in list(value.items())[: self.maxdict]:
            text = masked if is_secret(key) else self.repr1(inner, level - 1)
            texts.append("%s: %s" % (self.repr1(key, level - 1), text))
        return "{%s}" % ", ".join(texts + ["..."] * (len(value) > self.maxdict))


class Nowhere:
    """In place of the streams: what a `repr` prints is no part of the report."""

    def write(self, text):
        return len(text)

    def flush(self):
        pass


def show(value):
    try:
        text = short.repr(value)
    except BaseException as error:
        return "<repr() failed: %s>" % type(error).__name__
    return text if len(text) <= 2 * longest else text[: 2 * longest] + "..."


def variables(frame):
    global room
    is_module = not frame.f_code.co_flags & optimized
    shown, left_out = 0, 0
    for name, value in list(frame.f_locals.items()):
        kind = type(value)
        if type(name) is not str or name[:2] == "__" or name[:1] == ".":
            continue
        if is_module and (kind is Module or kind is Function or issubclass(kind, type)):
            continue
        if shown == most or room < 0:
            left_out += 1
            continue
        text = masked if is_secret(name) else show(value)
        shown, room = shown + 1, room - len(text)
        yield name, text
    if left_out:
        yield "...", "%d more" % left_out


def message(error, kind):
    try:
        return str(error)
    except BaseException:
        return "<exception str() failed>"


with apart:
    nowhere = Nowhere()
    short = Repr()

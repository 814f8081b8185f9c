"""Follows `reveal.py` in a saved interpreter: lists every object that a module leads to, by the shortest way.

It runs no code of the objects: no method, property, comparison or `__class__` of theirs. What it asks for is answered
by C functions of the interpreter: descriptors taken from the built-in types.

A line for each object: the number of the line that led here, the name there, the type, what kind of container it is,
where what goes before the object begins in memory, where the object itself begins and ends, and its value, where that
can be told.
"""

import gc
import posix
import sys
from _weakref import ReferenceType

from .reveal import boot

gc.disable()
Module, Function, Code = type(sys), type(lambda: 0), type((lambda: 0).__code__)
names_of = Module.__dict__["__dict__"].__get__
members_of = type.__dict__["__dict__"].__get__
type_name = type.__dict__["__name__"].__get__
order_of = type.__dict__["__mro__"].__get__
flags_of = type.__dict__["__flags__"].__get__
size_of, int_size, str_size = object.__sizeof__, int.__sizeof__, str.__sizeof__
Member, GetSet = type(Function.__dict__["__closure__"]), type(Function.__dict__["__code__"])
HEAP_TYPE, HAS_GC = 1 << 9, 1 << 14
HEAD = 16  # the garbage collector's header before an object, and what goes before that
unnamed = {"__builtins__", "__loader__", "__spec__"}
containers = (
    *((dict, "d"), (list, "l"), (set, "s"), (frozenset, "s"), (Function, "f"), (type, "c"), (Code, "b")),
    (ReferenceType, "w"),
)
with_values = "datetime", "_datetime", "_decimal", "_random"
clear = {name: sys.modules[name] for name in with_values if name in sys.modules}
shown = {}  # type -> how a value of exactly this type is shown


def cell_of(value):
    return (lambda: value).__closure__[0]


Cell = type(cell_of(0))


def short(value):
    """The text of a value that has no end of its own; the rest of it as a number."""
    if len(value) <= 200:
        return ascii(value)
    rest = value.encode("utf-8", "surrogatepass") if type(value) is str else value
    return "%s... (%d, %x)" % (ascii(value[:100]), len(value), int.from_bytes(rest, "little") % ((1 << 61) - 1))


def number(value):
    return repr(value) if value.bit_length() < 600 else "%x (%d bits)" % (value % ((1 << 61) - 1), value.bit_length())


def find(kind, name):
    """How an attribute is read that a built-in type has, or one that it is derived from."""
    return [members_of(each)[name] for each in order_of(kind) if name in members_of(each)][0].__get__


def moment(*names):
    """Shows what is a number in an object of `datetime`; its time zone may be an object of any class."""
    return lambda value: "-".join(["%d" % get(value) for get in names])


for kind in (float, bool, complex, type(None), range):
    shown[kind] = kind.__repr__
shown.update({str: short, bytes: short, int: number})
leaves = set(shown)
plain = {str: str.__str__, int: int.__int__, float: float.__float__}
plain[bytes] = lambda value: bytes.__getitem__(value, slice(None))
moments = []  # types, each with how a value of it or of a class derived from it is shown
fields = {
    "datetime": ("year", "month", "day", "hour", "minute", "second", "microsecond"),
    "date": ("year", "month", "day"),
    "time": ("hour", "minute", "second", "microsecond"),
    "timedelta": ("days", "seconds", "microseconds"),
}
for name in ("_datetime", "datetime"):
    module = names_of(clear[name]) if name in clear else {}
    for kind in [module[kind] for kind in fields if kind in module]:
        if not flags_of(kind) & HEAP_TYPE:
            moments.append((kind, moment(*[find(kind, field) for field in fields[type_name(kind).rpartition(".")[2]]])))
if "_decimal" in clear:
    Decimal = names_of(clear["_decimal"])["Decimal"]
    shown[Decimal] = Decimal.__repr__
generator = names_of(clear["_random"])["Random"] if "_random" in clear else None


def describe(thing, kind):
    """The value of an object; empty for one that is what is in it."""
    if kind in shown:
        return shown[kind](thing)
    for base, convert in plain.items():
        if issubclass(kind, base):
            return shown[base](convert(thing))
    for base, show in moments:
        if issubclass(kind, base):
            return show(thing)
    if generator is not None and issubclass(kind, generator):
        return "<state %x>" % (hash(generator.getstate(thing)) & 0xFFFFFFFF)
    if issubclass(kind, (set, frozenset)):
        base = set if issubclass(kind, set) else frozenset
        texts = [shown[type(each)](each) for each in base.__iter__(thing) if type(each) in leaves]
        return short("{%s}" % ", ".join(sorted(texts)))
    if issubclass(kind, dict):
        return short("{%s}" % ", ".join([label_of(key) for key in dict.keys(thing)]))
    if kind is Function:
        return "%s:%d" % (thing.__code__.co_filename, thing.__code__.co_firstlineno)
    if issubclass(kind, (list, tuple)):
        return "%d items" % (list if issubclass(kind, list) else tuple).__len__(thing)
    if issubclass(kind, bytearray):
        return short(bytes(bytearray.copy(thing)))
    return ""


def label_of(key):
    kind = type(key)
    if kind in leaves:
        return "[%s]" % (shown[kind](key) if kind is not str or len(key) < 60 else short(key)[:80])
    return "[<%s>]" % name_of(key)


def attribute(name):
    return "." + name if type(name) is str else label_of(name)


def name_of(thing):
    """A name by which things are told apart that stand in no order."""
    kind = type(thing)
    if issubclass(kind, type):
        return type_name(thing)
    return type_name(kind)


def printable(text):
    return text if text.isprintable() else ascii(text)[1:-1]


def namespace(names):
    """A dictionary whose values are attributes of an object, and listed as those."""
    namespaces.add(id(names))
    return "<names>", names


namespaces = set()
explicit = {Function, Code, Cell}  # the types all of whose contents have a name
known_slots = {}


def slots(kind):
    """The attributes of objects of a type, as functions that read them, and the one that reads their dictionary."""
    if kind not in known_slots:
        read, dictionary = [], None
        for each in order_of(kind):
            members = members_of(each)
            for name, member in list(members.items()):
                if type(member) is Member and name != "__doc__":
                    read.append(("." + name, member.__get__))
            found = members.get("__dict__")
            if dictionary is None and type(found) is GetSet:
                dictionary = found.__get__
        known_slots[kind] = read, dictionary
    return known_slots[kind]


def contents(thing, kind):
    """What an object leads to, with the name of each."""
    if issubclass(kind, type):
        if flags_of(thing) & HEAP_TYPE:
            for name, value in list(members_of(thing).items()):
                yield attribute(name), value
            yield from [namespace(each) for each in gc.get_referents(thing) if type(each) is dict][:1]
        return
    if id(thing) in namespaces:
        return
    if kind is Function:
        yield ".__code__", thing.__code__
        yield ".__defaults__", thing.__defaults__
        yield ".__kwdefaults__", thing.__kwdefaults__
        for name, value in list(thing.__dict__.items()):
            yield attribute(name), value
        for name, cell in zip(thing.__code__.co_freevars, thing.__closure__ or ()):
            yield "<%s>" % name, cell
        return
    if kind is Code:
        for each in thing.co_consts:
            if type(each) is Code:
                yield "<%s>" % each.co_name, each
        return
    if issubclass(kind, Module):
        for name, value in list(names_of(thing).items()):
            if type(name) is str and name not in unnamed:
                yield "." + name, value
        yield namespace(names_of(thing))
        return
    if kind is Cell:
        for value in gc.get_referents(thing):
            yield "", value
        return
    if issubclass(kind, dict):
        for key, value in list(dict.items(thing)):
            label = label_of(key)
            yield label, value
            if type(key) not in leaves:
                yield label + "<key>", key
    elif issubclass(kind, (list, tuple)):
        base = list if issubclass(kind, list) else tuple
        for i, value in enumerate(base.__iter__(thing)):
            yield "[%d]" % i, value
    elif issubclass(kind, (set, frozenset)):
        base = set if issubclass(kind, set) else frozenset
        named = [(name_of(each), each) for each in base.__iter__(thing) if type(each) not in leaves]
        for name, value in sorted(named, key=lambda pair: pair[0]):
            yield "{%s}" % name, value
        for value in base.__iter__(thing):
            if type(value) in leaves:
                yield "{%s}" % shown[type(value)](value), value
    read, dictionary = slots(kind)
    if dictionary is not None:
        try:
            attributes = dictionary(thing)
        except AttributeError:
            attributes = None
        if type(attributes) is dict:
            for name, value in list(attributes.items()):
                yield attribute(name), value
            yield namespace(attributes)
    for name, get in read:
        try:
            yield name, get(thing)
        except AttributeError:
            pass

def all_contents(thing, kind):
    """As `contents`, with what no name leads to."""
    named = {id(kind)}
    for label, value in contents(thing, kind):
        named.add(id(value))
        yield label, value
    if kind not in explicit and id(thing) not in namespaces and not issubclass(kind, (type, Module)):
        for i, value in enumerate(gc.get_referents(thing)):
            if id(value) not in named:
                yield "<%d>" % i, value


def walk():
    lines, queue, seen = [], [], {id(sys.modules), id(sys.path_importer_cache), id(globals()), id(boot), id(shown)}
    seen.update(map(id, (known_slots, sys.modules["__main__"], boot["hidden"], boot["startup"])))

    def add(number, label, thing):
        kind = type(thing)
        is_leaf = kind in leaves
        if not is_leaf and id(thing) in seen:
            return
        start = id(thing)
        head = start - HEAD if flags_of(kind) & HAS_GC else start
        if issubclass(kind, int):
            end = start + int_size(thing)
        elif kind is str:
            end = start + str_size(thing)  # of a class derived from it, the characters are elsewhere
        elif kind is Code:
            end = start + Code.__sizeof__(thing)
        else:
            end = start + size_of(thing)
        sort = "-"
        for base, letter in containers:
            if issubclass(kind, base):
                sort = letter
                break
        line = number, printable(label), printable(type_name(kind)), sort, head, start, end, describe(thing, kind)
        lines.append("%d\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n" % line)
        if not is_leaf:
            seen.add(id(thing))
            queue.append((len(lines) - 1, thing))

    for name, module in [*boot["startup"].items(), *boot["hidden"].items()]:
        if module is not None and id(module) not in seen:
            add(-1, name, module)
    at = 0
    while at < len(queue):
        number, thing = queue[at]
        at += 1
        for label, value in all_contents(thing, type(thing)):
            add(number, label, value)
    return "".join(lines)


text = memoryview(walk().encode("ascii", "backslashreplace"))
while text:
    text = text[posix.write(1, text) :]
posix._exit(0)

"""What modules draw of the time and of random bytes while they are loaded, and can draw again when they are revealed.

Two things are refreshed: a generator of random numbers that the system's random bytes seeded and nobody has used
since, in place, so that every name for it has the fresh one; and a name in a module or in a class of its own that a
statement `NAME = CALL` gives a time or a UUID. What is left of the value elsewhere, a second name or what was made
from it, is not refreshed: the proof finds it. What is uncertain is not refreshed either, and so is found by the proof.
"""

import _ast
import sys
import time
from _weakref import ref

from .startup import names_of, startup
from .state import WARM_UP, effects, is_module, is_of_library, spec_of

refreshed = []  # what is refreshed, by name
generators = []  # those that are, by address, each with the module and its name there
FunctionType = type(lambda: 0)
functions = (_ast.FunctionDef, _ast.AsyncFunctionDef, _ast.Lambda)
clocks = "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"
drawing = {*clocks, "uuid1", "uuid4", "now"}  # the last part of the name of what is called
members_of = type.__dict__["__dict__"].__get__


class Seeds:
    """Who seeds generators of `random`, and whether with something. `Random.seed` and `Random.setstate` are given other
    code while modules are loaded: they stay the functions that they are, of which a module may keep a bound method."""

    def __init__(self, loading):
        self.loading = loading  # the modules whose code runs, each with something more
        self.noted = {}  # address of a generator -> a reference to it, and who seeded it: `None` for with something
        self.replaced = []  # functions, each with its own code
        self.shared = None
        self.is_shared_seeded = False  # whether a module seeded the generator that all use with something

    def begin(self):
        """Does nothing where `random` is not loaded."""
        module = sys.modules.get("random")
        if self.replaced or module is None or not is_of_library(module):
            return
        self.shared = names_of(module)["_inst"]
        kind = names_of(module)["Random"]
        for function, note in (kind.seed, self.note_seed), (kind.setstate, self.note_state):
            plain, free = function.__code__, function.__code__.co_freevars
            if len(free) == 1 and not function.__kwdefaults__:
                code = with_note(function.__name__).__code__.replace(co_freevars=free)
                arguments = function.__globals__, function.__name__, function.__defaults__, function.__closure__
                self.replaced.append((function, plain))
                function.__kwdefaults__ = {"note": note, "plain": FunctionType(plain, *arguments)}
                function.__code__ = code

    def end(self):
        for function, code in self.replaced:
            function.__code__, function.__kwdefaults__ = code, None

    def note(self, generator, owner):
        known, owners = self.noted.get(id(generator), (None, {}))
        if known is None or known() is not generator:
            owners = {}
        owners[owner] = None
        self.noted[id(generator)] = ref(generator), owners

    def note_seed(self, generator, seed):
        self.note(generator, self.loading[-1][0] if seed is None and self.loading else None)
        if seed is not None and generator is self.shared and not (self.loading and self.loading[-1][0] == WARM_UP):
            self.is_shared_seeded = True

    def note_state(self, generator, state):
        self.note_seed(generator, state)

    def settle(self):
        """Has those seeded again that can be. The host looks whether they have been used."""
        if len(self.replaced) < 2:
            return
        for reference, owners in self.noted.values():
            generator = reference()
            if generator is None or None in owners or "seed" in generator.__dict__:
                continue
            seeds = [members_of(each)["seed"] for each in type(generator).__mro__ if "seed" in members_of(each)]
            if seeds[0] is self.replaced[0][0]:
                for owner in [each for each in owners if each in sys.modules]:
                    name = name_in(owner, generator)
                    refresh(owner, name, seed_again, generator)
                    generators.append((id(generator), owner, name))


def with_note(name):
    """A function whose code can take the place of that of the method `name` of `Random`."""
    __class__ = None

    def seed(self, a=None, version=2, *, note, plain):
        _ = __class__
        plain(self, a, version)
        note(self, a)

    def setstate(self, state, *, note, plain):
        _ = __class__
        plain(self, state)
        note(self, state)

    return seed if name == "seed" else setstate


def seed_again(generator):
    generator.seed()


def name_in(owner, thing):
    for name, value in names_of(sys.modules[owner]).items():
        if value is thing:
            return name
    return "<%s>" % type(thing).__name__


def refresh(owner, name, function, *arguments):
    """Has the function called before anything else that revealing the module does."""
    refreshed.append("%s.%s" % (owner, name))
    effects.setdefault(owner, []).insert(0, (function, arguments, {}))


def settle_values(began, names_at_once):
    """Has times and UUIDs drawn again, of modules whose loading `began` then. `names_at_once` are the names that the
    code of each module uses while it is loaded, but for those in functions."""
    for owner, names in names_at_once.items():
        module = sys.modules.get(owner)
        if owner in startup or names.isdisjoint(drawing) or not is_module(module) or is_of_library(module):
            continue
        for path, name, call in reversed(assignments(module)):
            namespace = names_of(module)
            holder, value = held(owner, namespace, path, name)
            function, arguments = drawn_by(call, namespace)
            # What other modules made from it need not differ from interpreter to interpreter.
            uses = [each for each, used in names_at_once.items() if name in used and name not in names_in_module(each)]
            if holder is None or function is None or [each for each in uses if each != owner]:
                continue
            if is_drawn(value, function(*arguments), began):
                refresh(owner, ".".join([*path, name]), draw_again, holder, name, function, arguments)


def draw_again(holder, name, function, arguments):
    if type(holder) is dict:
        holder[name] = function(*arguments)
    else:
        type.__setattr__(holder, name, function(*arguments))


def names_in_module(name):
    module = sys.modules.get(name)
    return names_of(module) if is_module(module) else ()


def assignments(module):
    """The statements of a module and of its classes that give a name, which nothing else may change, what a call gives
    back: the class, the name, the call."""
    path = getattr(spec_of(module), "origin", None)
    if type(path) is not str or not path.endswith(".py"):
        return []
    try:
        with open(path, "rb") as file:
            source = file.read()
        ends = [line.partition(b"#")[0].rstrip().rpartition(b"=") for line in source.splitlines()]
        if not [end for _, sign, end in ends if sign and end.endswith(b")") and may_draw(end)]:
            return []
        tree = compile(source, path, "exec", _ast.PyCF_ONLY_AST, dont_inherit=True)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = list(assignments_in(tree.body, ()))
    return [(path, name, call) for path, name, call in found if mentions(tree, name) == 1]


def may_draw(text):
    return any([name.encode() + b"(" in text for name in drawing])


def assignments_in(body, path):
    for node in body:
        target = None
        if type(node) is _ast.ClassDef:
            yield from assignments_in(node.body, (*path, node.name))
        elif type(node) is _ast.Assign and len(node.targets) == 1:
            target = node.targets[0]
        elif type(node) is _ast.AnnAssign:
            target = node.target
        if type(target) is _ast.Name and type(node.value) is _ast.Call:
            yield path, target.id, node.value


def mentions(tree, name):
    """How often a name is in a source, but for where a function reads it, which requests call."""
    count, pending = 0, [(tree, False)]
    while pending:
        node, is_later = pending.pop()
        is_read = type(getattr(node, "ctx", None)) is _ast.Load
        for field in node._fields:
            value = getattr(node, field, None)
            later = is_later or field == "body" and type(node) in functions
            for each in value if type(value) is list else [value]:
                if isinstance(each, _ast.AST):
                    pending.append((each, later))
                elif type(each) is str and each == name and not (is_later and is_read):
                    count += 1
    return count


def held(owner, namespace, path, name):
    """The module's names or the class that hold a name, and its value; `None` where another class is there."""
    holder = namespace
    for i, each in enumerate(path):
        found = holder.get(each) if type(holder) is dict else members_of(holder).get(each)
        if type(found) is not type or found.__module__ != owner or found.__qualname__ != ".".join(path[: i + 1]):
            return None, None
        holder = found
    names = holder if type(holder) is dict else members_of(holder)
    return (holder, names[name]) if name in names else (None, None)


def value_of(node, namespace):
    """What a name with dots stands for, of modules and classes of the library."""
    if type(node) is _ast.Name:
        return namespace.get(node.id)
    if type(node) is not _ast.Attribute:
        return None
    owner = value_of(node.value, namespace)
    if is_module(owner):
        return names_of(owner).get(node.attr)
    return members_of(owner).get(node.attr) if type(owner) is type else None


def drawn_by(call, namespace):
    """The function that a call draws a time or a UUID with, and its arguments; `None` for any other call."""
    known = {name: names_of(sys.modules[name]) for name in ("time", "uuid", "datetime") if name in sys.modules}
    datetime = known.get("datetime", {}).get("datetime")
    is_moment = type(call.func) is _ast.Attribute and datetime is not None
    if is_moment and call.func.attr == "now" and value_of(call.func.value, namespace) is datetime:
        arguments = [*call.args, *[each.value for each in call.keywords if each.arg == "tz"]]
        utc = known["datetime"]["timezone"].utc
        if len(arguments) == len(call.args) + len(call.keywords) <= 1:
            if not [each for each in arguments if value_of(each, namespace) is not utc]:
                return datetime.now, tuple([utc for _ in arguments])
    elif not call.args and not call.keywords:
        function = value_of(call.func, namespace)
        for module, names in (("time", clocks), ("uuid", ("uuid1", "uuid4"))):
            for each in [known.get(module, {}).get(name) for name in names]:
                if each is not None and each is function:
                    return function, ()
    return None, ()


def is_drawn(value, again, began):
    """Whether a value was drawn as another one is `again`, since loading `began`."""
    kind = type(again)
    if type(value) is not kind:
        return False
    if kind is int or kind is float:
        age = (again - value) / (1e9 if kind is int else 1)
    elif hasattr(kind, "version"):
        return value.version == again.version
    elif value.tzinfo is again.tzinfo:
        age = (again - value).total_seconds()
    else:
        return False
    # Microseconds are cut off.
    return 0 <= age <= (time.time_ns() - began) / 1e9 + 1e-6

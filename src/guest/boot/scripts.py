"""The code of scripts and of modules of the app: compiled once, and known by the content of their files."""

import builtins
import posix
import sys
from _frozen_importlib_external import SourceFileLoader
from posix import read

from .imports import Watch, examine, script_notes, watch_module
from .shared import counters_of_filters
from .startup import Module
from .state import in_library
from .version import main_has_annotations

scripts = {}  # path of a script or a module -> (source, code or None where it must be compiled each time)
is_new_script = False
new_modules = []  # the paths of modules that the next image should have among `scripts`
plain_get_code, plain_source_to_code = SourceFileLoader.get_code, SourceFileLoader.source_to_code
plain_compile = compile


def main_module(loader):
    """A `__main__` as `python` makes it."""
    module = Module("__main__")
    namespace = module.__dict__
    namespace["__loader__"] = loader
    if main_has_annotations:
        namespace["__annotations__"] = {}
    namespace["__builtins__"] = builtins
    sys.modules["__main__"] = module
    return namespace


def read_script(path, guess):
    descriptor = posix.open(path, posix.O_RDONLY)
    try:
        source = read(descriptor, guess)
        if len(source) == guess:
            while chunk := read(descriptor, 1 << 16):
                source += chunk
        return source
    finally:
        posix.close(descriptor)


class Held:
    """Standard error of a compilation: its warnings are to be seen only if the script is then run."""

    def __init__(self):
        self.texts = []

    def write(self, text):
        self.texts.append(text)

    def flush(self):
        pass


def compile_held(source, path):
    """The code, or `None` for what only a plain start reports rightly: a syntax error, a null byte, ..."""
    stream, held = sys.stderr, Held()
    sys.stderr = held
    try:
        code = compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None
    finally:
        sys.stderr = stream
    for text in held.texts:
        stream.write(text)
    return code


def compile_script(path):
    """The script's code, or `None` for what only a plain start reports rightly: a directory, no such file, ..."""
    global is_new_script
    known, code = scripts.get(path, (b"", None))
    try:
        source = read_script(path, max(8191, len(known)) + 1)
    except OSError:
        return None
    is_new_script = source != known
    return code if code and not is_new_script else compile_held(source, path)


def get_code(self, fullname):
    """As `SourceLoader.get_code` of importlib."""
    code = find_code(self, fullname)
    watch_module(fullname, code)
    return code


def find_code(self, fullname):
    """The code of a module outside of the library is known by its content, not by the time and the size of its
    file."""
    global is_new_script
    if (
        type(self) is not SourceFileLoader
        or in_library(self.path)
        or SourceFileLoader.source_to_code is not plain_source_to_code
        or vars(builtins).get("compile") is not plain_compile
        or sys.flags.verbose
        or sys.getprofile() is not None
        or sys.gettrace() is not Watch.tracer
    ):
        return plain_get_code(self, fullname)
    path = self.path
    if path not in scripts:
        new_modules.append(path)
        return plain_get_code(self, fullname)
    known, code = scripts[path]
    try:
        is_known = self.get_data(self.get_filename(fullname)) == known
    except OSError:
        return plain_get_code(self, fullname)
    is_new_script = is_new_script or not is_known
    return code if code and is_known else plain_get_code(self, fullname)


def compile_early(path):
    """Compiles a script or a module for later runs, unless it says something that each run is to say."""
    source, code, caught = b"", None, []
    counters = [(owner, name, getattr(owner, name)) for owner, name in counters_of_filters()]
    import warnings

    for owner, name, _ in counters:
        setattr(owner, name, lambda: None)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            source = read_script(path, 1 << 16)
            code = compile(source, path, "exec", dont_inherit=True)
    except Exception:
        pass
    for counter in counters:
        setattr(*counter)
    if code and not caught:
        script_notes[id(code)] = examine(code)
    scripts[path] = source, None if caught else code

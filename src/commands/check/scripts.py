"""Checks scripts without running them: their syntax, and that what they import can be found.

Its one argument is JSON: a list of scripts, each with `kind` ("script", "command" or "module") and `target`. It prints
JSON: the findings, and what the scripts may import. Modules of the app itself, those below a script's directory, are
followed.
"""

import ast
import importlib.util
import json
import sys
import warnings
from importlib.machinery import PathFinder

HANDLES_IMPORTS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}

findings = []
seen = set()
library, packages, sources = set(), set(), set()
# What is loaded when the interpreter starts, but for the library: `pywagi.libraries`, where there are some.
at_start = {name for name in sys.modules if name.partition(".")[0] not in sys.stdlib_module_names}
# A reactor, such as the scientific interpreter, is isolated, and searches the directory of a script all the same.
is_reactor = "_reactor" in sys.modules
searches_directory = not sys.flags.safe_path or is_reactor
start_path = sys.path[1:] if sys.path[:1] == [""] else sys.path[:]


def find(level, file, line, column, message, **more):
    finding = {"level": level, "file": file, "line": line, "column": column, "message": message, **more}
    if finding not in findings:
        findings.append(finding)


def parse(source, file):
    """The syntax tree, or `None` where there is none; what is wrong is noted."""
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            compile(source, file, "exec", dont_inherit=True)
        for warning in caught:
            find("warning", file, warning.lineno, None, f"{warning.category.__name__}: {warning.message}")
        return ast.parse(source, file)
    except SyntaxError as error:
        message = f"{type(error).__name__}: {error.msg}"
        find("error", file, error.lineno, error.offset or None, message, kind="syntax")
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        find("error", file, None, None, f"it cannot be compiled: {type(error).__name__}: {error}", kind="syntax")
    return None


def is_main(test):
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def is_part_of_reactor(spec):
    """Whether a module, or a package, is built into a reactor, as its library is."""
    archive = "/python%d%d.zip/" % sys.version_info[:2]
    return is_reactor and (spec.origin in ("built-in", "frozen") or archive in (spec.origin or ""))


def is_path(node):
    return isinstance(node, ast.Attribute) and node.attr == "path" and getattr(node.value, "id", None) == "sys"


def handles_imports(handler):
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(each is None or getattr(each, "id", None) in HANDLES_IMPORTS for each in types)


def imports(nodes):
    """The imports that nothing guards: those in a `try` that handles their error, or below a condition, may fail."""
    for node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif isinstance(node, ast.If) and not is_main(node.test):
            continue
        elif isinstance(node, ast.Try) and any(map(handles_imports, node.handlers)):
            continue
        else:
            yield from imports(ast.iter_child_nodes(node))


class App:
    """The modules that a script sees."""

    def __init__(self, directory, script=None):
        self.directory = directory
        self.script = script
        # Whether it adds to `sys.path`: where it finds modules is not known then.
        self.changes_path = False
        self.path = ([directory] if directory is not None and searches_directory else []) + start_path

    def spec(self, name):
        sys.path[:] = self.path
        try:
            return importlib.util.find_spec(name)
        except (ImportError, AttributeError, ValueError):
            return None

    def is_own(self, file):
        own = self.directory and self.directory.rstrip("/") + "/"
        return bool(own) and isinstance(file, str) and file.startswith(own)

    def note_imports(self, tree):
        """Notes all that may be imported, also where nothing is wrong if it cannot be."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.note(alias.name)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                self.note(node.module)
                for alias in node.names if node.module.partition(".")[0] in sys.stdlib_module_names else ():
                    self.note(f"{node.module}.{alias.name}")

    def note(self, name):
        top = name.partition(".")[0]
        spec = self.spec(top)
        if spec is None or self.is_own(spec.origin) or name in at_start:
            return
        if top not in sys.stdlib_module_names:
            (library if is_part_of_reactor(spec) else packages).add(name)
        elif top == name or self.spec(name):
            # A module inside of a package of the library: that has been imported to find it.
            library.add(name)

    def follow(self, name, node, file):
        """Looks for the dotted `name`, and into it where it is the app's own; says whether it is there, or `None` where
        that it is not has been noted."""
        if name in at_start:
            return True
        top, *rest = name.split(".")
        spec = self.spec(top)
        if spec is None:
            self.missing(top, node, file)
            return None
        if not self.is_own(spec.origin) and not any(map(self.is_own, spec.submodule_search_locations or ())):
            self.check_library(top, node, file)
            return True
        self.check_module(top, spec)
        for part in rest:
            if spec.submodule_search_locations is None:
                return False
            top += "." + part
            # Its parents are not imported for that.
            spec = PathFinder.find_spec(top, spec.submodule_search_locations)
            if spec is None:
                return False
            self.check_module(top, spec)
        return True

    def check_library(self, name, node, file):
        # To import it tells what it cannot do without, and runs nothing of the app.
        if name not in sys.stdlib_module_names or name in ("__main__", "antigravity", "this"):
            return
        # A module beside the script may have the name of one that this imports.
        sys.path[:] = start_path
        try:
            importlib.import_module(name)
        except ImportError as error:
            message = f"`{name}` cannot be imported here: {error}"
            find("error", file, node.lineno, node.col_offset + 1, message, kind="platform", name=name)

    def missing(self, name, node, file):
        place = file, node.lineno, node.col_offset + 1
        if name in sys.stdlib_module_names:
            find("error", *place, f"`{name}` is not in Python for WebAssembly", kind="platform", name=name)
            return
        if self.changes_path:
            return
        import difflib
        import pkgutil

        # Modules written in C or for other systems are not what was meant.
        known = [each for each in sys.stdlib_module_names if not each.startswith("_")]
        known += [module.name for module in pkgutil.iter_modules(self.path)]
        near = difflib.get_close_matches(name, known, 1, 0.75)
        looked = [each for each in self.path if each.startswith("/") and "/python3" not in each]
        find("error", *place, f"there is no module `{name}`", kind="import", name=name, near=near, looked=looked)

    def check_module(self, name, spec):
        if spec.origin and spec.origin.endswith(".py") and self.is_own(spec.origin):
            package = name if spec.submodule_search_locations is not None else name.rpartition(".")[0]
            self.check_file(spec.origin, package)

    def check_file(self, file, package):
        if (file, self.directory) in seen:
            return
        seen.add((file, self.directory))
        if package or file != self.script:
            sources.add(file)
        try:
            with open(file, "rb") as stream:
                source = stream.read()
        except OSError as error:
            find("error", file, None, None, f"it cannot be read: {error.strerror}", kind="file")
            return
        self.check_source(source, file, package)

    def check_source(self, source, file, package):
        tree = parse(source, file)
        if tree:
            self.note_imports(tree)
        self.changes_path = self.changes_path or any(map(is_path, ast.walk(tree) if tree else ()))
        for node in imports([tree] if tree else []):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.check_import(alias.name, node, file)
                continue
            name = node.module or ""
            if node.level:
                if not package:
                    message = "a relative import is for modules of a package, and this is none"
                    find("error", file, node.lineno, node.col_offset + 1, message, kind="script")
                    continue
                base = package.split(".")
                if node.level > len(base):
                    message = "this relative import leads out of the package"
                    find("error", file, node.lineno, node.col_offset + 1, message, kind="relative")
                    continue
                name = ".".join(base[: len(base) - node.level + 1] + [name] * bool(name))
            if self.check_import(name, node, file):
                for alias in node.names:
                    # A module, or something in one: which cannot be told without running it.
                    if name == "pywagi.libraries" and alias.name not in ("*", *dir(sys.modules[name])):
                        message = f"no [[library]] of modules.toml is called `{alias.name}`"
                        find("error", file, node.lineno, node.col_offset + 1, message, kind="import", name=name)
                    elif alias.name != "*" and self.is_package_of_the_app(name):
                        self.follow(f"{name}.{alias.name}", node, file)

    def is_package_of_the_app(self, name):
        spec = self.spec(name.partition(".")[0])
        return spec is not None and any(map(self.is_own, spec.submodule_search_locations or ()))

    def check_import(self, name, node, file):
        there = self.follow(name, node, file)
        if there is False and not self.changes_path:
            message = f"there is no module `{name}`"
            find("error", file, node.lineno, node.col_offset + 1, message, kind="import", name=name)
        return there is True


def check(kind, target):
    if kind == "script":
        file = target if target.startswith("/") else "/" + target
        App(file.rpartition("/")[0] or "/", file).check_file(file, "")
    elif kind == "command":
        App("/").check_source(target, "<string>", "")
    else:
        app = App("/")
        # `python -m` finds it along the path, wherever that leads. Installed packages are not the app's own.
        top = target.partition(".")[0]
        spec = app.spec(top)
        origin = spec and (spec.submodule_search_locations or [spec.origin])[0]
        if isinstance(origin, str) and "/" in origin and top not in sys.stdlib_module_names:
            directory = origin.rpartition("/")[0]
            if directory.rpartition("/")[2] not in ("packages", "site-packages"):
                app.directory = directory
        node = ast.Pass(lineno=None, col_offset=-1)
        if app.check_import(target, node, "<module>"):
            app.follow(target + ".__main__", node, "<module>")


for script in json.loads(sys.argv[1]):
    check(script["kind"], script["target"])
imported = {"library": sorted(library), "packages": sorted(packages), "sources": sorted(sources)}
print(json.dumps({"findings": findings, **imported}))

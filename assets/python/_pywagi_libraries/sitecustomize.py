"""`pywagi.libraries` for scripts: see `_pywagi_libraries.py`.

This directory stands before others in PYTHONPATH where modules.toml has a [[library]]. Another `sitecustomize` runs as
ever.
"""

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder

from _pywagi_libraries import libraries

# For pywagi: this changes nothing in the library.
replaces_nothing_later = True


class Provided:
    """Finds the `pywagi` that `import pywagi.libraries` binds. Many apps have a `pywagi.py`, others none."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "pywagi":
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None:
            return ModuleSpec(name, Package)
        if spec.loader is not None:
            spec.loader = Completed(spec.loader)
        return spec


class Package:
    """Loads a `pywagi` that has nothing but its libraries."""

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        module.__path__ = []
        module.libraries = libraries


class Completed:
    """Loads the `pywagi` of the app, then has it know its libraries."""

    def __init__(self, loader):
        self.loader = loader

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        module.__loader__ = module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        module.libraries = libraries


def run_the_next():
    """Runs the `sitecustomize` that would have been run without this one."""
    directory = os.path.dirname(__file__)
    # Those before this one have run, or there are none.
    path = sys.path[[entry.rstrip("/") for entry in sys.path].index(directory) + 1 :]
    spec = PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        from importlib.util import module_from_spec

        module = sys.modules["sitecustomize"] = module_from_spec(spec)
        spec.loader.exec_module(module)


run_the_next()
libraries.__spec__ = ModuleSpec(libraries.__name__, None)
sys.modules[libraries.__name__] = libraries
sys.meta_path.insert(0, Provided)

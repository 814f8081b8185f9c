"""Sockets and TLS for an interpreter that has neither, which pywagi answers: see `_pywagi_network.py`.

This directory stands first in PYTHONPATH where modules.toml has `allowed_hosts`. Another `sitecustomize` runs as ever.
"""

import os
import sys
from importlib.machinery import PathFinder

import _pywagi_network

# For pywagi: what this changes in the library, it changes at the start or while the module in question is loaded.
replaces_nothing_later = True


class Loader:
    """Loads a module of the library, then completes it."""

    def __init__(self, loader, complete):
        self.loader, self.complete = loader, complete

    def __getattr__(self, name):
        return getattr(self.loader, name)

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        module.__loader__ = module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        self.complete(module)


class Completed:
    """Finds the modules that are completed when they are loaded."""

    modules = {
        "asyncio.selector_events": _pywagi_network.complete_event_loops,
        "hashlib": _pywagi_network.complete_hashlib,
    }

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name not in cls.modules:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = Loader(spec.loader, cls.modules[name])
        return spec


def run_the_next():
    """Runs the `sitecustomize` that would have been run without this one."""
    directory = os.path.dirname(__file__)
    # Those before this one have none.
    path = sys.path[[entry.rstrip("/") for entry in sys.path].index(directory) + 1 :]
    spec = PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        from importlib.util import module_from_spec

        module = sys.modules["sitecustomize"] = module_from_spec(spec)
        spec.loader.exec_module(module)


_pywagi_network.complete_socket()
run_the_next()
# Before those of the other, which knows no network.
sys.meta_path.insert(0, Completed)

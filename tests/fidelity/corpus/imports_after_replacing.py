#: env FROM_START=1
# Names that modules of the library take while they are loaded, replaced before that.
import os
import time
import builtins


class Fake:
    pass


def fake(*_):
    return 7


time.monotonic = fake
import sched

print(sched._time is fake, sched.scheduler().timefunc())
del sched

setattr(os, "scandir", fake)
import glob

print(glob.os.scandir is fake)

plain_open = builtins.open
builtins.open = fake
import tarfile

print(tarfile.bltn_open is fake)
builtins.open = plain_open

import json.decoder

json.decoder.scanner.make_scanner = fake
vars(json.decoder)["scanstring"] = fake
import json.encoder
import json

print(json.decoder.JSONDecoder().parse_string is fake)

import base64
import binascii

binascii.crc32 = fake
import gzip

print(gzip.zlib.crc32 is fake, base64.b64encode(b"x"))

import functools

plain_cache = functools.lru_cache
functools.lru_cache = lambda maxsize=0, typed=False: maxsize if callable(maxsize) else (lambda function: function)
import fnmatch

print(hasattr(fnmatch._compile_pattern, "cache_info"))
functools.lru_cache = plain_cache

from unittest import mock

with mock.patch("functools.singledispatch", lambda function: function):
    import pprint
    import statistics
    import colorsys

print(colorsys.rgb_to_hls(0, 0, 0), pprint.pformat([1]), statistics.mean([1, 2]))

"""Stands for `_pyio`, the implementation of `io` in Python: `io` itself."""

from io import *  # noqa: F403
from io import DEFAULT_BUFFER_SIZE, BlockingIOError, IncrementalNewlineDecoder, open_code, text_encoding  # noqa: F401

"""Stands for `ctypes`: the types of C with their sizes, and no foreign function."""

import errno


def refuse(*_, **__):
    raise OSError(errno.ENOTSUP, "no foreign functions in this sandbox")


class ArgumentError(Exception):
    pass


class Type(type):
    def __mul__(cls, length):
        return Type("%s_Array_%d" % (cls.__name__, length), (Array,), {"_size_": cls._size_ * length, "_type_": cls})

    __rmul__ = __mul__


class _SimpleCData(metaclass=Type):
    _size_ = 4

    def __init__(self, value=0):
        self.value = value


class Array(metaclass=Type):
    _size_ = 0

    def __init__(self, *_):
        refuse()


class Structure(Array):
    pass


class Union(Array):
    pass


class LibraryLoader:
    def __init__(self, dlltype=None):
        pass

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        refuse()

    LoadLibrary = staticmethod(refuse)


class CDLL:
    def __init__(self, *_, **__):
        refuse()


SIZES = {
    1: "bool char byte ubyte int8 uint8",
    2: "short ushort int16 uint16",
    4: "int uint long ulong size_t ssize_t time_t float wchar int32 uint32 void_p char_p wchar_p",
    8: "double longlong ulonglong int64 uint64",
    16: "longdouble",
}
for _size, _names in SIZES.items():
    for _name in _names.split():
        globals()["c_" + _name] = Type("c_" + _name, (_SimpleCData,), {"_size_": _size})
py_object = Type("py_object", (_SimpleCData,), {})
BigEndianStructure = LittleEndianStructure = Structure
PyDLL = CDLL
cdll = pydll = LibraryLoader()
pythonapi = LibraryLoader()
DEFAULT_MODE = RTLD_LOCAL = 0
RTLD_GLOBAL = 256
addressof = alignment = byref = cast = create_string_buffer = create_unicode_buffer = refuse
memmove = memset = pointer = resize = string_at = wstring_at = refuse


def sizeof(kind):
    return kind._size_


def POINTER(kind):
    return Type("LP_" + getattr(kind, "__name__", "void"), (_SimpleCData,), {"_type_": kind})


def CFUNCTYPE(*_, **__):
    return refuse


PYFUNCTYPE = CFUNCTYPE


def get_errno():
    return 0

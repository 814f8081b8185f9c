"""Stands for `pwd`: one user, whose home is the root. `Path.home()` asks for it where no HOME is set."""

from collections import namedtuple

struct_passwd = namedtuple("struct_passwd", "pw_name pw_passwd pw_uid pw_gid pw_gecos pw_dir pw_shell")
user = struct_passwd("guest", "x", 0, 0, "", "/", "")


def getpwuid(uid):
    if uid != user.pw_uid:
        raise KeyError(f"getpwuid(): uid not found: {uid}")
    return user


def getpwnam(name):
    if name != user.pw_name:
        raise KeyError(f"getpwnam(): name not found: {name!r}")
    return user


def getpwall():
    return [user]

# What the interpreter knows of classes that only preloaded modules have must not show in the script's own.
import abc, collections.abc, sys


class Base:
    registry = []

    def __init_subclass__(cls, **options):
        Base.registry.append(cls.__name__)


class Child(Base):
    pass


class Meta(type):
    def __call__(cls, *arguments):
        print("called", cls.__name__)
        return super().__call__(*arguments)


class Made(metaclass=Meta):
    __slots__ = "a", "b"


print(Base.registry, Base.__subclasses__(), Made().__class__, Child.__mro__)
collections.abc.Sized.register(Child)
print(issubclass(Child, collections.abc.Sized), isinstance([], collections.abc.Sequence), type(Base.__dict__))
match {"kind": "x", "n": [1, 2, 3]}:
    case {"kind": str(kind), "n": [first, *rest]}:
        print(kind, first, rest)

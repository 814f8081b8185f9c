import abc, dataclasses, enum, functools, typing


@dataclasses.dataclass(order=True, frozen=True, slots=True)
class Point:
    x: int
    y: int = 2
    tags: list = dataclasses.field(default_factory=list, compare=False)


class Color(enum.Enum):
    RED = enum.auto()
    GREEN = "g"


class Flags(enum.Flag):
    A = 1
    B = 2


@functools.singledispatch
def show(x):
    return "object"


@show.register
def _(x: int):
    return "int"


class Base(abc.ABC):
    @abc.abstractmethod
    def f(self): ...


print(Point(1), sorted([Point(2), Point(1)]), dataclasses.asdict(Point(1)), Point.__module__, Point.__qualname__)
print(Color.RED, Color("g"), list(Color), Flags.A | Flags.B, show(1), show(""))
try:
    Base()
except TypeError as error:
    print(error)
try:
    Point(1).x = 2
except dataclasses.FrozenInstanceError as error:
    print(error, repr(error))
print(typing.get_type_hints(Point), typing.List[int], typing.Optional[Point])

"""Classes with slots, validators, converters."""

import attr
from attrs import asdict, define, evolve, field


@define
class Point:
    x: int = field(converter=int)
    y: int = field(default=0, validator=attr.validators.instance_of(int))
    tags: list = field(factory=list)


point = Point("3", tags=["a"])
print(point, asdict(point), evolve(point, y=4), Point.__slots__)
try:
    Point(1, "no")
except TypeError as error:
    print(error.args[0])

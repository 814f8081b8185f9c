import collections, copy, datetime, decimal, enum, pickle, re, shelve, sys


class Thing:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return self.x == other.x


class Kind(enum.Enum):
    A = 1


values = [Thing(1), Kind.A, datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc), decimal.Decimal("1.5"), re.compile("a+"),
          collections.OrderedDict(a=1), {1, 2}, range(3), len, Thing, ValueError("x")]
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    data = pickle.dumps(values, protocol)
    back = pickle.loads(data)
    print(protocol, len(data), back[:-1] == values[:-1], back[0].__class__ is Thing, data[:8])
print(copy.deepcopy(values)[1] is Kind.A, copy.copy(values[0]).x)
try:
    pickle.dumps(lambda: 1)
except Exception as error:
    print(str(error).split(" at ")[0])
with shelve.open("/data/shelf") as shelf:
    shelf["a"] = Thing(2)

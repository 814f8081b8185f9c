import ast, json, pickle, re


def nested(n):
    value = []
    for _ in range(n):
        value = [value]
    return value


def deepest(function, make=nested, most=40_000):
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        try:
            function(make(middle))
            low = middle + 1
        except (RecursionError, MemoryError, SyntaxError):
            high = middle
    return low


print("repr", deepest(repr, most=3000))
print("json", deepest(json.dumps, most=3000))
print("loads", deepest(json.loads, lambda n: "[" * n + "]" * n, most=3000))
print("pickle", deepest(pickle.dumps, most=3000))
print("equal", deepest(lambda x: x == nested(3000), most=3000))
print("compile", deepest(ast.parse, lambda n: "(" * n + ")" * n, most=400))
print("compile", deepest(lambda s: compile(s, "", "eval"), lambda n: "-" * n + "1", most=3000))
print("re", deepest(re.compile, lambda n: "(" * n + ")" * n, most=300))

import sys

seen = []


def trace(frame, event, argument):
    seen.append((event, frame.f_code.co_name, frame.f_code.co_filename, frame.f_lineno))
    return trace


def work():
    for i in range(3):
        yield i


sys.settrace(trace)
list(work())
import token
import keyword
sys.settrace(None)
print(len(seen), *seen, sep="\n")

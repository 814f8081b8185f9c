import sys

seen = []


def profile(frame, event, argument):
    name = getattr(argument, "__name__", "") if event.startswith("c_") else frame.f_code.co_name
    seen.append((event, name, frame.f_code.co_filename))


def work():
    return sorted([3, 1, 2])


sys.setprofile(profile)
work()
sys.setprofile(None)
print(len(seen), *seen, sep="\n")

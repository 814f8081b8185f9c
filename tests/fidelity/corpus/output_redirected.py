import contextlib, io, os, sys

out = io.StringIO()
with contextlib.redirect_stdout(out):
    print("inside")
    os.write(1, b"descriptor\n")
print(repr(out.getvalue()))
with open("/data/file", "w") as file:
    with contextlib.redirect_stderr(file):
        print("an error", file=sys.stderr)
print(open("/data/file").read())

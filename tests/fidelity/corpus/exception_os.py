#: exit 1
#: stderr FileNotFoundError: [Errno 44] No such file or directory: '/data/missing'
for path, mode in [("/data", "r"), ("/none/x", "w"), ("/opt/x", "w"), ("../x", "r"), ("/data/../../etc/passwd", "r")]:
    try:
        open(path, mode)
    except OSError as error:
        print(path, type(error).__name__, error.errno, error.strerror, error.filename)
open("/data/missing")

#: env HOME=/data/home
#: env PATH=/bin:/usr/bin
#: env TMPDIR=/data
#: env USER=somebody
import getpass, os, pathlib, shutil, tempfile

print(os.path.expanduser("~/x"), pathlib.Path.home(), shutil.which("ls"), tempfile.gettempdir(), getpass.getuser())
print(os.get_exec_path(), tempfile.gettempprefix())

#: stderr unflushed error
import sys

sys.stderr.write("unflushed error")
sys.stdout.write("unflushed")

#: run ["python", "-W", "error", "{}"]
#: exit 1
#: stderr UserWarning: fatal
import warnings

warnings.warn("fatal")

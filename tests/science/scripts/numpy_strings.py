"""Arrays of text."""

import numpy as np

names = np.array(["Ada Lovelace", "grace hopper", "Émilie du Châtelet", ""])
print(np.strings.upper(names).tolist(), np.strings.str_len(names).tolist())
print(np.char.title(names).tolist(), np.strings.replace(names, "a", "4").tolist())
print(np.strings.startswith(names, "Ada").tolist(), np.strings.find(names, "o").tolist())
print(np.char.split(names[:2]).tolist(), np.strings.add(names[:2], "!").tolist())
print(np.strings.strip(np.array(["  x ", "y  "])).tolist(), np.strings.zfill(np.array(["7", "42"]), 4).tolist())
print(names.dtype, np.array([b"ab", b"c"]).dtype, np.array(["1", "22"]).astype(np.int64).tolist())
print(np.sort(names).tolist(), np.unique(np.array(["b", "a", "b"])).tolist())
print(np.strings.multiply(np.array(["ab"]), 3).tolist(), np.char.encode(names[2:3], "utf-8").tolist())
variable = np.array(["a", "longer text", "ü"], dtype=np.dtypes.StringDType())
print(np.strings.str_len(variable).tolist(), (variable + "?").tolist(), sorted(variable.tolist()))
print(np.array2string(np.array(["x", "yy"])), repr(np.array(["x"])), str(np.array([["a", "b"]])))

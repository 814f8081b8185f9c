"""Structured arrays, records, bytes and files in memory."""

import io

import numpy as np

kind = np.dtype([("name", "U8"), ("age", "<i4"), ("size", "<f8")])
people = np.array([("Ada", 36, 1.65), ("Grace", 85, 1.7), ("Alan", 41, 1.8)], dtype=kind)
print(people["name"].tolist(), people["age"].mean(), kind.itemsize, kind.names, kind.fields["size"][1])
print(np.sort(people, order="age")["name"].tolist(), people[people["size"] > 1.68].tolist())
people["age"] += 1
print(people.view(np.recarray).age.tolist(), people[0].item())
print(np.frombuffer(b"\x01\x00\x02\x00", dtype="<u2").tolist(), np.array([1, 2], dtype=">i4").tobytes().hex())
print(np.array([1.0, -2.5], dtype="<f4").tobytes().hex(), np.float16(1.1), np.array([1], dtype="<i8").byteswap().item())
file = io.BytesIO()
np.save(file, people)
file.seek(0)
print(np.load(file).tolist(), len(file.getvalue()))
file = io.BytesIO()
np.savez_compressed(file, a=np.arange(5, dtype=np.int64), b=np.eye(2))
file.seek(0)
with np.load(file) as saved:
    print(sorted(saved.files), saved["a"].tolist(), saved["b"].tolist())
text = np.genfromtxt(io.StringIO("x,y\n1,2.5\n3,\n"), delimiter=",", names=True)
print(text.dtype.names, text["x"].tolist(), np.isnan(text["y"]).tolist())
out = io.StringIO()
np.savetxt(out, np.array([[1.5, 2.25]]), fmt="%.3f", delimiter=";")
print(out.getvalue(), np.loadtxt(io.StringIO("1 2\n3 4")).tolist())

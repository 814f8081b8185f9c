"""Linear algebra: solving, decompositions, least squares."""

import numpy as np


def show(name, value):
    print(name, np.round(np.asarray(value), 8).tolist())


a = np.array([[4.0, 1.0, 2.0], [1.0, 3.0, 0.5], [2.0, 0.5, 5.0]])
b = np.array([1.0, 2.0, 3.0])
show("solve", np.linalg.solve(a, b))
show("det", np.linalg.det(a))
show("inverse", np.linalg.inv(a))
show("eigenvalues", np.linalg.eigvalsh(a))
show("cholesky", np.linalg.cholesky(a))
show("singular values", np.linalg.svd(np.arange(12, dtype=np.float64).reshape(3, 4), compute_uv=False))
q, r = np.linalg.qr(a)
show("qr", np.abs(q @ r))
show("norms", [np.linalg.norm(a), np.linalg.norm(a, 1), np.linalg.norm(b, np.inf)])
x = np.linspace(0.0, 1.0, 11)
solution, residuals, rank, _ = np.linalg.lstsq(np.column_stack([x, np.ones(11)]), 3.0 * x + 0.25, rcond=None)
show("least squares", solution)
print("rank", int(rank), int(np.linalg.matrix_rank(np.ones((3, 3)))))
show("power", np.linalg.matrix_power(a, 3))
show("kron", np.kron(np.eye(2), np.array([[1.0, 2.0]])))
show("einsum", np.einsum("ij,jk->ik", a, a))
show("condition", np.linalg.cond(a))
try:
    np.linalg.inv(np.ones((2, 3)))
except np.linalg.LinAlgError as error:
    print("error", error)

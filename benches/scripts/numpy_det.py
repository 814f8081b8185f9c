import numpy as np

numbers = np.arange(1, 10_001, dtype=np.float64)
matrix = np.array([[4.0, 1.0, 2.0], [1.0, 3.0, 0.5], [2.0, 0.5, 5.0]])
print("Content-Type: text/plain")
print()
print(numbers.sum(), np.linalg.det(matrix))

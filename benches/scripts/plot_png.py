import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

figure, axes = plt.subplots(figsize=(4, 3), dpi=100)
axes.plot([1, 2, 3, 4], [10, 20, 15, 30], label="sold")
axes.set_title("Sales")
axes.legend()
print("Content-Type: image/png")
print(flush=True)
figure.savefig(sys.stdout.buffer, format="png")

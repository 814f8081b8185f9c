"""Statistics of tables: correlation, samples of a seed, regression by hand."""

import numpy as np
import pandas as pd

rng = np.random.default_rng(5)
frame = pd.DataFrame(rng.normal(size=(200, 3)), columns=list("xyz"))
frame["sum"] = frame["x"] * 2 + frame["y"]
frame["kind"] = np.where(frame["z"] > 0, "up", "down")
print(frame.describe().round(6).to_string())
print(frame.corr(numeric_only=True).round(6).to_string(), frame[["x", "y"]].cov().round(6).to_dict())
print(frame["x"].skew().round(6), frame["x"].kurt().round(6), frame["x"].sem().round(6), frame["x"].autocorr(1).round(6))
print(frame.sample(3, random_state=1).index.tolist(), frame["kind"].value_counts(normalize=True).round(4).to_dict())
coefficients, *_ = np.linalg.lstsq(frame[["x", "y"]].to_numpy(), frame["sum"].to_numpy(), rcond=None)
print(coefficients.round(9).tolist(), frame[["x", "y", "z"]].apply(np.linalg.norm).round(6).to_dict())
print(frame.groupby("kind")[["x", "sum"]].mean().round(6).to_dict("index"), frame["x"].quantile([0.1, 0.9]).round(6).tolist())
print(frame["x"].rank().corr(frame["y"].rank()).round(6))
print(pd.Series([1.0, 2.0, 4.0]).agg(["sum", "prod", "std", "median", "var"]).round(6).to_dict())
print(frame["x"].cumsum().iloc[-1].round(6), frame["x"].abs().nlargest(2).round(6).tolist(), frame["x"].idxmin())
print(pd.cut(frame["x"], 4, labels=False).value_counts(sort=False).sort_index().to_dict())

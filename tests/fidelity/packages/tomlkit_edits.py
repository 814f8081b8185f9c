"""An edit that keeps comments."""

import tomlkit

document = tomlkit.parse("# head\n[a]\nb = 1  # one\n")
document["a"]["c"] = [1, 2]
print(tomlkit.dumps(document))

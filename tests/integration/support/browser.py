"""Runs a script of Playwright in the system's Chromium; see browser.rs."""

import os
import pathlib
import sys

from playwright.sync_api import expect, sync_playwright

chromium, server, files, script = sys.argv[1:]
arguments = ["--disable-background-networking", "--disable-component-update", "--disable-quic", "--disable-sync"]
with sync_playwright() as playwright:
    # Chromium refuses its sandbox to root.
    sandbox = not hasattr(os, "getuid") or os.getuid() != 0
    browser = playwright.chromium.launch(executable_path=chromium, args=arguments, chromium_sandbox=sandbox)
    page = browser.new_page(base_url=server)
    page.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    # What a page complains of, and what it could not load, fails the test.
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("response", lambda response: response.status < 500 or faults.append(response.url))
    # A page that is left before all of it is there is none.
    def is_lost(request):
        return request.failure != "net::ERR_ABORTED"

    page.on("requestfailed", lambda request: is_lost(request) and faults.append(request.url + ": " + request.failure))
    page.goto("/")
    names = {"page": page, "expect": expect, "server": server, "files": pathlib.Path(files), "faults": faults}
    exec(script, names)
    browser.close()
    assert not faults, faults

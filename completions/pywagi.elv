
use builtin;
use str;

set edit:completion:arg-completer[pywagi] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'pywagi'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'pywagi'= {
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand init 'Create a Python WAGI app and the interpreter it runs on'
            cand dev 'Serve the app on a local port'
            cand invoke 'Answer one request without a server and print the response body'
            cand test 'Send the requests of tests, and compare the answers'
            cand replay 'Run a recorded request again, exactly as it was'
            cand run 'Run a script, a module or code in the app''s Python'
            cand repl 'Talk to the app''s Python'
            cand add 'Add packages to the app and install them, or a route'
            cand remove 'Remove packages that the app no longer needs'
            cand sync 'Install the packages that pylock.toml names'
            cand list 'List the packages that are installed'
            cand tree 'Show which package needs which'
            cand build 'Build the app into one file that other hosts run'
            cand routes 'List the routes of the app, and what answers each'
            cand check 'Find what is wrong with the app without a request'
            cand mcp 'Serve the app''s tools to an assistant or an editor, by the Model Context Protocol'
            cand toolchain 'Install, list, verify and remove Python interpreters'
            cand cache 'Show or empty the cache of compiled code and saved interpreters'
            cand image 'List, show and prove the saved interpreters that requests start from'
            cand cgi 'Answer the request of a web server, as its CGI program'
            cand export 'Write the app in the form that other hosts take'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pywagi;init'= {
            cand -p 'Python of the app: a version, science or science-full'
            cand --python 'Python of the app: a version, science or science-full'
            cand -t 'App to begin with: plain, form, api, guestbook, htmx, flask, django, starlette, postgres or report [default: ask, else plain]'
            cand --template 'App to begin with: plain, form, api, guestbook, htmx, flask, django, starlette, postgres or report [default: ask, else plain]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -y 'Ask nothing, take the defaults; implied when stdin is no terminal'
            cand --yes 'Ask nothing, take the defaults; implied when stdin is no terminal'
            cand -f 'Overwrite the files that init writes, keeping a backup of each'
            cand --force 'Overwrite the files that init writes, keeping a backup of each'
            cand --no-toolchain 'Do not install an interpreter'
            cand --offline 'Use only what is on this machine'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;dev'= {
            cand -c 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -e 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e'
            cand --env 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e'
            cand --env-file 'Read environment variables of your script from a file; repeatable'
            cand --allow-host 'Let your script connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable'
            cand --hostname 'Name and port that the app sees where the Host header names none'
            cand --timeout 'Time until your script is stopped; 0 for no limit [default: 30s]'
            cand --max-memory 'Memory of your script [default: 1GiB]'
            cand --max-body 'Request body'
            cand --max-response 'What your script writes to stdout [default: 256MiB]'
            cand --max-log 'What your script writes to stderr; the rest is dropped [default: 1MiB]'
            cand -l 'Address to listen on; port 0 lets the system choose [default: 127.0.0.1:3000, and where that port is in use the next free one]'
            cand --listen 'Address to listen on; port 0 lets the system choose [default: 127.0.0.1:3000, and where that port is in use the next free one]'
            cand --max-head 'Request line and headers'
            cand --tls-cert 'Serve https with this certificate (a PEM file, its issuers after it)'
            cand --tls-key 'The certificate''s private key (a PEM file)'
            cand --like 'Answer as another host does: as Spin''s WAGI executor, `spin`, or as the reference server, `wagi`'
            cand --log-dir 'Append each script''s stderr to DIR/<sha256 of the route>/module.stderr'
            cand --log-format 'Write the log as text, or as json: one object a line, see below'
            cand --record 'Also write the recording of each request to DIR, for `pywagi replay`; they hold bodies and secrets'
            cand --editor 'Open lines of error pages in this editor (or PYWAGI_EDITOR): vscode, cursor, zed, idea, pycharm, sublime, or a URL with {file} and {line} in it'
            cand --module-cache 'Accepted for the sake of the reference server; PYWAGI_CACHE_DIR sets the cache directory'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --no-env-file 'Do not read the file .env beside modules.toml'
            cand --cold 'Start the interpreter from scratch for each request'
            cand --no-record 'Do not keep the last requests for `pywagi replay`'
            cand --live 'Reload open pages when a file of the app changes'
            cand --open 'Open the app in the browser'
            cand --console 'Offer prompts on error pages also where --listen names an address that other machines reach'
            cand --no-inspect 'Tell browsers of failures in plain text, too, and answer nothing below /__pywagi/'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;invoke'= {
            cand -c 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -e 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e'
            cand --env 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e'
            cand --env-file 'Read environment variables of your script from a file; repeatable'
            cand --allow-host 'Let your script connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable'
            cand --hostname 'Name and port that the app sees where the Host header names none'
            cand --timeout 'Time until your script is stopped; 0 for no limit [default: 30s]'
            cand --max-memory 'Memory of your script [default: 1GiB]'
            cand --max-body 'Request body'
            cand --max-response 'What your script writes to stdout [default: 256MiB]'
            cand --max-log 'What your script writes to stderr; the rest is dropped [default: 1MiB]'
            cand -H 'Request header, `NAME:VALUE` or `NAME: VALUE`, `NAME;` without a value; `NAME:` leaves out one that is sent by default; repeatable'
            cand --header 'Request header, `NAME:VALUE` or `NAME: VALUE`, `NAME;` without a value; `NAME:` leaves out one that is sent by default; repeatable'
            cand -X 'Request method [default: GET; POST with --data or --form]'
            cand --method 'Request method [default: GET; POST with --data or --form]'
            cand -d 'Request body: TEXT, or what a file or stdin (@-) holds; repeatable, joined with &'
            cand --data 'Request body: TEXT, or what a file or stdin (@-) holds; repeatable, joined with &'
            cand -F 'Form field, sent as multipart/form-data; repeatable. @FILE is sent as a file, <FILE as text; ;type= and ;filename= may follow'
            cand --form 'Form field, sent as multipart/form-data; repeatable. @FILE is sent as a file, <FILE as text; ;type= and ;filename= may follow'
            cand -b 'Cookies to send, NAME=VALUE; repeatable'
            cand --cookie 'Cookies to send, NAME=VALUE; repeatable'
            cand -o 'Write the response to a file instead of stdout'
            cand --output 'Write the response to a file instead of stdout'
            cand --save-test 'Make a test of the request and its answer: tests/NAME.toml'
            cand --record 'Write a recording of the request to DIR, for `pywagi replay`; it holds bodies and secrets'
            cand --clock 'Have clocks begin at TIME: 2026-01-31, 2026-01-31T12:00:00Z, or seconds since 1970; to sleep takes no time'
            cand --seed 'Have random bytes follow from N'
            cand --hash-seed 'Have hashes of str and bytes, and so the order of sets, follow from N'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --no-env-file 'Do not read the file .env beside modules.toml'
            cand --cold 'Start the interpreter from scratch for each request'
            cand -i 'Print the status line and the headers first'
            cand --include 'Print the status line and the headers first'
            cand -I 'Send HEAD, and print the status line and the headers'
            cand --head 'Send HEAD, and print the status line and the headers'
            cand -L 'Follow redirects within the app, 50 at most'
            cand --location 'Follow redirects within the app, 50 at most'
            cand --json 'Print one JSON object: request, answer, stderr, exit, timings'
            cand --fail 'Exit with 4 when the status is 400 or more'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;test'= {
            cand -c 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -e 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable'
            cand --env 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable'
            cand --env-file 'Read environment variables of the scripts from a file; repeatable'
            cand --allow-host 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable'
            cand -f 'Run only tests with TEXT in their name or file'
            cand --filter 'Run only tests with TEXT in their name or file'
            cand --junit 'Also write the results to a file, as JUnit''s XML'
            cand -j 'How many files of tests are run at once [default: one for each processor]'
            cand --jobs 'How many files of tests are run at once [default: one for each processor]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --no-env-file 'Do not read the file .env beside modules.toml'
            cand -u 'Write snapshots that differ anew'
            cand --update 'Write snapshots that differ anew'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;replay'= {
            cand --record 'Look for recordings in DIR, which --record of dev or invoke wrote [default: ask `pywagi dev`, while it runs]'
            cand -c 'modules.toml of the app [default: the nearest one, upwards from here]'
            cand --config 'modules.toml of the app [default: the nearest one, upwards from here]'
            cand --module 'WebAssembly file to run [default: where it was, else one of the app]'
            cand -o 'Write the response to a file instead of stdout'
            cand --output 'Write the response to a file instead of stdout'
            cand --until 'With --pdb, stop where an exception of the class ERROR comes to your code; `error`: the one that ended the run'
            cand --export 'Write the recording to FILE instead of replaying it'
            cand --redact 'Leave the value of a request header or a variable out of --export; repeatable'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --rebuild 'Make the saved interpreter again where it is not on this machine'
            cand -i 'Print the status line and the headers first'
            cand --include 'Print the status line and the headers first'
            cand --trace 'Print each line of your code as it runs, and the variables it changed'
            cand --pdb 'Debug the run with pdb, Python''s own debugger'
            cand -y 'Export what may hold bodies and secrets'
            cand --yes 'Export what may hold bodies and secrets'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;run'= {
            cand --route 'The route whose volumes and variables to use, as modules.toml has it [default: the first that Python answers]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -e 'Set an environment variable, without a value the one that your shell exports; repeatable'
            cand --env 'Set an environment variable, without a value the one that your shell exports; repeatable'
            cand --env-file 'Read environment variables from a file; repeatable'
            cand --allow-host 'Let it connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable'
            cand --max-memory 'Memory that it may use [default: 1GiB]'
            cand --timeout 'Stop it after TIME: 500ms, 30s, 2m [default: no limit]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --no-env-file 'Do not read the file .env beside modules.toml'
            cand --cold 'Start the interpreter from scratch'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;repl'= {
            cand --route 'The route whose volumes and variables to use, as modules.toml has it [default: the first that Python answers]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -e 'Set an environment variable, without a value the one that your shell exports; repeatable'
            cand --env 'Set an environment variable, without a value the one that your shell exports; repeatable'
            cand --env-file 'Read environment variables from a file; repeatable'
            cand --allow-host 'Let it connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable'
            cand --max-memory 'Memory that it may use [default: 1GiB]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --no-env-file 'Do not read the file .env beside modules.toml'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;add'= {
            cand -c 'modules.toml of the app [default: the nearest one, upwards from here]'
            cand --config 'modules.toml of the app [default: the nearest one, upwards from here]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --adapter 'Write code/pywagi.py, which runs WSGI and ASGI apps'
            cand --offline 'Use only what is on this machine: the cache of uv or pip'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
            cand route 'Add a route and the script that answers it'
            cand static 'Add a route that answers the files of a directory'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pywagi;add;route'= {
            cand --script 'The script; written if it is not there [default: NAME.py beside the scripts of the app, with the last part of the route]'
            cand -c 'modules.toml to change [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to change [default: the nearest one, upwards from here]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;add;static'= {
            cand -c 'modules.toml to change [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to change [default: the nearest one, upwards from here]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;add;help'= {
            cand route 'Add a route and the script that answers it'
            cand static 'Add a route that answers the files of a directory'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pywagi;add;help;route'= {
        }
        &'pywagi;add;help;static'= {
        }
        &'pywagi;add;help;help'= {
        }
        &'pywagi;remove'= {
            cand -c 'modules.toml of the app [default: the nearest one, upwards from here]'
            cand --config 'modules.toml of the app [default: the nearest one, upwards from here]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --offline 'Use only what is on this machine: the cache of uv or pip'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;sync'= {
            cand -c 'modules.toml of the app [default: the nearest one, upwards from here]'
            cand --config 'modules.toml of the app [default: the nearest one, upwards from here]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --offline 'Use only what is on this machine: the cache of uv or pip'
            cand --locked 'Fail where pylock.toml is not what the app asks for'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;list'= {
            cand -c 'modules.toml of the app [default: the nearest one, upwards from here]'
            cand --config 'modules.toml of the app [default: the nearest one, upwards from here]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --json 'Print one JSON object for each package, one a line'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;tree'= {
            cand -c 'modules.toml of the app [default: the nearest one, upwards from here]'
            cand --config 'modules.toml of the app [default: the nearest one, upwards from here]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --json 'Print one JSON object for each package, one a line'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;build'= {
            cand -o 'File to write'
            cand --output 'File to write'
            cand -c 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -r 'Build this route, as modules.toml has it; repeatable [default: all]'
            cand --route 'Build this route, as modules.toml has it; repeatable [default: all]'
            cand -e 'Have the host give this environment variable to the scripts; repeatable'
            cand --env 'Have the host give this environment variable to the scripts; repeatable'
            cand --env-file 'Have the host give the variables that a file names, as with those of .env; repeatable'
            cand --hostname 'Name and port that the scripts see where the Host header names none'
            cand --writable 'Have the host give the directory of this volume, so that what scripts write there lasts; repeatable'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --no-env-file 'Do not read the file .env beside modules.toml'
            cand --check 'Send a request for each route to what was built, and compare the answers with those of `pywagi invoke`'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;routes'= {
            cand -c 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -e 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable'
            cand --env 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable'
            cand --env-file 'Read environment variables of the scripts from a file; repeatable'
            cand --allow-host 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --no-env-file 'Do not read the file .env beside modules.toml'
            cand --json 'Print one JSON object for each route, one a line'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;check'= {
            cand -c 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -e 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable'
            cand --env 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable'
            cand --env-file 'Read environment variables of the scripts from a file; repeatable'
            cand --allow-host 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --no-env-file 'Do not read the file .env beside modules.toml'
            cand --json 'Print one JSON object for each finding, one a line'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;mcp'= {
            cand -c 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -e 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable'
            cand --env 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable'
            cand --env-file 'Read environment variables of the scripts from a file; repeatable'
            cand --allow-host 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --no-env-file 'Do not read the file .env beside modules.toml'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;toolchain'= {
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'Show the interpreters that can be installed and the one in use'
            cand install 'Install an interpreter into the app''s opt/'
            cand verify 'Check that the installed files are unchanged and that Python runs'
            cand remove 'Remove the installed interpreter'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pywagi;toolchain;list'= {
            cand --opt-dir 'Directory that holds toolchains [default: opt/ of the nearest app]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;toolchain;install'= {
            cand --from 'Install a .wasm, .tar.gz, .zip or .whl of your own instead'
            cand --sha256 'SHA-256 that --from must have'
            cand --opt-dir 'Directory that holds toolchains [default: opt/ of the nearest app]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --offline 'Use only what is on this machine'
            cand --self-test 'Run some scripts and show what the interpreter supports'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;toolchain;verify'= {
            cand --opt-dir 'Directory that holds toolchains [default: opt/ of the nearest app]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --self-test 'Also run some scripts and show what the interpreter supports'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;toolchain;remove'= {
            cand --opt-dir 'Directory that holds toolchains [default: opt/ of the nearest app]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;toolchain;help'= {
            cand list 'Show the interpreters that can be installed and the one in use'
            cand install 'Install an interpreter into the app''s opt/'
            cand verify 'Check that the installed files are unchanged and that Python runs'
            cand remove 'Remove the installed interpreter'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pywagi;toolchain;help;list'= {
        }
        &'pywagi;toolchain;help;install'= {
        }
        &'pywagi;toolchain;help;verify'= {
        }
        &'pywagi;toolchain;help;remove'= {
        }
        &'pywagi;toolchain;help;help'= {
        }
        &'pywagi;cache'= {
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
            cand info 'Show where the cache is, what it holds and how large it is'
            cand clean 'Remove everything in it; the next command fills it again'
            cand warm 'Compile the app''s interpreters and save them, so that the first request is warm'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pywagi;cache;info'= {
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;cache;clean'= {
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;cache;warm'= {
            cand -c 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -e 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable'
            cand --env 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable'
            cand --env-file 'Read environment variables of the scripts from a file; repeatable'
            cand --allow-host 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --no-env-file 'Do not read the file .env beside modules.toml'
            cand --portable 'Have the cache work on other machines, too, as in a container: compile for any processor of this kind'
            cand --learnt 'Do what a process that answered a request asks for on stdin'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;cache;help'= {
            cand info 'Show where the cache is, what it holds and how large it is'
            cand clean 'Remove everything in it; the next command fills it again'
            cand warm 'Compile the app''s interpreters and save them, so that the first request is warm'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pywagi;cache;help;info'= {
        }
        &'pywagi;cache;help;clean'= {
        }
        &'pywagi;cache;help;warm'= {
        }
        &'pywagi;cache;help;help'= {
        }
        &'pywagi;image'= {
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List the saved interpreters of all apps'
            cand show 'Show what the saved interpreter of each route has ready'
            cand check 'Prove that a saved interpreter holds nothing that should differ from request to request'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pywagi;image;list'= {
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;image;show'= {
            cand -c 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -e 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e'
            cand --env 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e'
            cand --env-file 'Read environment variables of your script from a file; repeatable'
            cand --allow-host 'Let your script connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable'
            cand --hostname 'Name and port that the app sees where the Host header names none'
            cand --timeout 'Time until your script is stopped; 0 for no limit [default: 30s]'
            cand --max-memory 'Memory of your script [default: 1GiB]'
            cand --max-body 'Request body'
            cand --max-response 'What your script writes to stdout [default: 256MiB]'
            cand --max-log 'What your script writes to stderr; the rest is dropped [default: 1MiB]'
            cand --route 'Only the interpreter of this route, as modules.toml has it'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --no-env-file 'Do not read the file .env beside modules.toml'
            cand --cold 'Start the interpreter from scratch for each request'
            cand --json 'Print one JSON object for each interpreter, one a line'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;image;check'= {
            cand -c 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -e 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e'
            cand --env 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e'
            cand --env-file 'Read environment variables of your script from a file; repeatable'
            cand --allow-host 'Let your script connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable'
            cand --hostname 'Name and port that the app sees where the Host header names none'
            cand --timeout 'Time until your script is stopped; 0 for no limit [default: 30s]'
            cand --max-memory 'Memory of your script [default: 1GiB]'
            cand --max-body 'Request body'
            cand --max-response 'What your script writes to stdout [default: 256MiB]'
            cand --max-log 'What your script writes to stderr; the rest is dropped [default: 1MiB]'
            cand --route 'Only the interpreter of this route, as modules.toml has it'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --no-env-file 'Do not read the file .env beside modules.toml'
            cand --cold 'Start the interpreter from scratch for each request'
            cand --json 'Print one JSON object for each interpreter, one a line'
            cand --full 'Also tell what of MODULE depends on environment variables that it reads and on the seed of string hashes, and what loading it changes in the standard library; takes four times as long'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;image;help'= {
            cand list 'List the saved interpreters of all apps'
            cand show 'Show what the saved interpreter of each route has ready'
            cand check 'Prove that a saved interpreter holds nothing that should differ from request to request'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pywagi;image;help;list'= {
        }
        &'pywagi;image;help;show'= {
        }
        &'pywagi;image;help;check'= {
        }
        &'pywagi;image;help;help'= {
        }
        &'pywagi;cgi'= {
            cand -c 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -e 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable'
            cand --env 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable'
            cand --env-file 'Read environment variables of the scripts from a file; repeatable'
            cand --allow-host 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable'
            cand --timeout 'Time until your script is stopped; 0 for no limit [default: 30s]'
            cand --max-memory 'Memory of your script [default: 1GiB]'
            cand --max-body 'Request body'
            cand --max-response 'What your script writes to stdout [default: 256MiB]'
            cand --max-log 'What your script writes to stderr; the rest is dropped [default: 1MiB]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --no-env-file 'Do not read the file .env beside modules.toml'
            cand --cold 'Start the interpreter from scratch for each request'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;export'= {
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
            cand docker 'Write a Dockerfile: lighttpd in front of `pywagi cgi`'
            cand spin 'Write spin.toml and the component that it names'
            cand wagi 'Write a manifest for wagi, the reference server, and print its command line'
            cand wasmcloud 'Write a manifest for wasmCloud and the component that it names'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pywagi;export;docker'= {
            cand -c 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -o 'Directory of the files, in the app'
            cand --out 'Directory of the files, in the app'
            cand --writable 'Let requests write to the volume PATH, as modules.toml has it; repeatable'
            cand --pywagi 'The pywagi of the container [default: this one, on Linux]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -f 'Overwrite the files'
            cand --force 'Overwrite the files'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;export;spin'= {
            cand -c 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -r 'Build this route, as modules.toml has it; repeatable [default: all]'
            cand --route 'Build this route, as modules.toml has it; repeatable [default: all]'
            cand -e 'Have the host give this environment variable to the scripts; repeatable'
            cand --env 'Have the host give this environment variable to the scripts; repeatable'
            cand --env-file 'Have the host give the variables that a file names, as with those of .env; repeatable'
            cand --hostname 'Name and port that the scripts see where the Host header names none'
            cand -o 'File to write; the component is beside it [default: spin.toml beside modules.toml]'
            cand --out 'File to write; the component is beside it [default: spin.toml beside modules.toml]'
            cand --oci 'Write the image of the app, too: an OCI layout, for a registry'
            cand --kube 'Print the SpinApp that has a cluster run the image IMAGE'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --no-env-file 'Do not read the file .env beside modules.toml'
            cand --wagi 'For Spin''s WAGI executor, up to Spin 4, with the app''s own files'
            cand -f 'Overwrite another file'
            cand --force 'Overwrite another file'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;export;wagi'= {
            cand -c 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -f 'Overwrite another file'
            cand --force 'Overwrite another file'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;export;wasmcloud'= {
            cand -c 'modules.toml to use [default: the nearest one, upwards from here]'
            cand --config 'modules.toml to use [default: the nearest one, upwards from here]'
            cand -r 'Build this route, as modules.toml has it; repeatable [default: all]'
            cand --route 'Build this route, as modules.toml has it; repeatable [default: all]'
            cand -e 'Have the host give this environment variable to the scripts; repeatable'
            cand --env 'Have the host give this environment variable to the scripts; repeatable'
            cand --env-file 'Have the host give the variables that a file names, as with those of .env; repeatable'
            cand --hostname 'Name and port that the scripts see where the Host header names none'
            cand -o 'File to write; the component is beside it [default: wadm.yaml beside modules.toml]'
            cand --out 'File to write; the component is beside it [default: wadm.yaml beside modules.toml]'
            cand --image 'The image that the manifest names [default: the file beside it]'
            cand --oci 'Write the image of the component, too: an OCI layout, for a registry'
            cand --kube 'Print the WorkloadDeployment that has a cluster run the image IMAGE'
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand --no-env-file 'Do not read the file .env beside modules.toml'
            cand -f 'Overwrite another file'
            cand --force 'Overwrite another file'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;export;help'= {
            cand docker 'Write a Dockerfile: lighttpd in front of `pywagi cgi`'
            cand spin 'Write spin.toml and the component that it names'
            cand wagi 'Write a manifest for wagi, the reference server, and print its command line'
            cand wasmcloud 'Write a manifest for wasmCloud and the component that it names'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pywagi;export;help;docker'= {
        }
        &'pywagi;export;help;spin'= {
        }
        &'pywagi;export;help;wagi'= {
        }
        &'pywagi;export;help;wasmcloud'= {
        }
        &'pywagi;export;help;help'= {
        }
        &'pywagi;completions'= {
            cand --color 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never'
            cand -q 'Say less: no steps, no progress bars'
            cand --quiet 'Say less: no steps, no progress bars'
            cand -v 'Say more: how each request was run and how long each step took'
            cand --verbose 'Say more: how each request was run and how long each step took'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'pywagi;help'= {
            cand init 'Create a Python WAGI app and the interpreter it runs on'
            cand dev 'Serve the app on a local port'
            cand invoke 'Answer one request without a server and print the response body'
            cand test 'Send the requests of tests, and compare the answers'
            cand replay 'Run a recorded request again, exactly as it was'
            cand run 'Run a script, a module or code in the app''s Python'
            cand repl 'Talk to the app''s Python'
            cand add 'Add packages to the app and install them, or a route'
            cand remove 'Remove packages that the app no longer needs'
            cand sync 'Install the packages that pylock.toml names'
            cand list 'List the packages that are installed'
            cand tree 'Show which package needs which'
            cand build 'Build the app into one file that other hosts run'
            cand routes 'List the routes of the app, and what answers each'
            cand check 'Find what is wrong with the app without a request'
            cand mcp 'Serve the app''s tools to an assistant or an editor, by the Model Context Protocol'
            cand toolchain 'Install, list, verify and remove Python interpreters'
            cand cache 'Show or empty the cache of compiled code and saved interpreters'
            cand image 'List, show and prove the saved interpreters that requests start from'
            cand cgi 'Answer the request of a web server, as its CGI program'
            cand export 'Write the app in the form that other hosts take'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pywagi;help;init'= {
        }
        &'pywagi;help;dev'= {
        }
        &'pywagi;help;invoke'= {
        }
        &'pywagi;help;test'= {
        }
        &'pywagi;help;replay'= {
        }
        &'pywagi;help;run'= {
        }
        &'pywagi;help;repl'= {
        }
        &'pywagi;help;add'= {
            cand route 'Add a route and the script that answers it'
            cand static 'Add a route that answers the files of a directory'
        }
        &'pywagi;help;add;route'= {
        }
        &'pywagi;help;add;static'= {
        }
        &'pywagi;help;remove'= {
        }
        &'pywagi;help;sync'= {
        }
        &'pywagi;help;list'= {
        }
        &'pywagi;help;tree'= {
        }
        &'pywagi;help;build'= {
        }
        &'pywagi;help;routes'= {
        }
        &'pywagi;help;check'= {
        }
        &'pywagi;help;mcp'= {
        }
        &'pywagi;help;toolchain'= {
            cand list 'Show the interpreters that can be installed and the one in use'
            cand install 'Install an interpreter into the app''s opt/'
            cand verify 'Check that the installed files are unchanged and that Python runs'
            cand remove 'Remove the installed interpreter'
        }
        &'pywagi;help;toolchain;list'= {
        }
        &'pywagi;help;toolchain;install'= {
        }
        &'pywagi;help;toolchain;verify'= {
        }
        &'pywagi;help;toolchain;remove'= {
        }
        &'pywagi;help;cache'= {
            cand info 'Show where the cache is, what it holds and how large it is'
            cand clean 'Remove everything in it; the next command fills it again'
            cand warm 'Compile the app''s interpreters and save them, so that the first request is warm'
        }
        &'pywagi;help;cache;info'= {
        }
        &'pywagi;help;cache;clean'= {
        }
        &'pywagi;help;cache;warm'= {
        }
        &'pywagi;help;image'= {
            cand list 'List the saved interpreters of all apps'
            cand show 'Show what the saved interpreter of each route has ready'
            cand check 'Prove that a saved interpreter holds nothing that should differ from request to request'
        }
        &'pywagi;help;image;list'= {
        }
        &'pywagi;help;image;show'= {
        }
        &'pywagi;help;image;check'= {
        }
        &'pywagi;help;cgi'= {
        }
        &'pywagi;help;export'= {
            cand docker 'Write a Dockerfile: lighttpd in front of `pywagi cgi`'
            cand spin 'Write spin.toml and the component that it names'
            cand wagi 'Write a manifest for wagi, the reference server, and print its command line'
            cand wasmcloud 'Write a manifest for wasmCloud and the component that it names'
        }
        &'pywagi;help;export;docker'= {
        }
        &'pywagi;help;export;spin'= {
        }
        &'pywagi;help;export;wagi'= {
        }
        &'pywagi;help;export;wasmcloud'= {
        }
        &'pywagi;help;completions'= {
        }
        &'pywagi;help;help'= {
        }
    ]
    $completions[$command]
}

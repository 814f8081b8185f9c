
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'pywagi' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'pywagi'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'pywagi' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create a Python WAGI app and the interpreter it runs on')
            [CompletionResult]::new('dev', 'dev', [CompletionResultType]::ParameterValue, 'Serve the app on a local port')
            [CompletionResult]::new('invoke', 'invoke', [CompletionResultType]::ParameterValue, 'Answer one request without a server and print the response body')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Send the requests of tests, and compare the answers')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Run a recorded request again, exactly as it was')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run a script, a module or code in the app''s Python')
            [CompletionResult]::new('repl', 'repl', [CompletionResultType]::ParameterValue, 'Talk to the app''s Python')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add packages to the app and install them, or a route')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove packages that the app no longer needs')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Install the packages that pylock.toml names')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the packages that are installed')
            [CompletionResult]::new('tree', 'tree', [CompletionResultType]::ParameterValue, 'Show which package needs which')
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Build the app into one file that other hosts run')
            [CompletionResult]::new('routes', 'routes', [CompletionResultType]::ParameterValue, 'List the routes of the app, and what answers each')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Find what is wrong with the app without a request')
            [CompletionResult]::new('mcp', 'mcp', [CompletionResultType]::ParameterValue, 'Serve the app''s tools to an assistant or an editor, by the Model Context Protocol')
            [CompletionResult]::new('toolchain', 'toolchain', [CompletionResultType]::ParameterValue, 'Install, list, verify and remove Python interpreters')
            [CompletionResult]::new('cache', 'cache', [CompletionResultType]::ParameterValue, 'Show or empty the cache of compiled code and saved interpreters')
            [CompletionResult]::new('image', 'image', [CompletionResultType]::ParameterValue, 'List, show and prove the saved interpreters that requests start from')
            [CompletionResult]::new('cgi', 'cgi', [CompletionResultType]::ParameterValue, 'Answer the request of a web server, as its CGI program')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the app in the form that other hosts take')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pywagi;init' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Python of the app: a version, science or science-full')
            [CompletionResult]::new('--python', '--python', [CompletionResultType]::ParameterName, 'Python of the app: a version, science or science-full')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'App to begin with: plain, form, api, guestbook, htmx, flask, django, starlette, postgres or report [default: ask, else plain]')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'App to begin with: plain, form, api, guestbook, htmx, flask, django, starlette, postgres or report [default: ask, else plain]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Ask nothing, take the defaults; implied when stdin is no terminal')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Ask nothing, take the defaults; implied when stdin is no terminal')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Overwrite the files that init writes, keeping a backup of each')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite the files that init writes, keeping a backup of each')
            [CompletionResult]::new('--no-toolchain', '--no-toolchain', [CompletionResultType]::ParameterName, 'Do not install an interpreter')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use only what is on this machine')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;dev' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read environment variables of your script from a file; repeatable')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Let your script connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable')
            [CompletionResult]::new('--hostname', '--hostname', [CompletionResultType]::ParameterName, 'Name and port that the app sees where the Host header names none')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time until your script is stopped; 0 for no limit [default: 30s]')
            [CompletionResult]::new('--max-memory', '--max-memory', [CompletionResultType]::ParameterName, 'Memory of your script [default: 1GiB]')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'Request body')
            [CompletionResult]::new('--max-response', '--max-response', [CompletionResultType]::ParameterName, 'What your script writes to stdout [default: 256MiB]')
            [CompletionResult]::new('--max-log', '--max-log', [CompletionResultType]::ParameterName, 'What your script writes to stderr; the rest is dropped [default: 1MiB]')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Address to listen on; port 0 lets the system choose [default: 127.0.0.1:3000, and where that port is in use the next free one]')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Address to listen on; port 0 lets the system choose [default: 127.0.0.1:3000, and where that port is in use the next free one]')
            [CompletionResult]::new('--max-head', '--max-head', [CompletionResultType]::ParameterName, 'Request line and headers')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Serve https with this certificate (a PEM file, its issuers after it)')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The certificate''s private key (a PEM file)')
            [CompletionResult]::new('--like', '--like', [CompletionResultType]::ParameterName, 'Answer as another host does: as Spin''s WAGI executor, `spin`, or as the reference server, `wagi`')
            [CompletionResult]::new('--log-dir', '--log-dir', [CompletionResultType]::ParameterName, 'Append each script''s stderr to DIR/<sha256 of the route>/module.stderr')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Write the log as text, or as json: one object a line, see below')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Also write the recording of each request to DIR, for `pywagi replay`; they hold bodies and secrets')
            [CompletionResult]::new('--editor', '--editor', [CompletionResultType]::ParameterName, 'Open lines of error pages in this editor (or PYWAGI_EDITOR): vscode, cursor, zed, idea, pycharm, sublime, or a URL with {file} and {line} in it')
            [CompletionResult]::new('--module-cache', '--module-cache', [CompletionResultType]::ParameterName, 'Accepted for the sake of the reference server; PYWAGI_CACHE_DIR sets the cache directory')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--no-env-file', '--no-env-file', [CompletionResultType]::ParameterName, 'Do not read the file .env beside modules.toml')
            [CompletionResult]::new('--cold', '--cold', [CompletionResultType]::ParameterName, 'Start the interpreter from scratch for each request')
            [CompletionResult]::new('--no-record', '--no-record', [CompletionResultType]::ParameterName, 'Do not keep the last requests for `pywagi replay`')
            [CompletionResult]::new('--live', '--live', [CompletionResultType]::ParameterName, 'Reload open pages when a file of the app changes')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Open the app in the browser')
            [CompletionResult]::new('--console', '--console', [CompletionResultType]::ParameterName, 'Offer prompts on error pages also where --listen names an address that other machines reach')
            [CompletionResult]::new('--no-inspect', '--no-inspect', [CompletionResultType]::ParameterName, 'Tell browsers of failures in plain text, too, and answer nothing below /__pywagi/')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;invoke' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read environment variables of your script from a file; repeatable')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Let your script connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable')
            [CompletionResult]::new('--hostname', '--hostname', [CompletionResultType]::ParameterName, 'Name and port that the app sees where the Host header names none')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time until your script is stopped; 0 for no limit [default: 30s]')
            [CompletionResult]::new('--max-memory', '--max-memory', [CompletionResultType]::ParameterName, 'Memory of your script [default: 1GiB]')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'Request body')
            [CompletionResult]::new('--max-response', '--max-response', [CompletionResultType]::ParameterName, 'What your script writes to stdout [default: 256MiB]')
            [CompletionResult]::new('--max-log', '--max-log', [CompletionResultType]::ParameterName, 'What your script writes to stderr; the rest is dropped [default: 1MiB]')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'Request header, `NAME:VALUE` or `NAME: VALUE`, `NAME;` without a value; `NAME:` leaves out one that is sent by default; repeatable')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Request header, `NAME:VALUE` or `NAME: VALUE`, `NAME;` without a value; `NAME:` leaves out one that is sent by default; repeatable')
            [CompletionResult]::new('-X', '-X ', [CompletionResultType]::ParameterName, 'Request method [default: GET; POST with --data or --form]')
            [CompletionResult]::new('--method', '--method', [CompletionResultType]::ParameterName, 'Request method [default: GET; POST with --data or --form]')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Request body: TEXT, or what a file or stdin (@-) holds; repeatable, joined with &')
            [CompletionResult]::new('--data', '--data', [CompletionResultType]::ParameterName, 'Request body: TEXT, or what a file or stdin (@-) holds; repeatable, joined with &')
            [CompletionResult]::new('-F', '-F ', [CompletionResultType]::ParameterName, 'Form field, sent as multipart/form-data; repeatable. @FILE is sent as a file, <FILE as text; ;type= and ;filename= may follow')
            [CompletionResult]::new('--form', '--form', [CompletionResultType]::ParameterName, 'Form field, sent as multipart/form-data; repeatable. @FILE is sent as a file, <FILE as text; ;type= and ;filename= may follow')
            [CompletionResult]::new('-b', '-b', [CompletionResultType]::ParameterName, 'Cookies to send, NAME=VALUE; repeatable')
            [CompletionResult]::new('--cookie', '--cookie', [CompletionResultType]::ParameterName, 'Cookies to send, NAME=VALUE; repeatable')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the response to a file instead of stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the response to a file instead of stdout')
            [CompletionResult]::new('--save-test', '--save-test', [CompletionResultType]::ParameterName, 'Make a test of the request and its answer: tests/NAME.toml')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Write a recording of the request to DIR, for `pywagi replay`; it holds bodies and secrets')
            [CompletionResult]::new('--clock', '--clock', [CompletionResultType]::ParameterName, 'Have clocks begin at TIME: 2026-01-31, 2026-01-31T12:00:00Z, or seconds since 1970; to sleep takes no time')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Have random bytes follow from N')
            [CompletionResult]::new('--hash-seed', '--hash-seed', [CompletionResultType]::ParameterName, 'Have hashes of str and bytes, and so the order of sets, follow from N')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--no-env-file', '--no-env-file', [CompletionResultType]::ParameterName, 'Do not read the file .env beside modules.toml')
            [CompletionResult]::new('--cold', '--cold', [CompletionResultType]::ParameterName, 'Start the interpreter from scratch for each request')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Print the status line and the headers first')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Print the status line and the headers first')
            [CompletionResult]::new('-I', '-I ', [CompletionResultType]::ParameterName, 'Send HEAD, and print the status line and the headers')
            [CompletionResult]::new('--head', '--head', [CompletionResultType]::ParameterName, 'Send HEAD, and print the status line and the headers')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'Follow redirects within the app, 50 at most')
            [CompletionResult]::new('--location', '--location', [CompletionResultType]::ParameterName, 'Follow redirects within the app, 50 at most')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object: request, answer, stderr, exit, timings')
            [CompletionResult]::new('--fail', '--fail', [CompletionResultType]::ParameterName, 'Exit with 4 when the status is 400 or more')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;test' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read environment variables of the scripts from a file; repeatable')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Run only tests with TEXT in their name or file')
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'Run only tests with TEXT in their name or file')
            [CompletionResult]::new('--junit', '--junit', [CompletionResultType]::ParameterName, 'Also write the results to a file, as JUnit''s XML')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'How many files of tests are run at once [default: one for each processor]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many files of tests are run at once [default: one for each processor]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--no-env-file', '--no-env-file', [CompletionResultType]::ParameterName, 'Do not read the file .env beside modules.toml')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Write snapshots that differ anew')
            [CompletionResult]::new('--update', '--update', [CompletionResultType]::ParameterName, 'Write snapshots that differ anew')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;replay' {
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Look for recordings in DIR, which --record of dev or invoke wrote [default: ask `pywagi dev`, while it runs]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml of the app [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml of the app [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--module', '--module', [CompletionResultType]::ParameterName, 'WebAssembly file to run [default: where it was, else one of the app]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the response to a file instead of stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the response to a file instead of stdout')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'With --pdb, stop where an exception of the class ERROR comes to your code; `error`: the one that ended the run')
            [CompletionResult]::new('--export', '--export', [CompletionResultType]::ParameterName, 'Write the recording to FILE instead of replaying it')
            [CompletionResult]::new('--redact', '--redact', [CompletionResultType]::ParameterName, 'Leave the value of a request header or a variable out of --export; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--rebuild', '--rebuild', [CompletionResultType]::ParameterName, 'Make the saved interpreter again where it is not on this machine')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Print the status line and the headers first')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Print the status line and the headers first')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Print each line of your code as it runs, and the variables it changed')
            [CompletionResult]::new('--pdb', '--pdb', [CompletionResultType]::ParameterName, 'Debug the run with pdb, Python''s own debugger')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Export what may hold bodies and secrets')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Export what may hold bodies and secrets')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;run' {
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'The route whose volumes and variables to use, as modules.toml has it [default: the first that Python answers]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Set an environment variable, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Set an environment variable, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read environment variables from a file; repeatable')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Let it connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable')
            [CompletionResult]::new('--max-memory', '--max-memory', [CompletionResultType]::ParameterName, 'Memory that it may use [default: 1GiB]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop it after TIME: 500ms, 30s, 2m [default: no limit]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--no-env-file', '--no-env-file', [CompletionResultType]::ParameterName, 'Do not read the file .env beside modules.toml')
            [CompletionResult]::new('--cold', '--cold', [CompletionResultType]::ParameterName, 'Start the interpreter from scratch')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;repl' {
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'The route whose volumes and variables to use, as modules.toml has it [default: the first that Python answers]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Set an environment variable, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Set an environment variable, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read environment variables from a file; repeatable')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Let it connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable')
            [CompletionResult]::new('--max-memory', '--max-memory', [CompletionResultType]::ParameterName, 'Memory that it may use [default: 1GiB]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--no-env-file', '--no-env-file', [CompletionResultType]::ParameterName, 'Do not read the file .env beside modules.toml')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;add' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml of the app [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml of the app [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--adapter', '--adapter', [CompletionResultType]::ParameterName, 'Write code/pywagi.py, which runs WSGI and ASGI apps')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use only what is on this machine: the cache of uv or pip')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('route', 'route', [CompletionResultType]::ParameterValue, 'Add a route and the script that answers it')
            [CompletionResult]::new('static', 'static', [CompletionResultType]::ParameterValue, 'Add a route that answers the files of a directory')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pywagi;add;route' {
            [CompletionResult]::new('--script', '--script', [CompletionResultType]::ParameterName, 'The script; written if it is not there [default: NAME.py beside the scripts of the app, with the last part of the route]')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to change [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to change [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;add;static' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to change [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to change [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;add;help' {
            [CompletionResult]::new('route', 'route', [CompletionResultType]::ParameterValue, 'Add a route and the script that answers it')
            [CompletionResult]::new('static', 'static', [CompletionResultType]::ParameterValue, 'Add a route that answers the files of a directory')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pywagi;add;help;route' {
            break
        }
        'pywagi;add;help;static' {
            break
        }
        'pywagi;add;help;help' {
            break
        }
        'pywagi;remove' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml of the app [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml of the app [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use only what is on this machine: the cache of uv or pip')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;sync' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml of the app [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml of the app [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use only what is on this machine: the cache of uv or pip')
            [CompletionResult]::new('--locked', '--locked', [CompletionResultType]::ParameterName, 'Fail where pylock.toml is not what the app asks for')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;list' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml of the app [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml of the app [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object for each package, one a line')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;tree' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml of the app [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml of the app [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object for each package, one a line')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;build' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File to write')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Build this route, as modules.toml has it; repeatable [default: all]')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Build this route, as modules.toml has it; repeatable [default: all]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Have the host give this environment variable to the scripts; repeatable')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Have the host give this environment variable to the scripts; repeatable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Have the host give the variables that a file names, as with those of .env; repeatable')
            [CompletionResult]::new('--hostname', '--hostname', [CompletionResultType]::ParameterName, 'Name and port that the scripts see where the Host header names none')
            [CompletionResult]::new('--writable', '--writable', [CompletionResultType]::ParameterName, 'Have the host give the directory of this volume, so that what scripts write there lasts; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--no-env-file', '--no-env-file', [CompletionResultType]::ParameterName, 'Do not read the file .env beside modules.toml')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Send a request for each route to what was built, and compare the answers with those of `pywagi invoke`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;routes' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read environment variables of the scripts from a file; repeatable')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--no-env-file', '--no-env-file', [CompletionResultType]::ParameterName, 'Do not read the file .env beside modules.toml')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object for each route, one a line')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;check' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read environment variables of the scripts from a file; repeatable')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--no-env-file', '--no-env-file', [CompletionResultType]::ParameterName, 'Do not read the file .env beside modules.toml')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object for each finding, one a line')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;mcp' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read environment variables of the scripts from a file; repeatable')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--no-env-file', '--no-env-file', [CompletionResultType]::ParameterName, 'Do not read the file .env beside modules.toml')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;toolchain' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show the interpreters that can be installed and the one in use')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Install an interpreter into the app''s opt/')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that the installed files are unchanged and that Python runs')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove the installed interpreter')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pywagi;toolchain;list' {
            [CompletionResult]::new('--opt-dir', '--opt-dir', [CompletionResultType]::ParameterName, 'Directory that holds toolchains [default: opt/ of the nearest app]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;toolchain;install' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Install a .wasm, .tar.gz, .zip or .whl of your own instead')
            [CompletionResult]::new('--sha256', '--sha256', [CompletionResultType]::ParameterName, 'SHA-256 that --from must have')
            [CompletionResult]::new('--opt-dir', '--opt-dir', [CompletionResultType]::ParameterName, 'Directory that holds toolchains [default: opt/ of the nearest app]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use only what is on this machine')
            [CompletionResult]::new('--self-test', '--self-test', [CompletionResultType]::ParameterName, 'Run some scripts and show what the interpreter supports')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;toolchain;verify' {
            [CompletionResult]::new('--opt-dir', '--opt-dir', [CompletionResultType]::ParameterName, 'Directory that holds toolchains [default: opt/ of the nearest app]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--self-test', '--self-test', [CompletionResultType]::ParameterName, 'Also run some scripts and show what the interpreter supports')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;toolchain;remove' {
            [CompletionResult]::new('--opt-dir', '--opt-dir', [CompletionResultType]::ParameterName, 'Directory that holds toolchains [default: opt/ of the nearest app]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;toolchain;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show the interpreters that can be installed and the one in use')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Install an interpreter into the app''s opt/')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that the installed files are unchanged and that Python runs')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove the installed interpreter')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pywagi;toolchain;help;list' {
            break
        }
        'pywagi;toolchain;help;install' {
            break
        }
        'pywagi;toolchain;help;verify' {
            break
        }
        'pywagi;toolchain;help;remove' {
            break
        }
        'pywagi;toolchain;help;help' {
            break
        }
        'pywagi;cache' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('info', 'info', [CompletionResultType]::ParameterValue, 'Show where the cache is, what it holds and how large it is')
            [CompletionResult]::new('clean', 'clean', [CompletionResultType]::ParameterValue, 'Remove everything in it; the next command fills it again')
            [CompletionResult]::new('warm', 'warm', [CompletionResultType]::ParameterValue, 'Compile the app''s interpreters and save them, so that the first request is warm')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pywagi;cache;info' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;cache;clean' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;cache;warm' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read environment variables of the scripts from a file; repeatable')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--no-env-file', '--no-env-file', [CompletionResultType]::ParameterName, 'Do not read the file .env beside modules.toml')
            [CompletionResult]::new('--portable', '--portable', [CompletionResultType]::ParameterName, 'Have the cache work on other machines, too, as in a container: compile for any processor of this kind')
            [CompletionResult]::new('--learnt', '--learnt', [CompletionResultType]::ParameterName, 'Do what a process that answered a request asks for on stdin')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;cache;help' {
            [CompletionResult]::new('info', 'info', [CompletionResultType]::ParameterValue, 'Show where the cache is, what it holds and how large it is')
            [CompletionResult]::new('clean', 'clean', [CompletionResultType]::ParameterValue, 'Remove everything in it; the next command fills it again')
            [CompletionResult]::new('warm', 'warm', [CompletionResultType]::ParameterValue, 'Compile the app''s interpreters and save them, so that the first request is warm')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pywagi;cache;help;info' {
            break
        }
        'pywagi;cache;help;clean' {
            break
        }
        'pywagi;cache;help;warm' {
            break
        }
        'pywagi;cache;help;help' {
            break
        }
        'pywagi;image' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the saved interpreters of all apps')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show what the saved interpreter of each route has ready')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Prove that a saved interpreter holds nothing that should differ from request to request')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pywagi;image;list' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;image;show' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read environment variables of your script from a file; repeatable')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Let your script connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable')
            [CompletionResult]::new('--hostname', '--hostname', [CompletionResultType]::ParameterName, 'Name and port that the app sees where the Host header names none')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time until your script is stopped; 0 for no limit [default: 30s]')
            [CompletionResult]::new('--max-memory', '--max-memory', [CompletionResultType]::ParameterName, 'Memory of your script [default: 1GiB]')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'Request body')
            [CompletionResult]::new('--max-response', '--max-response', [CompletionResultType]::ParameterName, 'What your script writes to stdout [default: 256MiB]')
            [CompletionResult]::new('--max-log', '--max-log', [CompletionResultType]::ParameterName, 'What your script writes to stderr; the rest is dropped [default: 1MiB]')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Only the interpreter of this route, as modules.toml has it')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--no-env-file', '--no-env-file', [CompletionResultType]::ParameterName, 'Do not read the file .env beside modules.toml')
            [CompletionResult]::new('--cold', '--cold', [CompletionResultType]::ParameterName, 'Start the interpreter from scratch for each request')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object for each interpreter, one a line')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;image;check' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Set an environment variable of your script, without a value the one that your shell exports; repeatable, and several may follow one -e')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read environment variables of your script from a file; repeatable')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Let your script connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable')
            [CompletionResult]::new('--hostname', '--hostname', [CompletionResultType]::ParameterName, 'Name and port that the app sees where the Host header names none')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time until your script is stopped; 0 for no limit [default: 30s]')
            [CompletionResult]::new('--max-memory', '--max-memory', [CompletionResultType]::ParameterName, 'Memory of your script [default: 1GiB]')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'Request body')
            [CompletionResult]::new('--max-response', '--max-response', [CompletionResultType]::ParameterName, 'What your script writes to stdout [default: 256MiB]')
            [CompletionResult]::new('--max-log', '--max-log', [CompletionResultType]::ParameterName, 'What your script writes to stderr; the rest is dropped [default: 1MiB]')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Only the interpreter of this route, as modules.toml has it')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--no-env-file', '--no-env-file', [CompletionResultType]::ParameterName, 'Do not read the file .env beside modules.toml')
            [CompletionResult]::new('--cold', '--cold', [CompletionResultType]::ParameterName, 'Start the interpreter from scratch for each request')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON object for each interpreter, one a line')
            [CompletionResult]::new('--full', '--full', [CompletionResultType]::ParameterName, 'Also tell what of MODULE depends on environment variables that it reads and on the seed of string hashes, and what loading it changes in the standard library; takes four times as long')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;image;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the saved interpreters of all apps')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show what the saved interpreter of each route has ready')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Prove that a saved interpreter holds nothing that should differ from request to request')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pywagi;image;help;list' {
            break
        }
        'pywagi;image;help;show' {
            break
        }
        'pywagi;image;help;check' {
            break
        }
        'pywagi;image;help;help' {
            break
        }
        'pywagi;cgi' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Set an environment variable of the scripts, without a value the one that your shell exports; repeatable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Read environment variables of the scripts from a file; repeatable')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Let the scripts connect to this host, beside those of modules.toml: https://example.com, db:5432; repeatable')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time until your script is stopped; 0 for no limit [default: 30s]')
            [CompletionResult]::new('--max-memory', '--max-memory', [CompletionResultType]::ParameterName, 'Memory of your script [default: 1GiB]')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'Request body')
            [CompletionResult]::new('--max-response', '--max-response', [CompletionResultType]::ParameterName, 'What your script writes to stdout [default: 256MiB]')
            [CompletionResult]::new('--max-log', '--max-log', [CompletionResultType]::ParameterName, 'What your script writes to stderr; the rest is dropped [default: 1MiB]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--no-env-file', '--no-env-file', [CompletionResultType]::ParameterName, 'Do not read the file .env beside modules.toml')
            [CompletionResult]::new('--cold', '--cold', [CompletionResultType]::ParameterName, 'Start the interpreter from scratch for each request')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;export' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('docker', 'docker', [CompletionResultType]::ParameterValue, 'Write a Dockerfile: lighttpd in front of `pywagi cgi`')
            [CompletionResult]::new('spin', 'spin', [CompletionResultType]::ParameterValue, 'Write spin.toml and the component that it names')
            [CompletionResult]::new('wagi', 'wagi', [CompletionResultType]::ParameterValue, 'Write a manifest for wagi, the reference server, and print its command line')
            [CompletionResult]::new('wasmcloud', 'wasmcloud', [CompletionResultType]::ParameterValue, 'Write a manifest for wasmCloud and the component that it names')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pywagi;export;docker' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Directory of the files, in the app')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Directory of the files, in the app')
            [CompletionResult]::new('--writable', '--writable', [CompletionResultType]::ParameterName, 'Let requests write to the volume PATH, as modules.toml has it; repeatable')
            [CompletionResult]::new('--pywagi', '--pywagi', [CompletionResultType]::ParameterName, 'The pywagi of the container [default: this one, on Linux]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Overwrite the files')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite the files')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;export;spin' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Build this route, as modules.toml has it; repeatable [default: all]')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Build this route, as modules.toml has it; repeatable [default: all]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Have the host give this environment variable to the scripts; repeatable')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Have the host give this environment variable to the scripts; repeatable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Have the host give the variables that a file names, as with those of .env; repeatable')
            [CompletionResult]::new('--hostname', '--hostname', [CompletionResultType]::ParameterName, 'Name and port that the scripts see where the Host header names none')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File to write; the component is beside it [default: spin.toml beside modules.toml]')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File to write; the component is beside it [default: spin.toml beside modules.toml]')
            [CompletionResult]::new('--oci', '--oci', [CompletionResultType]::ParameterName, 'Write the image of the app, too: an OCI layout, for a registry')
            [CompletionResult]::new('--kube', '--kube', [CompletionResultType]::ParameterName, 'Print the SpinApp that has a cluster run the image IMAGE')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--no-env-file', '--no-env-file', [CompletionResultType]::ParameterName, 'Do not read the file .env beside modules.toml')
            [CompletionResult]::new('--wagi', '--wagi', [CompletionResultType]::ParameterName, 'For Spin''s WAGI executor, up to Spin 4, with the app''s own files')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Overwrite another file')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite another file')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;export;wagi' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Overwrite another file')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite another file')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;export;wasmcloud' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'modules.toml to use [default: the nearest one, upwards from here]')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Build this route, as modules.toml has it; repeatable [default: all]')
            [CompletionResult]::new('--route', '--route', [CompletionResultType]::ParameterName, 'Build this route, as modules.toml has it; repeatable [default: all]')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Have the host give this environment variable to the scripts; repeatable')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Have the host give this environment variable to the scripts; repeatable')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Have the host give the variables that a file names, as with those of .env; repeatable')
            [CompletionResult]::new('--hostname', '--hostname', [CompletionResultType]::ParameterName, 'Name and port that the scripts see where the Host header names none')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File to write; the component is beside it [default: wadm.yaml beside modules.toml]')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'File to write; the component is beside it [default: wadm.yaml beside modules.toml]')
            [CompletionResult]::new('--image', '--image', [CompletionResultType]::ParameterName, 'The image that the manifest names [default: the file beside it]')
            [CompletionResult]::new('--oci', '--oci', [CompletionResultType]::ParameterName, 'Write the image of the component, too: an OCI layout, for a registry')
            [CompletionResult]::new('--kube', '--kube', [CompletionResultType]::ParameterName, 'Print the WorkloadDeployment that has a cluster run the image IMAGE')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('--no-env-file', '--no-env-file', [CompletionResultType]::ParameterName, 'Do not read the file .env beside modules.toml')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Overwrite another file')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite another file')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;export;help' {
            [CompletionResult]::new('docker', 'docker', [CompletionResultType]::ParameterValue, 'Write a Dockerfile: lighttpd in front of `pywagi cgi`')
            [CompletionResult]::new('spin', 'spin', [CompletionResultType]::ParameterValue, 'Write spin.toml and the component that it names')
            [CompletionResult]::new('wagi', 'wagi', [CompletionResultType]::ParameterValue, 'Write a manifest for wagi, the reference server, and print its command line')
            [CompletionResult]::new('wasmcloud', 'wasmcloud', [CompletionResultType]::ParameterValue, 'Write a manifest for wasmCloud and the component that it names')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pywagi;export;help;docker' {
            break
        }
        'pywagi;export;help;spin' {
            break
        }
        'pywagi;export;help;wagi' {
            break
        }
        'pywagi;export;help;wasmcloud' {
            break
        }
        'pywagi;export;help;help' {
            break
        }
        'pywagi;completions' {
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to colour messages: auto (on a terminal, unless NO_COLOR is set), always or never')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less: no steps, no progress bars')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: how each request was run and how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'pywagi;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Create a Python WAGI app and the interpreter it runs on')
            [CompletionResult]::new('dev', 'dev', [CompletionResultType]::ParameterValue, 'Serve the app on a local port')
            [CompletionResult]::new('invoke', 'invoke', [CompletionResultType]::ParameterValue, 'Answer one request without a server and print the response body')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Send the requests of tests, and compare the answers')
            [CompletionResult]::new('replay', 'replay', [CompletionResultType]::ParameterValue, 'Run a recorded request again, exactly as it was')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run a script, a module or code in the app''s Python')
            [CompletionResult]::new('repl', 'repl', [CompletionResultType]::ParameterValue, 'Talk to the app''s Python')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add packages to the app and install them, or a route')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove packages that the app no longer needs')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Install the packages that pylock.toml names')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the packages that are installed')
            [CompletionResult]::new('tree', 'tree', [CompletionResultType]::ParameterValue, 'Show which package needs which')
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Build the app into one file that other hosts run')
            [CompletionResult]::new('routes', 'routes', [CompletionResultType]::ParameterValue, 'List the routes of the app, and what answers each')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Find what is wrong with the app without a request')
            [CompletionResult]::new('mcp', 'mcp', [CompletionResultType]::ParameterValue, 'Serve the app''s tools to an assistant or an editor, by the Model Context Protocol')
            [CompletionResult]::new('toolchain', 'toolchain', [CompletionResultType]::ParameterValue, 'Install, list, verify and remove Python interpreters')
            [CompletionResult]::new('cache', 'cache', [CompletionResultType]::ParameterValue, 'Show or empty the cache of compiled code and saved interpreters')
            [CompletionResult]::new('image', 'image', [CompletionResultType]::ParameterValue, 'List, show and prove the saved interpreters that requests start from')
            [CompletionResult]::new('cgi', 'cgi', [CompletionResultType]::ParameterValue, 'Answer the request of a web server, as its CGI program')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the app in the form that other hosts take')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pywagi;help;init' {
            break
        }
        'pywagi;help;dev' {
            break
        }
        'pywagi;help;invoke' {
            break
        }
        'pywagi;help;test' {
            break
        }
        'pywagi;help;replay' {
            break
        }
        'pywagi;help;run' {
            break
        }
        'pywagi;help;repl' {
            break
        }
        'pywagi;help;add' {
            [CompletionResult]::new('route', 'route', [CompletionResultType]::ParameterValue, 'Add a route and the script that answers it')
            [CompletionResult]::new('static', 'static', [CompletionResultType]::ParameterValue, 'Add a route that answers the files of a directory')
            break
        }
        'pywagi;help;add;route' {
            break
        }
        'pywagi;help;add;static' {
            break
        }
        'pywagi;help;remove' {
            break
        }
        'pywagi;help;sync' {
            break
        }
        'pywagi;help;list' {
            break
        }
        'pywagi;help;tree' {
            break
        }
        'pywagi;help;build' {
            break
        }
        'pywagi;help;routes' {
            break
        }
        'pywagi;help;check' {
            break
        }
        'pywagi;help;mcp' {
            break
        }
        'pywagi;help;toolchain' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show the interpreters that can be installed and the one in use')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Install an interpreter into the app''s opt/')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that the installed files are unchanged and that Python runs')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove the installed interpreter')
            break
        }
        'pywagi;help;toolchain;list' {
            break
        }
        'pywagi;help;toolchain;install' {
            break
        }
        'pywagi;help;toolchain;verify' {
            break
        }
        'pywagi;help;toolchain;remove' {
            break
        }
        'pywagi;help;cache' {
            [CompletionResult]::new('info', 'info', [CompletionResultType]::ParameterValue, 'Show where the cache is, what it holds and how large it is')
            [CompletionResult]::new('clean', 'clean', [CompletionResultType]::ParameterValue, 'Remove everything in it; the next command fills it again')
            [CompletionResult]::new('warm', 'warm', [CompletionResultType]::ParameterValue, 'Compile the app''s interpreters and save them, so that the first request is warm')
            break
        }
        'pywagi;help;cache;info' {
            break
        }
        'pywagi;help;cache;clean' {
            break
        }
        'pywagi;help;cache;warm' {
            break
        }
        'pywagi;help;image' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the saved interpreters of all apps')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show what the saved interpreter of each route has ready')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Prove that a saved interpreter holds nothing that should differ from request to request')
            break
        }
        'pywagi;help;image;list' {
            break
        }
        'pywagi;help;image;show' {
            break
        }
        'pywagi;help;image;check' {
            break
        }
        'pywagi;help;cgi' {
            break
        }
        'pywagi;help;export' {
            [CompletionResult]::new('docker', 'docker', [CompletionResultType]::ParameterValue, 'Write a Dockerfile: lighttpd in front of `pywagi cgi`')
            [CompletionResult]::new('spin', 'spin', [CompletionResultType]::ParameterValue, 'Write spin.toml and the component that it names')
            [CompletionResult]::new('wagi', 'wagi', [CompletionResultType]::ParameterValue, 'Write a manifest for wagi, the reference server, and print its command line')
            [CompletionResult]::new('wasmcloud', 'wasmcloud', [CompletionResultType]::ParameterValue, 'Write a manifest for wasmCloud and the component that it names')
            break
        }
        'pywagi;help;export;docker' {
            break
        }
        'pywagi;help;export;spin' {
            break
        }
        'pywagi;help;export;wagi' {
            break
        }
        'pywagi;help;export;wasmcloud' {
            break
        }
        'pywagi;help;completions' {
            break
        }
        'pywagi;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}

//! Command lines that cannot be understood.

use crate::support::Project;

/// Checks the whole of what a command line is answered with; every one ends in the same words.
#[track_caller]
fn usage(arguments: &[&str], message: &str) {
    let expected = format!("error: {message}\n\nFor more information, try '--help'.\n");
    Project::empty().pywagi(arguments).output().code(2).stdout("").stderr(&expected);
}

#[test]
fn an_unknown_command() {
    let known = "Usage: pywagi [OPTIONS] <COMMAND>";
    let near = "unrecognized subcommand 'devv'\n\n  tip: a similar subcommand exists: 'dev'";
    usage(&["devv"], &format!("{near}\n\n{known}"));
    usage(&["frob"], &format!("unrecognized subcommand 'frob'\n\n{known}"));
    for command in ["toolchain", "cache"] {
        let known = format!("Usage: pywagi {command} [OPTIONS] <COMMAND>");
        usage(&[command, "frob"], &format!("unrecognized subcommand 'frob'\n\n{known}"));
    }
}

#[test]
fn an_unknown_flag_or_one_word_too_many() {
    usage(
        &["invoke", "/", "--jso"],
        "unexpected argument '--jso' found\n\n  tip: a similar argument exists: '--json'\n\n\
         Usage: pywagi invoke [OPTIONS] <PATH[?QUERY]>",
    );
    usage(&["invoke", "/", "/"], "unexpected argument '/' found\n\nUsage: pywagi invoke [OPTIONS] <PATH[?QUERY]>");
    usage(&["init", "a", "b"], "unexpected argument 'b' found\n\nUsage: pywagi init [OPTIONS] [DIR]");
}

#[test]
fn words_and_flags_of_other_tools() {
    let commands = "Usage: pywagi [OPTIONS] <COMMAND>";
    for (word, tip) in [
        ("serve", "'pywagi dev' serves the app"),
        ("new", "'pywagi init' creates an app"),
        ("curl", "'pywagi invoke /' answers one request"),
        ("install", "'pywagi add' installs packages, 'pywagi toolchain install' a Python interpreter"),
    ] {
        usage(&[word], &format!("unrecognized subcommand '{word}'\n\n  tip: {tip}\n\n{commands}"));
    }
    let unexpected = |command: &str, word: &str, tip: &str, operand: &str| {
        let message = format!("unexpected argument '{word}' found\n\n  tip: {tip}\n\n");
        usage(&[command, word], &format!("{message}Usage: pywagi {command} [OPTIONS]{operand}"));
    };
    let dev = |word: &str, tip: &str| unexpected("dev", word, tip, "");
    let init = |word: &str, tip: &str| unexpected("init", word, tip, " [DIR]");
    dev("--host", "'--listen [HOST:]PORT' sets where to listen");
    dev("--data", "'--data' is a flag of 'pywagi invoke'");
    dev("-H", "'-H' is a flag of 'pywagi invoke'");
    dev(
        "--offline",
        "'--offline' is a flag of 'pywagi init', 'pywagi add', 'pywagi remove', 'pywagi sync' and 'pywagi toolchain install'",
    );
    dev("--reload", "an edited file counts from the next request on, without a flag");
    init("--name", "the name of an app is that of its directory: 'pywagi init NAME'");
    dev("hello", "to serve the app in that directory: 'pywagi dev --config hello/modules.toml'");
    dev("a.toml", "to serve the app of that file: 'pywagi dev --config a.toml'");
    dev("env.py", "which script answers a request is said by `argv` in modules.toml");
    dev("3005", "to listen there: 'pywagi dev --listen 3005'");
}

#[test]
fn what_a_command_cannot_do_without() {
    let missing = |what: &str, usage: &str| {
        format!("the following required arguments were not provided:\n  {what}\n\nUsage: pywagi {usage}")
    };
    usage(&["invoke"], &missing("<PATH[?QUERY]>", "invoke [OPTIONS] <PATH[?QUERY]>"));
    let path = "the path of the request is missing: put it before -e, or give one that begins with `/`";
    let message = format!("{path}\n\nUsage: pywagi invoke [OPTIONS] <PATH[?QUERY]>");
    usage(&["invoke", "-e", "A=1", "B=2"], &message);
    usage(&["invoke", "-e", "A=1", "hello"], &message);
    usage(&["completions"], &missing("<SHELL>", "completions <SHELL>"));
    usage(&["dev", "--tls-cert", "x"], &missing("--tls-key <PEM>", "dev --tls-cert <PEM> --tls-key <PEM>"));
    usage(&["dev", "--tls-key", "x"], &missing("--tls-cert <PEM>", "dev --tls-key <PEM> --tls-cert <PEM>"));
    let install = "toolchain install --from <FILE|URL> --sha256 <HEX> [VERSION]";
    usage(&["toolchain", "install", "--sha256", "x"], &missing("--from <FILE|URL>", install));
}

#[test]
fn flags_that_exclude_each_other() {
    let both = |a: &str, b: &str, usage: &str| {
        format!("the argument '{a}' cannot be used with '{b}'\n\nUsage: pywagi {usage}")
    };
    let include = both("--include", "--json", "invoke [OPTIONS] <PATH[?QUERY]>");
    usage(&["invoke", "/", "-i", "--json"], &include);
    usage(&["dev", "-q", "-v"], &both("--quiet", "--verbose", "dev --quiet"));
    let from = both("[VERSION]", "--from <FILE|URL>", "toolchain install <VERSION>");
    usage(&["toolchain", "install", "3.12", "--from", "x"], &from);
}

#[test]
fn a_flag_without_its_value() {
    for (arguments, flag) in [
        (&["invoke", "/", "-c"][..], "--config <FILE>"),
        (&["invoke", "/", "-c", ""], "--config <FILE>"),
        (&["invoke", "/", "--env-file", ""], "--env-file <FILE>"),
        (&["invoke", "/", "-d"], "--data <TEXT|@FILE>"),
        (&["invoke", "/", "-H"], "--header <NAME:VALUE>"),
        (&["invoke", "/", "--timeout"], "--timeout <TIME>"),
        (&["dev", "-e"], "--env <NAME[=VALUE]>..."),
        (&["dev", "--log-dir", ""], "--log-dir <DIR>"),
        (&["toolchain", "list", "--opt-dir", ""], "--opt-dir <DIR>"),
        (&["init", ""], "[DIR]"),
    ] {
        usage(arguments, &format!("a value is required for '{flag}' but none was supplied"));
    }
}

#[test]
fn a_value_that_makes_no_sense() {
    let invalid = |value: &str, of: &str, why: &str| format!("invalid value '{value}' for '{of}'{why}");
    for value in ["x", "-0", "-1", "1h", "NaN", "1e99"] {
        let message = invalid(value, "--timeout <TIME>", ": give a time such as 500ms, 30s or 2m");
        usage(&["invoke", "/", &format!("--timeout={value}")], &message);
    }
    for value in ["x", "127.0.0.1:70000", "example.com:3000"] {
        let addresses = ": give a port or an address, such as 3005, localhost:3005, 127.0.0.1:3005 or [::1]:3005";
        usage(&["dev", "-l", value], &invalid(value, "--listen <[HOST:]PORT>", addresses));
    }
    for command in
        [&["dev"][..], &["invoke", "/"], &["test"], &["run", "a.py"], &["repl"], &["cgi"], &["routes"], &["mcp"]]
    {
        let why = ": `example.com` has no port: write \"https://example.com\", or the port: \"example.com:PORT\"";
        let message = invalid("example.com", "--allow-host <URL>", why);
        let (name, rest) = command.split_first().expect("a name");
        usage(&[&[*name, "--allow-host", "example.com"], rest].concat(), &message);
    }
    let colors = "\n  [possible values: auto, always, never]";
    usage(&["dev", "--color", "x"], &invalid("x", "--color <WHEN>", colors));
    let shells = "\n  [possible values: bash, zsh, fish, powershell, elvish]\n\n  tip: a similar value exists: 'zsh'";
    usage(&["completions", "tcsh"], &invalid("tcsh", "<SHELL>", shells));
}

#[test]
fn without_a_command_the_help_is_shown_and_nothing_was_done() {
    for command in [&[][..], &["toolchain"], &["cache"]] {
        let help = Project::empty().pywagi(command.iter().chain([&"-h"])).output().stdout_text();
        Project::empty().pywagi(command).output().code(2).stdout("").stderr(&help);
    }
}

#[test]
fn what_is_no_request() {
    for (arguments, message, help) in [
        (
            &["ftp://a/"][..],
            r#""ftp://a/" is not a URL that a request can be made for"#,
            "write http://HOST[:PORT]/PATH[?QUERY], or the path and query alone",
        ),
        (&["/a b"], r#""/a b" holds a character that HTTP does not allow in a path"#, "percent-encode it: '/a%20b'"),
        (
            &["/a#b"],
            r##""/a#b" holds a `#` and what follows it, which no client sends"##,
            "percent-encode it: '/a%23b'",
        ),
        (&["/", "-X", "A B"], r#""A B" is not a valid method"#, "write a word such as GET, POST or DELETE"),
        (
            &["/", "-H", ":b"],
            r#"the header ":b" has no valid name before its colon"#,
            "write -H NAME:VALUE, as in -H 'Accept: text/html'",
        ),
        (
            &["/", "-H", "a:b\nc"],
            r#"the header "a:b\nc" holds a control character"#,
            "write -H NAME:VALUE, as in -H 'Accept: text/html'",
        ),
        (
            &["/", "-e", "/path"],
            "`/path` is not NAME=VALUE, as -e takes it",
            "give the path of the request before -e, or put -- between them",
        ),
        (&["/", "-e", "=x"], "-e '=x': the name of a variable is empty", "write -e NAME=VALUE"),
        (
            &["/", "-e", "A B=x"],
            "-e 'A B=x': the name of a variable holds no white space or control character",
            "write -e NAME=VALUE",
        ),
        (&["/", "-d", "@"], "`-d @` names no file", "write -d @FILE, or -d @- to read standard input"),
    ] {
        let expected = format!("error: {message}\n  help: {help}\n");
        Project::empty().pywagi(["invoke"].iter().chain(arguments)).output().code(2).stdout("").stderr(&expected);
    }
}

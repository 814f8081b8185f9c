//! The command line: clap types and help text.

mod build;
mod cache;
mod cgi;
mod clock;
mod dev;
mod export;
mod listen;
mod new_route;
mod packages;
mod python;
mod python_version;
mod replay;
mod routes;
mod suggest;
mod target;
mod test;
mod texts;

pub use build::{Build, ComponentOptions};
pub use cache::{Cache, CacheCommand, CacheWarm};
pub use cgi::Cgi;
pub use dev::Dev;
pub use export::{Export, ExportCommand, ExportDocker, ExportSpin, ExportWagi, ExportWasmcloud};
pub use listen::DEFAULT as DEFAULT_ADDRESS;
pub use new_route::{AddCommand, NewRoute, NewStatic};
pub use packages::{Add, List, Remove, Sync, Tree};
pub use python::{Repl, Run, Sandbox};
use python_version::PythonVersion;
pub use replay::Replay;
pub use routes::{Check, Mcp, Routes, WhichApp};
pub use test::Test;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};

use serde::{Deserialize, Serialize};

use crate::network::AllowedHost;
use crate::terminal::ColorChoice;
use crate::{duration, size};
use texts::{
    COMPLETIONS_HELP, IMAGE_CHECK_HELP, IMAGE_HELP, INIT_HELP, INSTALL_SOURCES, INVOKE_HELP, TOOLCHAIN_HELP, TOP_HELP,
};

/// Scaffold Python WAGI apps and run them locally.
#[derive(Debug, Parser)]
#[command(name = "pywagi", version, max_term_width = 80, after_help = TOP_HELP)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: Global,
}

impl Cli {
    /// Reads the command line of the process. On an error, or for `--help` and `--version`, prints the text and exits.
    pub fn from_process() -> Self {
        let arguments = with_command(std::env::args_os().collect());
        Self::parse_arguments(&arguments).unwrap_or_else(|error| suggest::improve(error, &arguments).exit())
    }

    /// Reads these arguments, the program's name first.
    ///
    /// # Errors
    /// Fails where they cannot be understood, and with the text of `--help` and `--version`.
    pub fn parse_arguments<T: Into<OsString> + Clone>(
        arguments: impl IntoIterator<Item = T>,
    ) -> Result<Self, clap::Error> {
        let mut cli = Self::try_parse_from(arguments)?;
        if let Command::Invoke(invoke) = &mut cli.command {
            target::take_from_variables(invoke)?;
        }
        Ok(cli)
    }
}

/// The arguments of a process whose program is called `pywagi-cgi` are those of `pywagi cgi`: web servers can be given the name
/// of a program, and not its command.
fn with_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let program = arguments.first().map(Path::new).and_then(Path::file_stem);
    if program.is_some_and(|name| name == "pywagi-cgi") {
        arguments.insert(1, "cgi".into());
    }
    arguments
}

/// Flags that every command takes.
#[derive(Args, Debug)]
pub struct Global {
    /// Say less: no steps, no progress bars
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Global options")]
    pub quiet: bool,
    /// Say more: how each request was run and how long each step took
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub verbose: bool,
    // Possible values with a text each would spread every command's help over twice the lines.
    /// When to colour messages: auto (on a terminal, unless NO_COLOR is set),
    /// always or never
    #[arg(long, global = true, value_enum, default_value_t, hide_possible_values = true)]
    #[arg(value_name = "WHEN", help_heading = "Global options")]
    pub color: ColorChoice,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a Python WAGI app and the interpreter it runs on
    Init(Init),
    /// Serve the app on a local port
    Dev(Dev),
    /// Answer one request without a server and print the response body
    Invoke(Invoke),
    /// Send the requests of tests, and compare the answers
    Test(Test),
    /// Run a recorded request again, exactly as it was
    Replay(Replay),
    /// Run a script, a module or code in the app's Python
    Run(Run),
    /// Talk to the app's Python
    Repl(Repl),
    /// Add packages to the app and install them, or a route
    Add(Add),
    /// Remove packages that the app no longer needs
    Remove(Remove),
    /// Install the packages that pylock.toml names
    Sync(Sync),
    /// List the packages that are installed
    List(List),
    /// Show which package needs which
    Tree(Tree),
    /// Build the app into one file that other hosts run
    Build(Build),
    /// List the routes of the app, and what answers each
    Routes(Routes),
    /// Find what is wrong with the app without a request
    Check(Check),
    /// Serve the app's tools to an assistant or an editor, by the Model Context
    /// Protocol
    Mcp(Mcp),
    /// Install, list, verify and remove Python interpreters
    Toolchain(Toolchain),
    /// Show or empty the cache of compiled code and saved interpreters
    Cache(Cache),
    /// List, show and prove the saved interpreters that requests start from
    Image(Image),
    /// Answer the request of a web server, as its CGI program
    Cgi(Cgi),
    /// Write the app in the form that other hosts take
    Export(Export),
    /// Print a completion script for a shell
    Completions(Completions),
}

/// `pywagi init`
#[derive(Args, Debug)]
#[command(after_help = INIT_HELP)]
pub struct Init {
    /// Directory of the app; made if it does not exist [default: ask, else .]
    #[arg(value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
    /// Ask nothing, take the defaults; implied when stdin is no terminal
    #[arg(short, long)]
    pub yes: bool,
    /// Python of the app: a version, science or science-full
    #[arg(short, long, value_name = "VERSION", value_parser = PythonVersion, hide_possible_values = true)]
    pub python: Option<String>,
    /// App to begin with: plain, form, api, guestbook, htmx, flask, django,
    /// starlette, postgres or report [default: ask, else plain]
    #[arg(short, long, value_name = "NAME")]
    pub template: Option<String>,
    /// Overwrite the files that init writes, keeping a backup of each
    #[arg(short, long)]
    pub force: bool,
    /// Do not install an interpreter
    #[arg(long)]
    pub no_toolchain: bool,
    /// Use only what is on this machine
    #[arg(long)]
    pub offline: bool,
}

/// Flags of `dev` and `invoke` that say which app to load and how.
#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
pub struct AppOptions {
    /// modules.toml to use [default: the nearest one, upwards from here]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Set an environment variable of your script, without a value the one that
    /// your shell exports; repeatable, and several may follow one -e
    #[arg(short, long, value_name = "NAME[=VALUE]", num_args = 1.., action = ArgAction::Append)]
    pub env: Vec<String>,
    /// Read environment variables of your script from a file; repeatable
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub env_file: Vec<PathBuf>,
    /// Do not read the file .env beside modules.toml
    #[arg(long)]
    pub no_env_file: bool,
    /// Let your script connect to this host, beside those of modules.toml:
    /// https://example.com, db:5432; repeatable
    #[arg(long, value_name = "URL", value_parser = AllowedHost::parse)]
    pub allow_host: Vec<AllowedHost>,
    /// Start the interpreter from scratch for each request
    #[arg(long)]
    pub cold: bool,
    /// Name and port that the app sees where the Host header names none
    #[arg(long, value_name = "HOST[:PORT]")]
    pub hostname: Option<String>,
    /// What a request may use.
    #[command(flatten)]
    pub limits: LimitFlags,
}

/// The heading of the limits; it explains their values.
const LIMITS: &str = "Limits of a request (TIME: 500ms, 30s, 2m; SIZE: 65536, 64K, 64MiB, 1G)";

/// Flags of `dev` and `invoke` that limit a request. Those that a module has as keys too are `None` unless they were
/// given: a default of clap's would override the key. Their defaults are in the help text alone.
#[derive(Args, Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub struct LimitFlags {
    /// Time until your script is stopped; 0 for no limit [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = duration::parse, help_heading = LIMITS)]
    pub timeout: Option<Duration>,
    /// Memory of your script [default: 1GiB]
    #[arg(long, value_name = "SIZE", value_parser = size::parse, help_heading = LIMITS)]
    pub max_memory: Option<u64>,
    /// Request body
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = size::parse, help_heading = LIMITS)]
    pub max_body: u64,
    /// What your script writes to stdout [default: 256MiB]
    #[arg(long, value_name = "SIZE", value_parser = size::parse, help_heading = LIMITS)]
    pub max_response: Option<u64>,
    /// What your script writes to stderr; the rest is dropped [default: 1MiB]
    #[arg(long, value_name = "SIZE", value_parser = size::parse, help_heading = LIMITS)]
    pub max_log: Option<u64>,
}

/// `pywagi invoke`
#[derive(Args, Debug)]
#[command(after_help = INVOKE_HELP, override_usage = "pywagi invoke [OPTIONS] <PATH[?QUERY]>")]
pub struct Invoke {
    // `None` until `target::take_from_variables` has found it among the values of `-e`, which take all words that follow.
    /// Path and query of the request, or a whole http:// URL
    #[arg(value_name = "PATH[?QUERY]", required_unless_present = "env")]
    pub target: Option<String>,
    /// Where the app is and what its guests are given.
    #[command(flatten)]
    pub app: AppOptions,
    /// Request header, `NAME:VALUE` or `NAME: VALUE`, `NAME;` without a value;
    /// `NAME:` leaves out one that is sent by default; repeatable
    #[arg(short = 'H', long, value_name = "NAME:VALUE")]
    pub header: Vec<String>,
    /// Request method [default: GET; POST with --data or --form]
    #[arg(short = 'X', long, value_name = "METHOD")]
    pub method: Option<String>,
    /// Request body: TEXT, or what a file or stdin (@-) holds; repeatable, joined
    /// with &
    #[arg(short, long, value_name = "TEXT|@FILE", allow_hyphen_values = true)]
    pub data: Vec<String>,
    /// Form field, sent as multipart/form-data; repeatable. @FILE is sent as a
    /// file, <FILE as text; ;type= and ;filename= may follow
    #[arg(short = 'F', long, value_name = "NAME=VALUE", conflicts_with = "data")]
    pub form: Vec<String>,
    /// Cookies to send, NAME=VALUE; repeatable
    #[arg(short = 'b', long, value_name = "NAME=VALUE")]
    pub cookie: Vec<String>,
    /// Print the status line and the headers first
    #[arg(short, long, conflicts_with = "json")]
    pub include: bool,
    /// Send HEAD, and print the status line and the headers
    #[arg(short = 'I', long, conflicts_with_all = ["data", "form"])]
    pub head: bool,
    /// Follow redirects within the app, 50 at most
    #[arg(short = 'L', long)]
    pub location: bool,
    /// Write the response to a file instead of stdout
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Print one JSON object: request, answer, stderr, exit, timings
    #[arg(long)]
    pub json: bool,
    /// Exit with 4 when the status is 400 or more
    #[arg(long)]
    pub fail: bool,
    /// Make a test of the request and its answer: tests/NAME.toml
    #[arg(long, value_name = "NAME")]
    pub save_test: Option<String>,
    /// Write a recording of the request to DIR, for `pywagi replay`; it holds
    /// bodies and secrets
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub record: Option<PathBuf>,
    /// Have clocks begin at TIME: 2026-01-31, 2026-01-31T12:00:00Z, or seconds
    /// since 1970; to sleep takes no time
    #[arg(long, value_name = "TIME", value_parser = clock::parse, help_heading = TESTS)]
    pub clock: Option<u64>,
    /// Have random bytes follow from N
    #[arg(long, value_name = "N", help_heading = TESTS)]
    pub seed: Option<u64>,
    /// Have hashes of str and bytes, and so the order of sets, follow from N
    #[arg(long, value_name = "N", help_heading = TESTS)]
    pub hash_seed: Option<u32>,
}

/// The heading of the flags that make an answer the same each time.
const TESTS: &str = "Surroundings of your script, for tests";

/// `pywagi toolchain`
#[derive(Args, Debug)]
#[command(after_help = TOOLCHAIN_HELP)]
pub struct Toolchain {
    /// What to do.
    #[command(subcommand)]
    pub command: ToolchainCommand,
}

/// The commands of `pywagi toolchain`.
#[derive(Debug, Subcommand)]
pub enum ToolchainCommand {
    /// Show the interpreters that can be installed and the one in use
    List(OptDir),
    /// Install an interpreter into the app's opt/
    #[command(after_help = INSTALL_SOURCES)]
    Install(Install),
    /// Check that the installed files are unchanged and that Python runs
    Verify(Verify),
    /// Remove the installed interpreter
    Remove(OptDir),
}

/// Where toolchains are.
#[derive(Args, Debug)]
pub struct OptDir {
    /// Directory that holds toolchains [default: opt/ of the nearest app]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub opt_dir: Option<PathBuf>,
}

/// `pywagi toolchain install`
#[derive(Args, Debug)]
pub struct Install {
    /// Version to install, science or science-full [default: that of the
    /// app's library, else 3.12]
    #[arg(value_parser = PythonVersion, hide_possible_values = true)]
    pub version: Option<String>,
    /// Install a .wasm, .tar.gz, .zip or .whl of your own instead
    #[arg(long, value_name = "FILE|URL", conflicts_with = "version")]
    pub from: Option<String>,
    /// SHA-256 that --from must have
    #[arg(long, value_name = "HEX", requires = "from")]
    pub sha256: Option<String>,
    /// Where to install.
    #[command(flatten)]
    pub opt: OptDir,
    /// Use only what is on this machine
    #[arg(long)]
    pub offline: bool,
    /// Run some scripts and show what the interpreter supports
    #[arg(long)]
    pub self_test: bool,
}

/// `pywagi toolchain verify`
#[derive(Args, Debug)]
pub struct Verify {
    /// Which one.
    #[command(flatten)]
    pub opt: OptDir,
    /// Also run some scripts and show what the interpreter supports
    #[arg(long)]
    pub self_test: bool,
}

/// `pywagi image`
#[derive(Args, Debug)]
#[command(after_help = IMAGE_HELP)]
pub struct Image {
    /// What to do.
    #[command(subcommand)]
    pub command: ImageCommand,
}

/// The commands of `pywagi image`.
#[derive(Debug, Subcommand)]
pub enum ImageCommand {
    /// List the saved interpreters of all apps
    List,
    /// Show what the saved interpreter of each route has ready
    Show(ImageShow),
    /// Prove that a saved interpreter holds nothing that should differ from
    /// request to request
    #[command(after_help = IMAGE_CHECK_HELP)]
    Check(ImageCheck),
}

/// Which saved interpreters.
#[derive(Args, Debug)]
pub struct ImageShow {
    /// Where the app is and what its guests are given.
    #[command(flatten)]
    pub app: AppOptions,
    /// Only the interpreter of this route, as modules.toml has it
    #[arg(long, value_name = "ROUTE")]
    pub route: Option<String>,
    /// Print one JSON object for each interpreter, one a line
    #[arg(long)]
    pub json: bool,
}

/// `pywagi image check`
#[derive(Args, Debug)]
pub struct ImageCheck {
    /// Which interpreters.
    #[command(flatten)]
    pub show: ImageShow,
    /// Also tell what of MODULE depends on environment variables that it reads
    /// and on the seed of string hashes, and what loading it changes in the
    /// standard library; takes four times as long
    #[arg(long, requires = "modules")]
    pub full: bool,
    /// Modules to load before requests, outside of the standard library
    #[arg(value_name = "MODULE")]
    pub modules: Vec<String>,
}

/// `pywagi completions`
#[derive(Args, Debug)]
#[command(after_help = COMPLETIONS_HELP)]
pub struct Completions {
    /// bash, zsh, fish, powershell or elvish
    #[arg(hide_possible_values = true)]
    pub shell: Shell,
}

/// A shell that completions are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
    /// elvish
    Elvish,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::guest;

    #[test]
    fn a_program_of_another_name_is_the_command() {
        let read = |line: &str| with_command(line.split(' ').map(OsString::from).collect());
        assert_eq!(read("/bin/pywagi-cgi a.toml").join(" ".as_ref()), "/bin/pywagi-cgi cgi a.toml");
        assert_eq!(read("pywagi-cgi").join(" ".as_ref()), "pywagi-cgi cgi");
        assert_eq!(read("/pywagi-cgi/pywagi dev").join(" ".as_ref()), "/pywagi-cgi/pywagi dev");
    }

    #[test]
    fn the_defaults_that_the_help_names_are_those_that_count() {
        let default = guest::Limits::default();
        for name in ["dev", "invoke"] {
            let cli = Cli::command();
            let command = cli.find_subcommand(name).expect("a command");
            let said = |flag: &str| {
                let argument = command.get_arguments().find(|a| a.get_long() == Some(flag)).expect("a flag");
                let help = argument.get_help().expect("a help").to_string();
                let (_, said) = help.rsplit_once("[default: ").expect("a default");
                said.trim_end_matches(']').to_owned()
            };
            assert_eq!(duration::parse(&said("timeout")), Ok(default.time));
            assert_eq!(size::parse(&said("max-memory")), Ok(default.memory));
            assert_eq!(size::parse(&said("max-response")), Ok(default.stdout as u64));
            assert_eq!(size::parse(&said("max-log")), Ok(default.stderr as u64));
        }
    }
}

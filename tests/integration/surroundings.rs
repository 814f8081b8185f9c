//! `invoke --clock --seed --hash-seed`: surroundings that are the same each time.

use crate::support::{Project, python_modules};

const SCRIPT: &str = "import datetime, os, random, secrets, time, uuid\n\
    print('Content-Type: text/plain\\n')\n\
    print(datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='seconds'), round(time.monotonic(), 2))\n\
    print(random.random(), uuid.uuid4(), secrets.token_hex(4), os.urandom(4).hex(), hash('a'), {'a', 'b', 'c', 'd'})\n\
    time.sleep(86400)\n\
    print(datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='seconds'), round(time.monotonic(), 2))\n";

fn project() -> Project {
    Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", SCRIPT)
}

fn invoke(project: &Project, flags: &[&str]) -> String {
    project.pywagi(["invoke", "/", "-q"].iter().chain(flags)).output().code(0).stderr("").stdout_text()
}

#[test]
fn two_runs_in_equal_surroundings_print_the_same() {
    let project = project();
    let flags = ["--clock", "2026-01-31T12:00:00Z", "--seed", "7", "--hash-seed", "3"];
    let first = invoke(&project, &flags);
    let lines: Vec<_> = first.lines().collect();
    assert_eq!((lines[0], lines[2]), ("2026-01-31T12:00:00+00:00 0.0", "2026-02-01T12:00:00+00:00 86400.0"));
    // From an image with what the first imported, and so on; and from the beginning.
    for more in [&[][..], &[], &["--cold"]] {
        assert_eq!(invoke(&project, &[&flags[..], more].concat()), first, "{more:?}");
    }
    let differs = |line: usize, word: usize, flags: &[&str]| {
        let other = invoke(&project, flags);
        let word_of = |text: &str| text.lines().nth(line).and_then(|line| line.split(' ').nth(word)).map(str::to_owned);
        assert_ne!(word_of(&other), word_of(&first), "{flags:?}: {other}");
    };
    for word in 0..4 {
        differs(1, word, &["--clock", "0", "--seed", "8", "--hash-seed", "3"]);
    }
    differs(1, 4, &["--clock", "0", "--seed", "7", "--hash-seed", "4"]);
    differs(0, 0, &["--clock", "1769860801", "--seed", "7", "--hash-seed", "3"]);
}

#[test]
fn a_run_in_made_up_surroundings_is_replayed_as_any_other() {
    let project = project();
    let run = invoke(&project, &["--clock", "2026-01-31", "--seed", "1", "--record", "rec"]);
    project.pywagi(["replay", "latest", "-q", "--record", "rec"]).output().code(0).stderr("").stdout(run);
}

#[test]
fn what_is_no_time_and_no_number_is_refused() {
    let run = |flags: &[&str]| project().pywagi(["invoke", "/"].iter().chain(flags)).output();
    run(&["--clock", "noon"]).code(2).stdout("").stderr_has(
        "error: invalid value 'noon' for '--clock <TIME>': give a time from 1970 on, such as 2026-01-31, \
         2026-01-31T12:00:00Z or 1769860800\n",
    );
    run(&["--seed", "x"]).code(2).stdout("").stderr_has("error: invalid value 'x' for '--seed <N>'");
    run(&["--hash-seed", "4294967296"]).code(2).stdout("").stderr_has("'--hash-seed <N>'");
}

//! Recordings that are none, or not whole, and what is asked of recordings by mistake.

use std::io::Write;

use crate::replay::{ids, replay};
use crate::support::{ONE, Project, wat};

const AGAIN: &str = "  help: copy it again from where it came, or record the request again\n";

#[test]
fn files_that_are_no_recordings() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine")).directory("dir");
    project.pywagi(["invoke", "/", "-q", "--record", "rec"]).output().code(0).stdout("fine").stderr("");
    let id = ids(&replay(&project, &["--record", "rec"])).swap_remove(0);
    let file = std::fs::read(project.path(&format!("rec/{id}.replay"))).expect("the recording");
    let whole = file.len();
    let refused = |content: &[u8], what: &str, help: &str| {
        project.write("bad.replay", content);
        replay(&project, &["bad.replay"]).code(1).stdout("").stderr(&format!("error: bad.replay {what}\n{help}"));
    };
    let not_ours = "  help: name a file that --record or --export wrote\n";
    refused(b"", "is no recording of pywagi", not_ours);
    refused(b"print('hello')\n", "is no recording of pywagi", not_ours);
    refused(&file[..30], "is cut short: it has 30 of 43 bytes", AGAIN);
    refused(&file[..whole - 1], &format!("is cut short: it has {} of {whole} bytes", whole - 1), AGAIN);
    let changed = |at: usize, byte: u8| {
        let mut file = file.clone();
        file[at] = byte;
        file
    };
    let damaged = "was damaged or edited: its checksum does not match";
    refused(&changed(whole - 5, !file[whole - 5]), damaged, AGAIN);
    refused(
        &changed(17, b'9'),
        "is a recording of another version of pywagi",
        "  help: replay it with the pywagi that wrote it, or record the request again\n",
    );
    // It says that it unpacks to 16 EiB, of which nothing is read.
    let mut hostile = file.clone();
    hostile[27..35].fill(0xff);
    let smaller = "  help: record a request with a smaller body\n";
    refused(
        &hostile,
        "is larger than a recording can be: 18446744073709551615 bytes, where 512 MiB are the most",
        smaller,
    );
    // Neither of a file of 2 GiB, most of it a hole.
    let large = std::fs::File::options().write(true).open(project.path("bad.replay")).expect("opened");
    (&large).write_all(&file).and_then(|()| large.set_len(2 << 30)).expect("a sparse file");
    let run = replay(&project, &["bad.replay"]);
    let what = "is larger than a recording can be: 2 GiB, where 512 MiB are the most";
    run.code(1).stdout("").stderr(&format!("error: bad.replay {what}\n{smaller}"));
    std::fs::write(project.path("bad.replay"), "").and_then(|()| large.set_len(2 << 30)).expect("a sparse file");
    let run = replay(&project, &["bad.replay"]);
    run.code(1).stdout("").stderr(&format!("error: bad.replay is no recording of pywagi\n{not_ours}"));

    // In a list, what is none is named, and the others are listed.
    project.write("rec/bad.replay", "");
    let list = replay(&project, &["--record", "rec"]);
    list.stderr("warning: rec/bad.replay is no recording of pywagi\n");
    assert_eq!(ids(&list), [id]);
}

#[test]
fn what_is_not_there() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("x")).directory("dir");
    let absent = std::fs::File::open(project.path("none.replay")).expect_err("it is not there");
    replay(&project, &["none.replay"]).code(1).stdout("").stderr(&format!(
        "error: cannot read the recording none.replay: {absent}\n  \
         help: name a file, or the ID of a recording: `pywagi replay` alone lists them\n"
    ));
    replay(&project, &["dir"])
        .code(2)
        .stdout("")
        .stderr("error: dir is a directory\n  help: `pywagi replay --record dir` lists its recordings\n");
    replay(&project, &["k7f3w", "--record", "dir"]).code(1).stdout("").stderr(
        "error: there is no recording k7f3w in dir\n  help: `pywagi replay --record dir` lists those that are there\n",
    );
    replay(&project, &["app.py", "--record", "dir"]).code(2).stdout("").stderr(
        "error: \"app.py\" is no ID, and --record says where one is\n  \
         help: give an ID, as `pywagi replay --record DIR` lists them, or a file alone\n",
    );
    replay(&project, &["latest", "--record", "dir"])
        .code(1)
        .stdout("")
        .stderr("error: there is no recording yet\n  help: send a request first\n");
    replay(&project, &["--record", "none"]).code(1).stdout("").stderr(&format!(
        "error: cannot read the directory none: {absent}\n  help: name one that --record of dev or invoke wrote\n"
    ));
}

#[test]
fn routes_that_are_ours() {
    for (route, remedy) in [("/__pywagi/x", "/pywagi/x"), ("/__pywagi", "/pywagi"), ("/__pywagi/...", "/pywagi/...")] {
        let modules = format!("[[module]]\nroute = \"{route}\"\nmodule = \"guest.wat\"\n");
        let project = Project::new(&modules).file("guest.wat", wat::prints("x"));
        let (line, mark) = (format!("route = \"{route}\""), "^".repeat(route.len() + 2));
        project.pywagi(["invoke", "/"]).output().code(1).stdout("").stderr(&format!(
            "error: modules.toml:2:9: `{route}` is not a valid route: paths below `/__pywagi/` are reserved for pages of \
             pywagi itself\n  |\n2 | {line}\n  |         {mark}\n  help: choose another one, such as `{remedy}`\n"
        ));
    }
    let project = Project::new("[[module]]\nroute = \"/__pywagi2\"\nmodule = \"guest.wat\"\n");
    let project = project.file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"));
    project.pywagi(["invoke", "/__pywagi2"]).output().code(0).stdout("fine");
}

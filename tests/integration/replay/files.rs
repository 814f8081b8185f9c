//! Recordings in files: who may read them, on another machine, given to others.

use pywagi::recording::RecordedRequest;

use super::{ids, replay};
use crate::support::{ONE, Project, cache_dir, python_modules, wat};

/// Records a request of `/` with these flags; returns the path of the recording.
fn record(project: &Project, flags: &[&str]) -> String {
    project.pywagi(["invoke", "/", "-q", "--record", "rec"].iter().chain(flags)).output();
    let list = replay(project, &["--record", "rec"]);
    format!("rec/{}.replay", ids(&list)[0])
}

/// Writes the recording in the file `from` to the file `to`, changed by `change`.
fn edit(project: &Project, from: &str, to: &str, change: impl FnOnce(&mut RecordedRequest)) {
    let mut request = RecordedRequest::read(&project.path(from)).expect("a recording");
    change(&mut request);
    project.write(to, request.encode().expect("it is small"));
}

#[test]
fn json_names_the_recording() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"));
    let run = project.pywagi(["invoke", "/", "--json", "--record", "rec"]).output();
    let object: serde_json::Value = serde_json::from_slice(&run.code(0).stdout).expect("an object");
    let id = object["recording"].as_str().expect("an ID");
    run.stderr(&format!("    Recorded {id}: pywagi replay rec/{id}.replay\n"));
    replay(&project, &[id, "--record", "rec", "-q"]).code(0).stdout("fine").stderr("");
}

#[cfg(unix)]
#[test]
fn only_the_user_can_read_recordings() {
    use std::os::unix::fs::PermissionsExt;

    let script = "print('Content-Type: a/b\\n')\n";
    let project = Project::new(&python_modules(&[("/...", "app.py")])).file("code/app.py", script);
    for _ in 0..3 {
        record(&project, &[]);
    }
    let mode = |path: &std::path::Path| path.metadata().expect("metadata").permissions().mode() & 0o777;
    let all: Vec<_> = project.files().into_keys().filter(|name| name.starts_with("rec/")).collect();
    assert_eq!((mode(&project.path("rec")), mode(&project.path("rec/images"))), (0o700, 0o700));
    for name in &all {
        assert_eq!(mode(&project.path(name)), 0o600, "{name}");
    }
    // Those that start from the same saved interpreter share its file.
    assert_eq!(all.iter().filter(|name| name.ends_with(".replay")).count(), 3, "{all:?}");
    assert!((1..=2).contains(&all.iter().filter(|name| name.ends_with(".image")).count()), "{all:?}");

    std::fs::create_dir(project.path("open")).expect("made");
    std::fs::set_permissions(project.path("open"), PermissionsExt::from_mode(0o777)).expect("set");
    let refused = "error: cannot use the directory open for recordings: it belongs to another user or others can write to \
                   it\n  help: name a new directory, or one that only you can write to (`chmod go-w`)\n";
    for command in ["invoke", "dev"] {
        let arguments: &[&str] = if command == "invoke" { &["invoke", "/"] } else { &["dev", "-l", "0"] };
        project.pywagi(arguments.iter().chain(&["--record", "open"])).output().code(1).stdout("").stderr(refused);
    }
    assert_eq!(std::fs::read_dir(project.path("open")).expect("the directory").count(), 0);
}

/// A cache of its own, with compiled code and nothing else: to compile takes long.
fn other_cache(project: &Project) -> String {
    let root = project.path("other-cache");
    std::fs::create_dir_all(root.join("code")).expect("made");
    #[cfg(unix)]
    for directory in [&root, &root.join("code")] {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(directory, permissions).expect("set");
    }
    for entry in std::fs::read_dir(cache_dir().join("code")).expect("a readable directory") {
        let entry = entry.expect("a directory entry");
        // Another process may be writing there at this moment.
        if !entry.file_name().to_string_lossy().starts_with('.') {
            std::fs::copy(entry.path(), root.join("code").join(entry.file_name())).expect("a file can be copied");
        }
    }
    root.to_string_lossy().into_owned()
}

#[test]
fn a_recording_is_replayed_elsewhere() {
    let script = "import time, uuid\nprint('Content-Type: a/b\\n')\nprint(uuid.uuid4(), time.time())\n";
    let project = Project::new(&python_modules(&[("/...", "app.py")])).file("code/app.py", script);
    record(&project, &[]);
    let file = record(&project, &[]);
    let here = replay(&project, &["-q", &file]);
    here.code(0).stderr("");
    let cache = other_cache(&project);
    let elsewhere = |arguments: &[&str]| {
        project.pywagi(["replay", "-q"].iter().chain(arguments)).env("PYWAGI_CACHE_DIR", &cache).output()
    };
    // With the interpreter beside it.
    elsewhere(&[&file]).code(0).stderr("").stdout(&here.stdout);
    // Alone.
    std::fs::copy(project.path(&file), project.path("alone.replay")).expect("copied");
    let run = elsewhere(&["alone.replay"]);
    let digest = RecordedRequest::read(&project.path(&file)).expect("a recording").image.expect("one").digest;
    let short = &digest.to_string()[..12];
    run.code(1).stdout("").stderr(&format!(
        "error: the saved interpreter that alone.replay started from, {short}, is not on this machine\n  help: copy \
         images/ of the directory that it was recorded to, beside it, or make it again with --rebuild\n"
    ));
    // It is the same to the byte, whatever happened to other files and to the times of its own.
    project.write("code/other.py", "");
    elsewhere(&["alone.replay", "--rebuild"]).code(0).stderr("").stdout(&here.stdout);
    // An edited script is compiled into it.
    project.write("code/app.py", "import nothing_such\n");
    elsewhere(&["alone.replay", "--rebuild"]).code(0).stdout(&here.stdout).stderr(&format!(
        "warning: the interpreter that was made again is not the recorded one, {short}: files that it is made from differ\n"
    ));
    // One that was damaged is not started.
    let image = format!("rec/images/{digest}.image");
    let mut content = std::fs::read(project.path(&image)).expect("the image");
    content[2_000_000] ^= 1;
    project.write(&image, content);
    let run = elsewhere(&[&file]);
    run.code(1).stdout("").stderr_has(&format!("warning: the saved interpreter {image} is damaged, or another one\n"));
    run.stderr_has(&format!(
        "\nerror: the saved interpreter that {file} started from, {short}, is not on this machine\n"
    ));
}

#[test]
fn another_module_is_not_run() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"));
    let file = record(&project, &[]);
    std::fs::copy(project.path("guest.wat"), project.path("kept.wat")).expect("copied");
    let digest = RecordedRequest::read(&project.path(&file)).expect("a recording").module_digest;
    let help =
        "  help: install the same interpreter (`pywagi toolchain install`), or name its file with --module FILE\n";
    project.write("guest.wat", wat::prints("Content-Type: a/b\n\nother"));
    replay(&project, &[&file])
        .code(1)
        .stdout("")
        .stderr(&format!("error: guest.wat is not the module that was recorded: its SHA-256 is not {digest}\n{help}"));
    replay(&project, &[&file, "--module", "guest.wat"]).code(1).stdout("").stderr(&format!(
        "error: guest.wat is not the module that was recorded: its SHA-256 is not {digest}\n  \
         help: name the file that the request was recorded with\n"
    ));
    replay(&project, &[&file, "--module", "kept.wat", "-q"]).code(0).stdout("fine").stderr("");
    std::fs::remove_file(project.path("guest.wat")).expect("removed");
    replay(&project, &[&file])
        .code(1)
        .stdout("")
        .stderr(&format!("error: the module that was recorded, [DIR]/guest.wat, is not on this machine\n{help}"));
    // A module of the app with the same content will do.
    project.write("modules.toml", ONE.replace("guest.wat", "kept.wat"));
    replay(&project, &[&file, "-q"]).code(0).stdout("fine").stderr("");
}

#[test]
fn a_run_that_does_something_else_names_the_call() {
    let project = Project::new(ONE).file("guest.wat", wat::writes("Content-Type: a/b\n\nfine", "words\n", 0));
    let file = record(&project, &[]);
    let ours = "  help: if nobody edited the recording, this is a defect of pywagi: please report it, with the recording if it \
                holds no secret\n";
    let fails = |change: &dyn Fn(&mut RecordedRequest), what: &str, help: &str| {
        edit(&project, &file, "edited.replay", change);
        let run = replay(&project, &["-q", "edited.replay"]);
        run.code(1).stdout("");
        let text = run.stderr_text();
        let error = text.strip_prefix("words\n").unwrap_or(&text);
        assert_eq!(error, format!("error: the replay of edited.replay {what}\n{help}"), "{run}");
    };
    fails(
        &|request| std::sync::Arc::make_mut(&mut request.calls).entries.clear(),
        "deviates from the recording: call 1 is fd_write(1, 1), where the recording ends",
        ours,
    );
    fails(
        // The descriptor of the first call, a number that is encoded as twice its value.
        &|request| std::sync::Arc::make_mut(&mut request.calls).entries[2] = 2 * 7,
        "deviates from the recording: call 1 is fd_write(1, 1), where the recording has fd_write(7, 1)",
        ours,
    );
    fails(
        &|request| {
            let calls = std::sync::Arc::make_mut(&mut request.calls);
            calls.entries.extend_from_within(..);
        },
        "deviates from the recording: call 3 is the end of the run, where the recording has fd_write(1, 1)",
        ours,
    );
    fails(
        &|request| request.ended.stderr += 1,
        "made the calls of the recording, and did not print the same or end alike",
        ours,
    );
    fails(
        &|request| {
            request.recorder = "0.0.1".to_owned();
            request.ended.stdout += 1;
        },
        "made the calls of the recording, and did not print the same or end alike",
        &format!(
            "  help: it was recorded by pywagi 0.0.1, and this is {}: replay it with that\n",
            env!("CARGO_PKG_VERSION")
        ),
    );
}

#[test]
fn what_is_given_to_others_can_lack_a_header() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"));
    let file = record(&project, &["-b", "session=secret", "-H", "X-Key: other"]);
    let export = |flags: &[&str]| replay(&project, &[&[&file, "--export", "out.replay"], flags].concat());
    export(&[]).code(2).stdout("").stderr(
        "error: a recording may hold bodies, cookies, file contents and other secrets\n  help: export it with --yes; \
         --redact NAME leaves the value of a request header or variable out\n",
    );
    assert!(!project.path("out.replay").exists());
    let run = export(&["--yes", "--redact", "Authorization"]);
    run.code(2)
        .stderr_has("error: the request has neither a header nor a variable Authorization\n  help: it has these ");
    export(&["--yes", "--redact", "cookie", "--redact", "X-Key"])
        .code(0)
        .stdout("")
        .stderr(&format!("    Exported {file} to out.replay; replay it with --rebuild elsewhere\n"));
    let request = RecordedRequest::read(&project.path("out.replay")).expect("a recording");
    let variable =
        |name: &str| request.environment.iter().find(|(known, _)| known == name).map(|(_, value)| &value[..]);
    assert_eq!((variable("HTTP_COOKIE"), variable("HTTP_X_KEY")), (Some("xxxxxxxxxxxxxx"), Some("xxxxx")));
    replay(&project, &["-q", "out.replay"]).code(0).stdout("fine").stderr("");

    // A script that prints it cannot do the same again.
    project.write("guest.wat", wat::shows());
    let file = record(&project, &["-b", "session=secret"]);
    replay(&project, &[&file, "--export", "out.replay", "-y", "-q", "--redact", "Cookie"]).code(0).stderr("");
    let run = replay(&project, &["-q", "out.replay"]);
    run.code(1)
        .stdout("")
        .stderr_has("\n  help: the script uses HTTP_COOKIE, which was left out of it: export it with ");
}

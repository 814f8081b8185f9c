//! File names that are not UTF-8, which WASI cannot express: guests do not see those files, and see all others.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use crate::support::{Project, python_modules};

/// Lists directories in each way that Python has, and imports from one.
const SCRIPT: &str = "import glob, os
import helper
print('Content-Type: text/plain\\n')
print(sorted(name for name in os.listdir('/code') if name != '__pycache__'))
print(sorted(glob.glob('/code/*.py')))
_, directories, files = next(os.walk('/code/data'))
print(sorted(directories), sorted(files))
with os.scandir('/code/data') as entries:
    for entry in sorted(entries, key=lambda entry: entry.name):
        is_same = entry.inode() == entry.stat(follow_symlinks=False).st_ino
        print(entry.name, entry.is_dir(), entry.is_file(), entry.is_symlink(), is_same)
large = os.listdir('/code/large')
print(len(large), len(set(large)), min(large), max(large))
";

const LISTED: &str = "['app.py', 'data', 'helper.py', 'large']
['/code/app.py', '/code/helper.py']
['sub'] ['file', 'link']
file False True False True
link False True True True
sub True False False True
2000 2000 0000.txt 1999.txt
";

/// An app with such a file in each of its directories; `None` where the file system allows none.
fn project() -> Option<Project> {
    let project = Project::new(&python_modules(&[("/", "app.py")]))
        .file("code/app.py", SCRIPT)
        .file("code/helper.py", "")
        .file("code/data/file", "")
        .directory("code/data/sub");
    symlink("file", project.path("code/data/link")).expect("a link");
    for number in 0..2000 {
        project.write(&format!("code/large/{number:04}.txt"), "");
    }
    let made = ["code", "code/data", "code/large"].map(|directory| {
        let file = project.path(directory).join(OsStr::from_bytes(b"caf\xe9.txt"));
        std::fs::write(file, "").is_ok()
    });
    made.into_iter().all(|made| made).then_some(project)
}

#[test]
fn a_file_whose_name_is_not_utf8_is_left_out_of_listings_and_the_others_stay() {
    let Some(project) = project() else { return };
    for flags in [&["--cold"][..], &[], &[]] {
        let run = project.pywagi(["invoke", "/", "-q"].iter().chain(flags)).output();
        let said = ["code", "code/data", "code/large"].map(|directory| {
            format!(
                "warning: the file name \"caf\\xe9.txt\" in {directory} is not UTF-8, so guests do not see the file: \
                 rename it\n"
            )
        });
        run.code(0).stdout(LISTED).stderr(&said.concat());
    }
}

#[test]
fn a_file_whose_name_is_not_utf8_is_said_once_for_each_directory() {
    let Some(project) = project() else { return };
    let server = project.dev(&[]);
    for _ in 0..3 {
        assert_eq!(server.get("/").text(), LISTED);
    }
    server.get("/none");
    let log = server.wait_for_log(" GET /none 404");
    assert_eq!(log.matches("is not UTF-8, so guests do not see the file: rename it\n").count(), 3, "{log}");
}

//! Scripts whose path comes from the URL and that are not there, as in `python /code${SCRIPT_NAME}`.

use crate::guest::{Exit, Output};

/// What CPython exits with where it cannot open a script, and where that is a directory without `__main__.py`
/// (`pymain_run_file` and `pymain_run_module` of its Modules/main.c).
const CANNOT_OPEN: i32 = 2;
const CANNOT_RUN: i32 = 1;

/// How the error ends where there is nothing at the path: ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, and EPERM or
/// ENOTCAPABLE for a path that leads out of its volume.
const ABSENT: [&str; 6] = ["[Errno 32] ", "[Errno 37] ", "[Errno 44] ", "[Errno 54] ", "[Errno 63] ", "[Errno 76] "];

/// The path of the script that CPython did not find, if `argv` takes it from the request.
pub fn missing_script(argv: Option<&str>, output: &Output) -> Option<String> {
    let Exit::Code(code @ (CANNOT_OPEN | CANNOT_RUN)) = output.exit else { return None };
    let argv = argv?;
    let last = output.stderr.trim_ascii_end().rsplit(|&b| b == b'\n').next()?;
    let last = std::str::from_utf8(last).ok()?;
    let path = if code == CANNOT_OPEN {
        let (path, why) = last.split_once(": can't open file ")?.1.rsplit_once(": ")?;
        ABSENT.iter().any(|error| why.starts_with(error)).then_some(path)?
    } else {
        last.split_once(": can't find '__main__' module in ")?.1
    };
    // As `repr` writes it.
    let path = path.strip_prefix(['\'', '"'])?.strip_suffix(['\'', '"'])?.replace("\\\\", "\\");
    // The working directory of a guest is `/`.
    let is_given = argv.split_whitespace().any(|word| word == path || path.strip_prefix('/') == Some(word));
    (!is_given).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::Start;

    fn missing(argv: &str, exit: Exit, stderr: &str) -> Option<String> {
        let output =
            Output { stderr: stderr.as_bytes().to_vec(), main_returned: true, ..Output::new(exit, Start::Warm) };
        missing_script(Some(argv), &output)
    }

    #[test]
    fn a_script_that_the_url_names_and_that_is_not_there_is_found_by_what_cpython_says() {
        let argv = "python /code${SCRIPT_NAME} ${ARGS}";
        for (code, stderr, path) in [
            (2, "python: can't open file '/code/a.py': [Errno 44] No such file or directory\n", Some("/code/a.py")),
            (2, "x: y\npython: can't open file \"/code/it's\": [Errno 54] Not a directory\n", Some("/code/it's")),
            (2, "python: can't open file '/code/a\\\\b: c': [Errno 63] Operation not permitted", Some("/code/a\\b: c")),
            (1, ": can't find '__main__' module in '/code/dir/'\n", Some("/code/dir/")),
            // It is there and cannot be read, or something else is wrong.
            (2, "python: can't open file '/code/a.py': [Errno 2] Permission denied\n", None),
            (1, "python: can't open file '/code/a.py': [Errno 44] No such file or directory\n", None),
            (2, "python: can't open file '/code/a.py': [Errno 44] No such file or directory\nmore\n", None),
            (2, "", None),
        ] {
            assert_eq!(missing(argv, Exit::Code(code), stderr).as_deref(), path, "{stderr}");
        }
    }

    #[test]
    fn a_script_that_argv_names_itself_is_missing_by_mistake() {
        for (argv, path) in
            [("python /code/a.py ${SCRIPT_NAME}", "/code/a.py"), ("python code/a.py ${ARGS}", "/code/a.py")]
        {
            let stderr = format!("python: can't open file '{path}': [Errno 44] No such file or directory\n");
            assert_eq!(missing(argv, Exit::Code(2), &stderr), None, "{argv}");
        }
    }
}

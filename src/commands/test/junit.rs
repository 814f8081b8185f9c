//! The results as JUnit's XML, which servers for continuous integration read.

use std::io;
use std::path::Path;

use quick_xml::Writer;
use quick_xml::events::BytesText;

use crate::error::{Context, Result};
use crate::text_file::shown;

use super::Ran;

/// Writes the results to a file.
///
/// # Errors
/// Fails where it cannot be written.
pub fn write(path: &Path, ran: &[Ran<'_>]) -> Result<()> {
    let content = content(ran).context(|| "cannot make the report of the tests")?;
    std::fs::write(path, content).context(|| format!("cannot write {}", shown(path)))
}

fn content(ran: &[Ran<'_>]) -> io::Result<Vec<u8>> {
    let seconds = |ran: &Ran<'_>| format!("{:.6}", ran.time.as_secs_f64());
    let has_failed = |ran: &&Ran<'_>| !ran.verdict.faults.is_empty();
    let counts = |ran: &[&Ran<'_>]| {
        let failures = ran.iter().filter(|ran| has_failed(ran)).count();
        (ran.len().to_string(), failures.to_string())
    };
    let mut files: Vec<&Path> = ran.iter().map(|ran| ran.file).collect();
    files.sort();
    files.dedup();
    let mut writer = Writer::new_with_indent(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_vec(), b' ', 2);
    let (tests, failures) = counts(&ran.iter().collect::<Vec<_>>());
    let suites = writer.create_element("testsuites");
    let suites = suites.with_attributes([("tests", tests.as_str()), ("failures", failures.as_str())]);
    suites.write_inner_content(|writer| {
        for file in files {
            let name = shown(file);
            let of_file: Vec<_> = ran.iter().filter(|ran| ran.file == file).collect();
            let (tests, failures) = counts(&of_file);
            let suite = writer.create_element("testsuite");
            let attributes = [("name", name.as_str()), ("tests", tests.as_str()), ("failures", failures.as_str())];
            suite.with_attributes(attributes).write_inner_content(|writer| {
                for ran in of_file {
                    let (title, time) = (plain(&ran.test.name), seconds(ran));
                    let attributes = [("classname", name.as_str()), ("name", title.as_str()), ("time", time.as_str())];
                    let case = writer.create_element("testcase").with_attributes(attributes);
                    if ran.verdict.faults.is_empty() {
                        case.write_empty()?;
                        continue;
                    }
                    let faults = ran.verdict.faults.iter().map(|fault| format!("{}\n{}", fault.what, fault.difference));
                    let text = plain(&faults.collect::<String>());
                    let first = text.lines().next().unwrap_or_default().to_owned();
                    case.write_inner_content(|writer| {
                        let failure = writer.create_element("failure").with_attribute(("message", first.as_str()));
                        failure.write_text_content(BytesText::new(&text))?;
                        Ok(())
                    })?;
                }
                Ok(())
            })?;
        }
        Ok(())
    })?;
    let mut content = writer.into_inner();
    content.push(b'\n');
    Ok(content)
}

/// A text without what XML cannot hold (XML 1.0, 2.2).
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c }).collect()
}

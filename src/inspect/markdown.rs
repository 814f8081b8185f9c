//! A failure as Markdown, for an issue or an assistant.

use std::fmt::Write;

use super::report::{Report, ShownException, ShownFrame};

/// The failure: what happened, the user's own frames, the request.
pub fn page(report: &Report) -> String {
    let mut text = format!("# {}\n\n{}\n", report.title, inline(&report.message));
    if let Some(evidence) = &report.evidence {
        text.push_str(&format!("\n{}\n", inline(evidence)));
    }
    for route in &report.routes {
        text.push_str(&format!("- `{route}`\n"));
    }
    if let Some(help) = &report.help {
        text.push_str(&format!("\n**Help:** {}\n", help.replace('\n', "\n\n")));
    }
    for exception in &report.exceptions {
        text.push_str(&of_exception(exception));
    }
    if !report.stopped_at.is_empty() {
        text.push_str("\n## Where it was stopped\n");
        own(&report.stopped_at).for_each(|frame| text.push_str(&of_frame(frame)));
    }
    let request = &report.request;
    text.push_str(&format!(
        "\n## Request\n\n{}",
        block(&format!("{} {}", request.method, request.target), &headers(report))
    ));
    for (title, printed) in [("Printed before", &report.stdout), ("Standard error", &report.stderr)] {
        if !printed.is_empty() {
            text.push_str(&format!("\n## {title}\n\n{}", block(printed.trim_end(), "")));
        }
    }
    text
}

fn headers(report: &Report) -> String {
    report.request.headers.iter().fold(String::new(), |mut text, (name, value)| {
        // A string takes all that is written to it.
        let _ = write!(text, "\n{name}: {value}");
        text
    })
}

fn of_exception(exception: &ShownException) -> String {
    let mut text = format!("\n## {}\n\n", exception.class);
    if let Some(belongs) = &exception.belongs {
        text.push_str(&format!("It is {belongs}.\n\n"));
    }
    text.push_str(&block(&exception.message, ""));
    exception.notes.iter().for_each(|note| text.push_str(&format!("\n{}\n", inline(note))));
    exception.syntax.iter().chain(own(&exception.frames)).for_each(|frame| text.push_str(&of_frame(frame)));
    text
}

/// The user's own frames; all where there are none.
fn own(frames: &[ShownFrame]) -> impl Iterator<Item = &ShownFrame> {
    let any = frames.iter().any(|frame| frame.own);
    frames.iter().filter(move |frame| frame.own || !any)
}

fn of_frame(frame: &ShownFrame) -> String {
    let function = if frame.function.is_empty() { String::new() } else { format!(", in {}", frame.function) };
    let repeated = if frame.repeats > 1 { format!(" (repeated {} times)", frame.repeats) } else { String::new() };
    let mut text = format!("\n`{}`, line {}{function}{repeated}\n\n", frame.file, frame.line);
    if let Some(source) = &frame.source {
        let numbered = (source.first..).zip(&source.lines).map(|(number, line)| {
            let mark = if number == frame.line { '>' } else { ' ' };
            format!("{mark}{number:5}  {line}")
        });
        text.push_str(&block(&numbered.collect::<Vec<_>>().join("\n"), ""));
    }
    if !frame.variables.is_empty() {
        let variables = frame.variables.iter().map(|each| format!("{} = {}", each.name, each.value));
        text.push_str(&format!("\n{}", block(&variables.collect::<Vec<_>>().join("\n"), "")));
    }
    text
}

/// A block of code, whose fence is longer than any in it.
fn block(text: &str, more: &str) -> String {
    let text = format!("{text}{more}");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}\n{text}\n{fence}\n")
}

/// A text as a paragraph: its characters mean nothing else.
fn inline(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_no_markup() {
        assert_eq!(block("a ``` b", "\nc"), "````\na ``` b\nc\n````\n");
        assert_eq!(inline("<module> *x*"), "\\<module\\> \\*x\\*");
    }
}

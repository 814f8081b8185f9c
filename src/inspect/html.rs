//! The page of a failure.

use maud::{DOCTYPE, Markup, html};

use super::highlight::Kind;
use super::markdown;
use super::report::{Report, ShownException, ShownFrame};
use super::source::Excerpt;

/// The page. `inspector` is where the request is looked at.
pub fn page(report: &Report, inspector: &str) -> Markup {
    let exception = report.exceptions.first();
    let heading = exception.map_or(report.title.as_str(), |exception| exception.class.as_str());
    let scripts = if report.has_prompts { &["error.js", "console.js"][..] } else { &["error.js"] };
    let body = html! {
        body data-recording=[report.recording.filter(|_| report.has_prompts)] {
            header {
                p.what { (report.title) " · " code { (report.request.method) " " (report.request.target) } }
                h1 { (heading) }
                (message(report))
            }
            main {
                (places(report))
                (about(report))
            }
            footer {
                p { a href=(inspector) { "this request in the inspector" } " · " a href="/__pywagi/" { "all requests" } }
                @if let Some(id) = report.recording.as_ref().filter(|_| report.is_replayed) {
                    p { "Look at this request in a debugger: " code { "pywagi replay " (id) " --pdb --until error" } }
                }
                p { "This page is of " code { "pywagi dev" } "; other clients get text. " code { "--no-inspect" } " turns it off." }
            }
        }
    };
    layout(heading, (&["style.css"], scripts), &body)
}

/// A whole page with these style sheets and scripts, which are files of ours.
pub fn layout(title: &str, (styles, scripts): (&[&str], &[&str]), body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " — pywagi" }
                @for style in styles { link rel="stylesheet" href=(format!("/__pywagi/assets/{style}")); }
                @for script in scripts {
                    @let url = format!("/__pywagi/assets/{script}");
                    @if script.ends_with(".mjs") { script src=(url) type="module" {} }
                    @else { script src=(url) defer {} }
                }
            }
            (body)
        }
    }
}

/// A failure within the page of its request.
pub fn findings(report: &Report) -> Markup {
    html! {
        section #failure {
            h2 { (report.exceptions.first().map_or(report.title.as_str(), |exception| exception.class.as_str())) }
            (message(report))
            @if !report.stdout.is_empty() { details { summary { "Printed before it failed" } pre { (report.stdout) } } }
        }
        (places(report))
    }
}

/// What happened, and what to do about it.
fn message(report: &Report) -> Markup {
    let exception = report.exceptions.first();
    html! {
        @match exception {
            Some(exception) => { @if !exception.message.is_empty() { pre.message { (exception.message) } } }
            None => { pre.message { (report.message) } }
        }
        @if exception.is_some() { p.what { (report.message) } }
        @if let Some(evidence) = &report.evidence { p.what { (evidence) } }
        @if let Some(help) = &report.help {
            div.help { strong { "Help" } p { (help) } @if let Some(command) = &report.command { (copied(command, "copy the fix")) } }
        }
        (copied(&markdown::page(report), "copy as Markdown"))
    }
}

/// Where it happened.
fn places(report: &Report) -> Markup {
    html! {
        @if !report.routes.is_empty() { (routes(report)) }
        @for (i, exception) in report.exceptions.iter().enumerate() { (shown_exception(exception, i == 0)) }
        @if report.has_prompts { (steps()) }
        @if let Some(why) = &report.without_variables { p.note { "The variables are not shown: " (why) "." } }
        @if !report.stopped_at.is_empty() { section { h2 { "Where it was stopped" } (frames(&report.stopped_at, true)) } }
    }
}

/// Steps through the lines that led here, each a replay up to it. The script of the page fills it in.
pub fn steps() -> Markup {
    html! {
        section #steps hidden {
            h2 { "Step through" }
            p.what {
                "Each step is a replay of this request up to a line of your code, with the variables as they were. Neither it nor what \
                 is typed at a prompt reaches beyond the sandbox: volumes can be read there, and nothing can be written."
            }
            p {
                button type="button" data-step="-1" { "line before" }
                button type="button" data-step="1" { "line after" }
                label #at hidden { "line " input #line type="number" min="1" value="1"; " of " output #count {} }
            }
            div #stack {}
        }
    }
}

/// A stack of frames, for a page that is there already.
pub fn stack(stack: &[ShownFrame]) -> Markup {
    frames(stack, true)
}

/// A button that copies `text`.
pub fn copied(text: &str, label: &str) -> Markup {
    html! { button.copy type="button" data-copy=(text) hidden { (label) } }
}

fn routes(report: &Report) -> Markup {
    html! {
        section {
            h2 { "Routes" }
            ul.routes {
                @for route in &report.routes {
                    li { a href=(route.strip_suffix("...").unwrap_or(route)) { code { (route) } } }
                }
            }
        }
    }
}

fn shown_exception(exception: &ShownException, is_first: bool) -> Markup {
    html! {
        section {
            @if !is_first {
                h2 { (exception.class) }
                @if let Some(belongs) = &exception.belongs { p.what { "It is " (belongs) "." } }
                @if !exception.message.is_empty() { pre.message { (exception.message) } }
            }
            @for note in &exception.notes { pre.added { (note) } }
            @if let Some(place) = &exception.syntax { (frame(place, true)) }
            (frames(&exception.frames, is_first))
        }
    }
}

/// The most of the user's own frames that are open.
const MOST_OPEN: usize = 5;

/// Frames, the user's own ones in view; of the first exception they are open, else only the innermost.
fn frames(frames: &[ShownFrame], is_first: bool) -> Markup {
    let own = frames.iter().any(|frame| frame.own);
    let most = if is_first && own { MOST_OPEN } else { 1 };
    let in_view = frames.iter().enumerate().filter(|(_, frame)| frame.own || !own);
    let open: Vec<usize> = in_view.take(most).map(|(i, _)| i).collect();
    let mut groups: Vec<(bool, Vec<(usize, &ShownFrame)>)> = Vec::new();
    for (i, frame) in frames.iter().enumerate() {
        let is_folded = own && !frame.own;
        match groups.last_mut().filter(|(folded, _)| *folded == is_folded) {
            Some((_, group)) => group.push((i, frame)),
            None => groups.push((is_folded, vec![(i, frame)])),
        }
    }
    html! {
        @for (is_folded, group) in &groups {
            @if *is_folded {
                details.library {
                    summary { (group.len()) @if group.len() == 1 { " frame" } @else { " frames" } " of libraries" }
                    @for (_, each) in group { (frame(each, false)) }
                }
            } @else {
                @for (i, each) in group { (frame(each, open.contains(i))) }
            }
        }
    }
}

fn frame(frame: &ShownFrame, is_open: bool) -> Markup {
    html! {
        details.frame open[is_open] data-frame=[frame.number] {
            summary {
                @if !frame.function.is_empty() { code.function { (frame.function) } " " }
                span.place { (frame.file) ":" (frame.line) }
                @if frame.repeats > 1 { " " span.repeats { "repeated " (frame.repeats) " times" } }
            }
            p.where {
                @if let Some(host) = &frame.host { code { (host) ":" (frame.line) } " " }
                @match (&frame.editor, &frame.host) {
                    (Some(url), _) => { a href=(url) { "open in the editor" } }
                    (None, Some(host)) => { (copied(&format!("{host}:{}", frame.line), "copy")) }
                    _ => {}
                }
            }
            @if let Some(excerpt) = &frame.source { (source(excerpt, frame.line)) }
            @if !frame.variables.is_empty() {
                table.variables {
                    @for each in &frame.variables { tr { th scope="row" { (each.name) } td { code { (each.value) } } } }
                }
            }
        }
        @if frame.omitted_after > 0 { p.note { (frame.omitted_after) " frames are left out here." } }
    }
}

fn source(excerpt: &Excerpt, line: u32) -> Markup {
    let lines = (excerpt.first..).zip(&excerpt.lines).enumerate();
    html! {
        pre.source {
            @for (i, (number, text)) in lines {
                @let is_current = number == line;
                span.line.current[is_current] {
                    span.number { (number) }
                    (coloured(text, excerpt.colours.get(i).map(Vec::as_slice), excerpt.marked.filter(|_| is_current)))
                }
                "\n"
            }
        }
    }
}

/// A line in its colours, `marked` in it.
fn coloured(line: &str, colours: Option<&[(Kind, usize)]>, marked: Option<(usize, usize)>) -> Markup {
    let whole = [(Kind::Plain, line.len())];
    let is_place = |at: usize| line.is_char_boundary(at.min(line.len()));
    let marked = marked.filter(|(from, to)| is_place(*from) && is_place(*to));
    let mut at = 0;
    let mut parts: Vec<(Kind, bool, &str)> = Vec::new();
    for (kind, length) in colours.unwrap_or(&whole) {
        let end = at + length;
        let (from, to) = marked.map_or((end, end), |(from, to)| (from.clamp(at, end), to.clamp(at, end)));
        for (start, stop, is_marked) in [(at, from, false), (from, to, true), (to, end, false)] {
            if let Some(text) = line.get(start..stop).filter(|text| !text.is_empty()) {
                parts.push((*kind, is_marked, text));
            }
        }
        at = end;
    }
    html! {
        @for (kind, is_marked, text) in parts {
            @if is_marked { mark class=[kind.class()] { (text) } }
            @else if let Some(class) = kind.class() { span class=(class) { (text) } }
            @else { (text) }
        }
    }
}

/// What is known of the request and of what the script printed.
fn about(report: &Report) -> Markup {
    let request = &report.request;
    html! {
        @for (title, text, is_open) in [
            ("Printed before it failed", &report.stdout, true),
            ("Standard error", &report.stderr, report.exceptions.is_empty()),
        ] {
            @if !text.is_empty() { details.about open[is_open] { summary { (title) } pre { (text) } } }
        }
        @for (title, pairs) in [
            ("Query", &request.query),
            ("Form", &request.form),
            ("Cookies", &request.cookies),
            ("Request headers", &request.headers),
            ("Environment", &report.environment),
        ] {
            @if !pairs.is_empty() { details.about { summary { (title) } (table(pairs)) } }
        }
        @if report.route.is_some() || report.module.is_some() {
            p.note {
                @if let Some(route) = &report.route { "route " code { (route) } " " }
                @if let Some(module) = &report.module { "module " code { (module) } }
            }
        }
    }
}

/// Names and values.
pub fn table(pairs: &[(String, String)]) -> Markup {
    html! { table.variables { @for (name, value) in pairs { tr { th scope="row" { (name) } td { code { (value) } } } } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_goes_across_colours() {
        let colours = [(Kind::Plain, 4), (Kind::String, 3), (Kind::Plain, 2)];
        assert_eq!(
            coloured("x = '<' )", Some(&colours), Some((2, 5))).into_string(),
            "x <mark>= </mark><mark class=\"s\">'</mark><span class=\"s\">&lt;'</span> )"
        );
        // Columns that are no characters, and beyond the line.
        assert_eq!(coloured("é", None, Some((1, 9))).into_string(), "é");
        assert_eq!(coloured("ab", None, Some((1, usize::MAX))).into_string(), "a<mark>b</mark>");
    }
}

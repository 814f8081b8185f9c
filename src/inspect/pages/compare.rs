//! Two requests side by side.

use std::time::Duration;

use maud::{Markup, html};
use similar::{DiffOp, TextDiff};

use crate::request::Headers;
use crate::response::head::default_reason;

use super::super::decode::{self, Pairs};
use super::super::report::masked_pairs;
use super::super::store::{Entry, Store};
use super::super::url_of;
use super::{layout, views};

/// The most of a body that is compared, in bytes.
const MOST: usize = 256 << 10;

/// How many equal lines are shown around those that differ.
const AROUND: usize = 3;

/// How long the search for the fewest differences of a text may take; after that they may be more.
const TIME: Duration = Duration::from_millis(200);

/// The page; `None` where one of both is not kept.
pub fn page(query: &str, store: &Store) -> Option<Markup> {
    let given = decode::pairs(query);
    let number = |name: &str| given.iter().find(|(given, _)| given == name).and_then(|(_, value)| value.parse().ok());
    let (left, right) = (store.get(number("a")?)?, store.get(number("b")?)?);
    let heads = [left, right];
    let body = html! {
        body.compare {
            header {
                nav { a href="/__pywagi/" { "requests" } }
                h1 { "Two requests" }
            }
            main {
                table.diff {
                    thead {
                        tr {
                            @for entry in heads {
                                th scope="col" {
                                    a href=(url_of(entry.id)) { "request " (entry.id) } " "
                                    span.badge data-class=(entry.response.status / 100) { (entry.response.status) }
                                }
                            }
                        }
                    }
                    (section("Request", &heads.map(request)))
                    (section("Given to the script", &heads.map(given_to_script)))
                    (section("Response", &heads.map(response)))
                    (section("Standard error", &heads.map(|entry| decode::text(&entry.stderr))))
                }
            }
        }
    };
    Some(layout("Two requests", &[], &body))
}

fn request(entry: &Entry) -> String {
    let request = &entry.request;
    let line = format!("{} {} {}", request.method, entry.target(), request.protocol.as_str());
    message(&line, &request.headers, &request.body, entry.request_size)
}

fn response(entry: &Entry) -> String {
    let response = &entry.response;
    let reason = response.reason.as_deref().unwrap_or_else(|| default_reason(response.status));
    message(&format!("{} {reason}", response.status), &response.headers, &response.body, entry.response_size)
}

fn given_to_script(entry: &Entry) -> String {
    let Some(given) = &entry.given else { return String::new() };
    let arguments = given.arguments.iter().map(|argument| format!("{argument}\n"));
    arguments.collect::<String>() + &lines(&masked_pairs(&given.environment), "=")
}

fn message(line: &str, headers: &Headers, body: &[u8], size: usize) -> String {
    let unpacked = views::unpacked(headers, body);
    let seen = unpacked.as_deref().unwrap_or(body);
    let seen = seen.get(..MOST).unwrap_or(seen);
    let is_json = views::is_json(&decode::media_type(headers));
    let body = match decode::body_text(seen, if unpacked.is_some() { usize::MAX } else { size }) {
        Some(text) if is_json => views::pretty_json(text).unwrap_or_else(|| text.to_owned()),
        Some(text) => text.to_owned(),
        None => views::hex(seen),
    };
    format!("{line}\n{}\n{body}", lines(&decode::header_pairs(headers), ": "))
}

fn lines(pairs: &Pairs, between: &str) -> String {
    pairs.iter().map(|(name, value)| format!("{name}{between}{value}\n")).collect()
}

/// The lines of both that differ, and those around them.
fn section(title: &str, [left, right]: &[String; 2]) -> Markup {
    let diff = TextDiff::configure().timeout(TIME).diff_lines(left.as_str(), right.as_str());
    let groups = diff.grouped_ops(AROUND);
    let line = |lines: &[&str], at: usize| lines.get(at).map(|line| line.trim_end_matches(['\r', '\n']).to_owned());
    let (old, new): (Vec<_>, Vec<_>) = (left.split_inclusive('\n').collect(), right.split_inclusive('\n').collect());
    html! {
        tbody {
            tr { th colspan="2" scope="colgroup" { (title) @if groups.is_empty() { span.place { " — equal" } } } }
            @for (i, group) in groups.iter().enumerate() {
                @if i > 0 { tr { td.gap colspan="2" { "⋯" } } }
                @for op in group {
                    @let (olds, news) = (op.old_range(), op.new_range());
                    @let is_equal = matches!(op, DiffOp::Equal { .. });
                    @for at in 0..olds.len().max(news.len()) {
                        tr class=[(!is_equal).then_some("differs")] {
                            td.old { @if at < olds.len() { (line(&old, olds.start + at).unwrap_or_default()) } }
                            td.new { @if at < news.len() { (line(&new, news.start + at).unwrap_or_default()) } }
                        }
                    }
                }
            }
        }
    }
}

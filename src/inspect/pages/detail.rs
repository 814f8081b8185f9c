//! The page of a request.

use std::time::Duration;

use maud::{Markup, html};

use crate::guest::{Connections, Start};
use crate::request::Headers;
use crate::response::head::default_reason;
use crate::size;
use crate::terminal::rfc3339;
use crate::text_file::shown;

use super::super::decode::{self, Pairs};
use super::super::html::{self as failure, copied, table};
use super::super::report::masked_pairs;
use super::super::store::{Entry, Store};
use super::super::url_of;
use super::{commands, has_preview, layout, url, views};

/// The most of a body that is shown as text and as numbers, in bytes.
const MOST_TEXT: usize = 64 << 10;
const MOST_HEX: usize = 4 << 10;

/// The largest JSON that is indented, in bytes.
const MOST_JSON: usize = 256 << 10;

/// The page.
pub fn page(entry: &Entry, store: &Store) -> Markup {
    let title = format!("{} {}", entry.request.method, entry.target());
    let report = entry.report.as_deref();
    let has_steps = entry.has_prompts && !report.is_some_and(|report| report.has_prompts);
    let neighbour = |id: u64| store.get(id).map(|entry| url_of(entry.id));
    let (older, newer) = (neighbour(entry.id.saturating_sub(1)), neighbour(entry.id.saturating_add(1)));
    let body = html! {
        body.detail data-id=(entry.id) data-recording=[entry.recording.filter(|_| entry.has_prompts)] {
            header {
                nav {
                    a href="/__pywagi/" #list { "requests" }
                    @if let Some(url) = &older { a href=(url) rel="prev" { "older" } }
                    @if let Some(url) = &newer { a href=(url) rel="next" { "newer" } }
                }
                h1 { span.method { (entry.request.method) } " " (entry.target()) }
                p.what {
                    span.badge data-class=(entry.response.status / 100) { (entry.response.status) " " (reason(entry)) }
                    " " (milliseconds(entry.elapsed)) " · " (bytes(entry.response_size))
                    @if let Some(route) = &entry.route { " · route " code { (route) } }
                    " · " time datetime=(rfc3339(entry.began)) { (rfc3339(entry.began)) }
                    @if let Some(of) = entry.again_of { " · sent again from " a href=(url_of(of)) { "request " (of) } ", " a href=(format!("/__pywagi/compare?a={of}&b={}", entry.id)) { "compare" } }
                }
                p.buttons {
                    button #again type="button" hidden { "send again" }
                    button #edit type="button" aria-expanded="false" aria-controls="editor" hidden { "edit and send" }
                    button #save type="button" hidden { "save as test" }
                    (copied(&commands::curl(entry), "copy as curl"))
                    (copied(&commands::invoke(entry), "copy as pywagi invoke"))
                    (copied(&commands::python(entry), "copy as Python"))
                    a href=(format!("/__pywagi/api/requests/{}/har", entry.id)) download=(format!("request-{}.har", entry.id)) { "HAR" }
                }
                p #said.note role="status" {}
                (editor(entry))
            }
            main {
                @if let Some(report) = report { (failure::findings(report)) }
                @else if let Some(failure) = &entry.failure { p.help { (failure) } }
                @if let Some(error) = &entry.send_error { p.note { "The answer could not be sent: " (error) "." } }
                @for warning in &entry.warnings { p.note { "warning: " (warning) } }
                (response(entry))
                (request(entry))
                @if has_steps { (failure::steps()) }
                @if !entry.stderr.is_empty() {
                    section { h2 { "Standard error" } details open { summary { (bytes(entry.stderr.len())) } pre { (decode::text(&entry.stderr)) } } }
                }
                (network(entry))
                (guest(entry))
                (timings(entry))
            }
            footer {
                @if let Some(id) = &entry.recording { p { "Run it again as it was: " code { "pywagi replay " (id) } ", with a debugger: " code { "pywagi replay " (id) " --pdb" } } }
                p { kbd { "j" } " " kbd { "k" } " older, newer · " kbd { "r" } " send again · " kbd { "e" } " edit and send · " kbd { "/" } " list" }
            }
        }
    };
    let scripts =
        if entry.has_prompts { &["error.js", "console.js", "detail.mjs"][..] } else { &["error.js", "detail.mjs"] };
    layout(&title, scripts, &body)
}

fn reason(entry: &Entry) -> &str {
    entry.response.reason.as_deref().unwrap_or_else(|| default_reason(entry.response.status))
}

fn bytes(count: usize) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

/// The form that changes a request before it is sent again.
fn editor(entry: &Entry) -> Markup {
    let request = &entry.request;
    let headers: Vec<_> =
        decode::header_pairs(&request.headers).into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let is_whole = request.body.len() == entry.request_size;
    let text = std::str::from_utf8(&request.body).ok().filter(|_| is_whole);
    html! {
        form #editor hidden {
            p.line {
                label { span { "method" } input name="method" value=(request.method) size="8" required autocomplete="off" spellcheck="false"; }
                label.wide { span { "path and query" } input name="target" value=(entry.target()) required autocomplete="off" spellcheck="false"; }
            }
            label { span { "headers" } textarea name="headers" rows=(headers.len().clamp(2, 16)) spellcheck="false" { "\n" (headers.join("\n")) } }
            @match text {
                Some(text) => label { span { "body" } textarea name="body" rows="6" spellcheck="false" { "\n" (text) } },
                None if is_whole => p.note { "The body has bytes that are no text, and is sent as it was." },
                None => p.note { "Only a part of the body was kept: it can be sent with another one, by the API." },
            }
            p { button type="submit" { "send" } }
        }
    }
}

fn response(entry: &Entry) -> Markup {
    let response = &entry.response;
    html! {
        section #response {
            h2 { "Response" }
            @if has_preview(entry) {
                details open {
                    summary { "Preview" }
                    iframe sandbox src=(url(entry, "preview")) title="preview of the answer" loading="lazy" {}
                    p.note { "Without scripts, and with nothing that it would load." }
                }
            }
            @let is_shown = has_preview(entry) || entry.report.is_some();
            (message(&response.headers, (&response.body, entry.response_size), is_shown, &url(entry, "response-body")))
        }
    }
}

fn request(entry: &Entry) -> Markup {
    let request = &entry.request;
    let headers = &request.headers;
    let query = decode::pairs(request.query.as_deref().unwrap_or_default());
    let (form, parts) = (decode::form(headers, &request.body), decode::parts(headers, &request.body));
    let is_shown = !form.is_empty() || !parts.is_empty();
    html! {
        section #request {
            h2 { "Request" }
            @for (title, pairs) in [
                ("Query", query),
                ("Form", form),
                ("Cookies", decode::cookies(headers)),
            ] {
                @if !pairs.is_empty() { (folded(title, &pairs, true)) }
            }
            @for part in &parts {
                details open {
                    summary {
                        "Part " code { (part.name) }
                        @if let Some(file) = &part.file_name { " file " code { (file) } }
                        " " span.place { (bytes(part.content.len())) }
                    }
                    (table(&part.headers))
                    @match std::str::from_utf8(&part.content) {
                        Ok(text) => pre { (cut(text, MOST_TEXT)) },
                        Err(_) => pre.hex { (views::hex(part.content.get(..MOST_HEX).unwrap_or(&part.content))) },
                    }
                }
            }
            (message(headers, (&request.body, entry.request_size), is_shown, &url(entry, "request-body")))
        }
    }
}

/// Headers and body of a message, the body folded where it is shown in another way.
fn message(headers: &Headers, (body, size): (&[u8], usize), is_shown: bool, url: &str) -> Markup {
    let unpacked = views::unpacked(headers, body);
    let seen = unpacked.as_deref().unwrap_or(body);
    let text = decode::body_text(seen, if unpacked.is_some() { usize::MAX } else { size });
    let is_json = views::is_json(&decode::media_type(headers));
    let json = text.filter(|text| is_json && text.len() <= MOST_JSON).and_then(views::pretty_json);
    html! {
        (folded("Headers", &decode::header_pairs(headers), true))
        @if size > 0 {
            @if let Some(json) = &json { details open { summary { "JSON" } pre { (json) } } }
            @if let Some(text) = text {
                details open[json.is_none() && !is_shown] {
                    summary { "Body" @if unpacked.is_some() { ", unpacked" } }
                    pre { (cut(text, MOST_TEXT)) }
                }
            }
            details open[text.is_none() && !is_shown] {
                summary { "Bytes" }
                pre.hex { (views::hex(body.get(..MOST_HEX).unwrap_or(body))) }
                @if body.len() > MOST_HEX { p.note { "The first " (bytes(MOST_HEX)) " of " (bytes(size)) "." } }
            }
            p.note {
                a href=(url) { "download the body" }
                @if body.len() < size { ": the first " (bytes(body.len())) " of " (bytes(size)) ", more is not kept" }
            }
        }
    }
}

/// The beginning of a text.
fn cut(text: &str, most: usize) -> Markup {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let rest = text.len() - end;
    html! { (text.get(..end).unwrap_or_default()) @if rest > 0 { "\n… " (bytes(rest)) " more" } }
}

fn folded(title: &str, pairs: &Pairs, is_open: bool) -> Markup {
    html! { details open[is_open] { summary { (title) } (table(pairs)) } }
}

/// What the guest did in the network.
fn network(entry: &Entry) -> Markup {
    let Connections { kept, left_out } = &entry.connections;
    let columns = ["to", "address", "connecting", "open", "sent", "received"];
    html! {
        @if !kept.is_empty() {
            section #network {
                h2 { "Network" }
                table.variables {
                    thead { tr { @for column in columns { th { (column) } } } }
                    tbody {
                        @for one in kept {
                            tr {
                                td { (one.to) }
                                td { (one.address.as_deref().unwrap_or_default()) }
                                td { (milliseconds(one.connecting)) }
                                @match &one.error {
                                    Some(why) => td colspan="3" { (why) },
                                    None => {
                                        td { (milliseconds(one.open)) }
                                        td { (size::shown(one.sent)) }
                                        td { (size::shown(one.received)) }
                                    }
                                }
                            }
                        }
                    }
                }
                @if *left_out > 0 { p.note { "and " (left_out) " more connections" } }
            }
        }
    }
}

/// What the guest was given.
fn guest(entry: &Entry) -> Markup {
    html! {
        section #guest {
            h2 { "Script" }
            p.what {
                @if let Some(module) = &entry.module { "module " code { (shown(module)) } " · " }
                @match &entry.start {
                    Some(Start::Warm) => "started warm, from a saved interpreter",
                    Some(Start::Cold(why)) => { "started cold: " (why) }
                    None => "no script ran",
                }
            }
            @match &entry.given {
                Some(given) => {
                    details { summary { "Arguments" } ol.arguments { @for argument in &given.arguments { li { code { (argument) } } } } }
                    (folded("Environment", &masked_pairs(&given.environment), false))
                }
                None if entry.start.is_some() => p.note { "Arguments and environment are not known: the request was not recorded." },
                None => {}
            }
        }
    }
}

/// How long each step took, as a bar and in numbers.
fn timings(entry: &Entry) -> Markup {
    let steps = entry.timings.steps();
    let steps: Vec<_> = steps.into_iter().filter(|(name, _)| *name != "total").collect();
    let known: Duration = steps.iter().map(|(_, time)| *time).sum();
    let whole = entry.elapsed.max(known).as_secs_f64().max(f64::MIN_POSITIVE);
    let mut at = 0.0;
    let mut bars = Vec::new();
    for (name, time) in &steps {
        let width = time.as_secs_f64() / whole * 1000.0;
        bars.push((*name, at, width));
        at += width;
    }
    html! {
        section #timings {
            h2 { "Time" }
            svg.bar viewBox="0 0 1000 24" preserveAspectRatio="none" role="img" aria-label="how long each step took" {
                rect class="rest" x="0" y="0" width="1000" height="24" {}
                @for (name, x, width) in &bars { rect class=(name) x=(format!("{x:.2}")) y="0" width=(format!("{width:.2}")) height="24" {} }
            }
            dl.steps {
                @for (name, time) in &steps { div { dt class=(name) { (name) } dd { (milliseconds(*time)) } } }
                div { dt.rest { "other" } dd { (milliseconds(entry.elapsed.saturating_sub(known))) } }
                div { dt { "in all" } dd { (milliseconds(entry.elapsed)) } }
            }
        }
    }
}

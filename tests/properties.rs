//! Properties that hold for whatever comes in, tried with what proptest thinks of.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use pywagi::cgi::{self, Matched, Variables};
use pywagi::environment;
use pywagi::hash::Digest;
use pywagi::manifest;
use pywagi::request::{Request, is_token};
use pywagi::response::{self, Parsed};
use pywagi::route::{Pattern, Table};
use pywagi::toolchain::archive::{self, Archive};
use pywagi::toolchain::http::{parse_content_range, parse_retry_after};
use pywagi::toolchain::record::{Origin, Record};

/// A header name (RFC 9110 5.6.2).
fn token() -> impl Strategy<Value = String> {
    "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}"
}

/// A header value without white space around it (RFC 9110 5.5).
fn field_value() -> impl Strategy<Value = Vec<u8>> {
    let byte = any::<u8>().prop_filter("no control character", |b| !b.is_ascii_control() || *b == b'\t');
    vec(byte, 0..20).prop_map(|mut value| {
        while value.last().is_some_and(|b| matches!(b, b' ' | b'\t')) {
            value.pop();
        }
        let start = value.iter().position(|b| !matches!(b, b' ' | b'\t')).unwrap_or(value.len());
        value.split_off(start)
    })
}

/// Output that looks like a response more often than chance would have it.
fn output() -> impl Strategy<Value = Vec<u8>> {
    let pieces = select(vec![
        &b"Content-Type: text/plain"[..],
        b"Status: ",
        b"200",
        b"Location:",
        b"X",
        b":",
        b" ",
        b"\r",
        b"\n",
        b"\r\n",
        b"\n\n",
        b"\0",
        b"\xff",
    ]);
    vec(prop_oneof![4 => pieces.prop_map(<[u8]>::to_vec), 1 => vec(any::<u8>(), 0..8)], 0..30)
        .prop_map(|pieces| pieces.concat())
}

fn route() -> impl Strategy<Value = String> {
    (vec(select(vec!["", "a", "b", "%61", ".."]), 0..4), any::<bool>()).prop_map(|(segments, below)| {
        let base: String = segments.iter().map(|segment| format!("/{segment}")).collect();
        match (below, base.as_str()) {
            (true, _) => base + "/...",
            (false, "") => "/".to_owned(),
            (false, _) => base,
        }
    })
}

fn path() -> impl Strategy<Value = String> {
    vec(select(vec!["", "a", "b", "%61", "..", "ab"]), 1..6)
        .prop_map(|segments| segments.iter().map(|segment| format!("/{segment}")).collect())
}

/// wagi.md's rule, told by segments: a route takes its own path, and with `/...` all that begin with its segments.
fn takes(route: &str, path: &str) -> bool {
    let path: Vec<_> = path.split('/').collect();
    match route.strip_suffix("/...") {
        Some(base) => path.starts_with(&base.split('/').collect::<Vec<_>>()),
        None => path == route.split('/').collect::<Vec<_>>(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_well_formed_response_is_read_as_it_was_printed(
        fields in vec((token(), field_value()), 0..8),
        ends in vec(any::<bool>(), 9),
        body in vec(any::<u8>(), 0..64),
    ) {
        let special = ["status", "location", "content-length", "transfer-encoding", "connection", "date"];
        prop_assume!(!fields.iter().any(|(name, _)| special.contains(&name.to_ascii_lowercase().as_str())));
        let typed = ("Content-Type".to_owned(), b"a/b".to_vec());
        let fields: Vec<_> = fields.into_iter().chain([typed]).collect();
        let mut printed = Vec::new();
        for ((name, value), crlf) in fields.iter().zip(&ends) {
            let end: &[u8] = if *crlf { b"\r\n" } else { b"\n" };
            printed.extend([name.as_bytes(), b": ", value, end].concat());
        }
        printed.extend([b"\n", &body[..]].concat());
        let Parsed { response, invalid_status, warnings } = response::parse(printed, false);
        let response = response.expect("a response");
        let read: Vec<_> = response.headers.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        prop_assert_eq!(read, fields);
        prop_assert_eq!((response.status, response.reason, &response.body[..]), (200, None, &body[..]));
        prop_assert_eq!((invalid_status, warnings), (None, vec![]));
    }

    #[test]
    fn no_output_injects_a_header_or_loses_a_byte_of_the_body(printed in output()) {
        let parsed = response::parse(printed.clone(), false);
        for warning in &parsed.warnings {
            prop_assert!(!warning.chars().any(char::is_control), "{}", warning);
        }
        match parsed.response {
            Ok(response) => {
                prop_assert!((200..=999).contains(&response.status));
                prop_assert!(printed.ends_with(&response.body));
                for (name, value) in response.headers.iter() {
                    prop_assert!(is_token(name));
                    prop_assert!(!value.iter().any(|b| b.is_ascii_control() && *b != b'\t'));
                }
            }
            Err(malformed) => prop_assert!(!malformed.start.contains('\n')),
        }
    }

    #[test]
    fn every_number_is_a_status_or_a_502(number in any::<i32>(), reason in "[ -~]{0,20}") {
        let parsed = response::parse(format!("Status: {number} {reason}\n\n").into_bytes(), false);
        let response = parsed.response.expect("a response");
        let valid = (200..=999).contains(&number);
        prop_assert_eq!(i32::from(response.status), if valid { number } else { 502 });
        prop_assert_eq!(parsed.invalid_status.is_some(), !valid);
        if valid {
            prop_assert_eq!(response.reason.unwrap_or_default(), reason.trim());
        }
    }

    #[test]
    fn without_a_template_nothing_of_path_and_query_is_lost(path in path(), query in option::of("[!-~]{0,30}")) {
        let arguments = cgi::arguments(None, &path, query.as_deref());
        prop_assert_eq!(&arguments[0], &path);
        prop_assert_eq!(query.is_some(), arguments.len() > 1);
        prop_assert_eq!(arguments[1..].join("&"), query.unwrap_or_default());
    }

    #[test]
    fn a_template_gives_its_words_and_the_pieces_of_the_query(
        words in vec("[a-z]{1,5}", 0..4),
        space in "[ \t\n]{1,3}",
        query in "[!-~]{0,30}",
    ) {
        let template = format!("{}{space}${{ARGS}}", words.join(&space));
        let pieces = query.split('&').filter(|piece| !piece.is_empty()).map(str::to_owned);
        let expected: Vec<_> = words.into_iter().chain(pieces).collect();
        prop_assert_eq!(cgi::arguments(Some(&template), "/path", Some(&query)), expected);
    }

    #[test]
    fn what_came_in_with_the_query_is_never_expanded(
        pieces in vec(select(vec!["${ARGS}", "${SCRIPT_NAME}", "$", "{", "}", "&", "x"]), 0..10),
    ) {
        let query = pieces.concat();
        let arguments = cgi::arguments(Some("${SCRIPT_NAME} ${ARGS}"), "/only-once", Some(&query));
        prop_assert_eq!(arguments.iter().filter(|a| a.contains("/only-once")).count(), 1);
        let rest: Vec<_> = query.split('&').filter(|piece| !piece.is_empty()).collect();
        prop_assert_eq!(&arguments[1..], &rest);
    }

    #[test]
    fn the_first_route_that_takes_a_path_answers(routes in vec(route(), 1..6), path in path()) {
        let mut table = Table::default();
        for (i, route) in routes.iter().enumerate() {
            table.push((Pattern::parse(route).expect("a route"), i), vec![]);
        }
        let found = table.find(&path);
        prop_assert_eq!(found.map(|(_, i, _)| *i), routes.iter().position(|route| takes(route, &path)));
        if let Some((pattern, _, path_info)) = found {
            prop_assert_eq!(format!("{}{path_info}", pattern.script_name()), path);
        }
    }

    #[test]
    fn a_route_that_covers_another_takes_all_its_paths(a in route(), b in route(), path in path()) {
        let (a, b) = (Pattern::parse(&a).expect("a route"), Pattern::parse(&b).expect("a route"));
        if a.covers(&b) && b.path_info(&path).is_some() {
            prop_assert!(a.path_info(&path).is_some());
        }
    }

    #[test]
    fn a_text_that_is_no_route_is_told_what_to_write(text in "\\PC{0,20}") {
        match Pattern::parse(&text) {
            Ok(pattern) => {
                prop_assert_eq!(pattern.as_str(), &text);
                prop_assert_eq!(pattern.path_info(pattern.script_name()), Some(""));
            }
            Err(invalid) => {
                let advice = invalid.remedy.split('`').nth(1).expect("what to write");
                prop_assert!(advice.is_empty() || advice.starts_with('/') || !text.starts_with('/'), "{}", advice);
            }
        }
    }

    #[test]
    fn every_header_is_in_its_variable_in_order_and_no_withheld_one_is(
        headers in vec((prop_oneof![token(), select(vec!["Cookie", "Proxy", "authorization", "X-A", "x_a"])
            .prop_map(str::to_owned)], "[!-~]{0,8}"), 0..10),
    ) {
        let mut request = Request::new("GET", "/");
        for (name, value) in &headers {
            request.headers.push(name.as_str(), value.as_str());
        }
        let pattern = Pattern::parse("/").expect("a route");
        let mut variables = Variables::new();
        let default_host = ("h", Some(1));
        let matched = Matched { pattern: &pattern, path_info: "", default_host, pass_authorization: false };
        cgi::set_variables(&mut variables, &request, matched);
        let variable = |name: &str| format!("HTTP_{}", name.to_ascii_uppercase().replace('-', "_"));
        let withheld = ["HTTP_PROXY", "HTTP_AUTHORIZATION", "HTTP_CONNECTION"];
        let headers: Vec<_> = headers.iter().filter(|(name, _)| !name.contains('_')).collect();
        let names: BTreeSet<_> = headers.iter().map(|(n, _)| variable(n)).filter(|n| !withheld.contains(&n.as_str())).collect();
        let found: BTreeSet<_> = variables.keys().filter(|n| n.starts_with("HTTP_")).cloned().collect();
        prop_assert_eq!(&found, &names);
        for name in names {
            let values: Vec<_> = headers.iter().filter(|(n, _)| variable(n) == name).map(|(_, v)| v.as_str()).collect();
            let separator = if name == "HTTP_COOKIE" { "; " } else { ", " };
            prop_assert_eq!(&variables[&name], &values.join(separator));
        }
    }

    #[test]
    fn a_host_is_split_into_what_it_was_put_together_from(name in "[a-z0-9.-]{1,10}", port in option::of(any::<u16>())) {
        let host = match port {
            Some(port) => format!("{name}:{port}"),
            None => name.clone(),
        };
        prop_assert_eq!(cgi::split_host(&host), (Some(name.as_str()), port));
    }

    #[test]
    fn a_host_that_is_believed_needs_no_escape_in_a_url(host in "\\PC{0,20}") {
        if let (Some(name), _) = cgi::split_host(&host) {
            prop_assert!(!name.is_empty() && name.is_ascii() && !name.contains(['/', '?', '#', '@', ' ', '"']), "{}", name);
        }
    }

    #[test]
    fn a_mistake_in_a_manifest_has_a_place_in_it(
        text in prop_oneof![
            "\\PC{0,60}",
            vec(select(vec![
                "[[module]]\n", "[module]\n", "route", "module", "argv", "volumes", "environment", "entrypoint", "rout",
                " = ", "=", "\"/a\"", "\"/a/...\"", "\"a.wasm\"", "'${ARGS} ${X}'", "{", "}", "[", "]", ",", "3", "true",
                "\n", "\r\n", "\"é漢\"", "# c\n", "\"oci:x\"", "\"A\" = \"b\"", "{ A = \"\" }", "\t", "\0", "read-only",
                "{ \"/c\" = \"c\" }", "{ path = \"c\" }",
                "timeout", "max-memory", "max-log", "max-body", "\"2m\"", "\"64K\"", "0", "-1", "0x10", "1.5",
            ]), 0..25).prop_map(|pieces| pieces.concat()),
        ],
    ) {
        let Err(error) = manifest::parse(Path::new("modules.toml"), &text) else { return Ok(()) };
        let message = error.to_string();
        prop_assert!(error.remedy_text().is_some(), "{}", message);
        let place = message.strip_prefix("modules.toml:").expect("the file's name");
        let numbers: Vec<usize> = place.split(':').map_while(|n| n.parse().ok()).collect();
        let line = text.split('\n').nth(numbers.first().expect("a line").saturating_sub(1));
        let line = line.unwrap_or_else(|| panic!("no such line: {message}"));
        if let Some(column) = numbers.get(1) {
            prop_assert!((1..=line.chars().count() + 1).contains(column), "{}", message);
        }
    }

    #[test]
    fn a_quoted_value_of_an_env_file_is_read_as_it_was(values in vec("[^\0\r]{0,20}", 1..5)) {
        let quoted = |value: &String| value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
        let text: String = values.iter().enumerate().map(|(i, v)| format!("V{i}=\"{}\"\n", quoted(v))).collect();
        let expected: Vec<_> = values.into_iter().enumerate().map(|(i, v)| (format!("V{i}"), v)).collect();
        prop_assert_eq!(environment::parse(&text), Ok(expected));
    }

    #[test]
    fn an_env_file_gives_usable_variables_or_a_line(
        pieces in vec(prop_oneof![select(vec!["A", "=", "\n", "\"", "'", "#", " ", "export ", "\\", "\0", "\r\n"])
            .prop_map(str::to_owned), "\\PC{0,5}"], 0..20),
    ) {
        let text = pieces.concat();
        match environment::parse(&text) {
            Ok(variables) => for (name, value) in variables {
                prop_assert_eq!(environment::name_mistake(&name), None);
                prop_assert!(!value.contains('\0'));
            },
            Err(mistake) => prop_assert!((1..=text.split('\n').count()).contains(&mistake.line), "{:?}", mistake),
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written(
        version in any::<String>(),
        environment in btree_map(any::<String>(), any::<String>(), 0..4),
        origins in vec((any::<String>(), 0..=i64::MAX as u64, any::<String>()), 0..3),
    ) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(directory.path().join("a"), "x").expect("written");
        let origins = origins.into_iter()
            .map(|(name, size, source)| Origin { name, size, sha256: Digest::of(""), source })
            .collect();
        let record = Record::of(directory.path(), version, environment, origins).expect("a record");
        record.write(directory.path()).expect("written");
        prop_assert_eq!(Record::read(directory.path()).expect("read"), Some(record));
    }

    #[test]
    fn no_bytes_of_a_record_or_a_header_field_make_us_panic(bytes in vec(any::<u8>(), 0..200), field in "[ -~]{0,40}") {
        if let Err(why) = Record::parse(&bytes) {
            prop_assert!(!why.to_string().is_empty());
        }
        if let Some(range) = parse_content_range(&field) {
            prop_assert!(field.contains("bytes"), "{:?}", range);
        }
        let _ = parse_retry_after(&field, std::time::SystemTime::UNIX_EPOCH);
    }

    #[test]
    fn whatever_the_names_in_an_archive_nothing_leaves_its_directory(
        names in vec(prop_oneof![
            vec(select(vec!["..", ".", "", "a", "b.py", "nul", "c:", "x\\y", "é", " ", "a."]), 1..5)
                .prop_map(|parts| parts.join("/").into_bytes()),
            vec(1..=255u8, 0..20),
        ], 1..4),
        kinds in vec(select(vec![b'0', b'5', b'2', b'1', b'\0', b'6', b'7']), 4),
    ) {
        let outside = tempfile::tempdir().expect("a temporary directory");
        let into = outside.path().join("into");
        std::fs::create_dir(&into).expect("made");
        let path = outside.path().join("a.tar.gz");
        std::fs::write(&path, tar_gz(&names, &kinds)).expect("written");
        let result = archive::unpack_tar_gz(Archive { path: &path, name: "a" }, &into, Default::default(), |_| ());
        let beside: BTreeSet<_> = std::fs::read_dir(outside.path()).expect("readable")
            .map(|entry| entry.expect("readable").file_name()).collect();
        prop_assert_eq!(beside, ["a.tar.gz".into(), "into".into()].into());
        prop_assert!(only_plain_files(&into));
        if names.iter().any(|name| name.split(|&b| b == b'/').any(|part| part == b"..")) {
            prop_assert!(result.is_err());
        }
        if let Err(error) = result {
            prop_assert!(error.remedy_text().is_some(), "{}", error);
        }
    }
}

/// A `.tar.gz` with an entry of one byte for each name, of the kinds given.
fn tar_gz(names: &[Vec<u8>], kinds: &[u8]) -> Vec<u8> {
    let gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut tar = tar::Builder::new(gz);
    for (name, kind) in names.iter().zip(kinds) {
        let mut header = tar::Header::new_gnu();
        // The library itself refuses to write such names.
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_entry_type(tar::EntryType::new(*kind));
        header.set_mode(0o644);
        header.set_size(1);
        header.set_cksum();
        tar.append(&header, &b"x"[..]).expect("memory can be written");
    }
    let mut gz = tar.into_inner().expect("memory can be written");
    gz.flush().expect("memory can be written");
    gz.finish().expect("memory can be written")
}

/// Whether there are regular files and directories alone below a directory.
fn only_plain_files(directory: &Path) -> bool {
    std::fs::read_dir(directory).expect("readable").all(|entry| {
        let entry = entry.expect("readable");
        let kind = entry.file_type().expect("a file type");
        kind.is_file() || kind.is_dir() && only_plain_files(&entry.path())
    })
}

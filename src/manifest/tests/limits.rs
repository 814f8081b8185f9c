//! The keys that limit a module.

use super::*;

#[test]
fn a_limit_is_what_the_flag_takes_or_a_whole_number() {
    let app = App::new();
    let limits =
        |line: &str| app.good(&format!("[[module]]\nroute = \"/\"\nmodule = \"a.wasm\"\n{line}\n")).modules[0].limits;
    for (value, milliseconds) in [
        ("\"500ms\"", 500),
        ("'1.5s'", 1500),
        ("\"2m\"", 120_000),
        ("\"30\"", 30_000),
        ("30", 30_000),
        ("0x10", 16_000),
        ("0", u64::MAX),
        ("\"0s\"", u64::MAX),
    ] {
        let timeout = Some(if milliseconds == u64::MAX { Duration::MAX } else { Duration::from_millis(milliseconds) });
        assert_eq!(limits(&format!("timeout = {value}")), LimitOverrides { timeout, ..LimitOverrides::default() });
    }
    for (value, bytes) in
        [("\"64K\"", 64 << 10), ("\"1 kb\"", 1000), ("\"7\"", 7), ("65_536", 65536), ("0o17", 15), ("0", 0)]
    {
        let size = Some(bytes);
        assert_eq!(
            limits(&format!("max-memory = {value}")),
            LimitOverrides { max_memory: size, ..LimitOverrides::default() }
        );
        assert_eq!(
            limits(&format!("max-response = {value}")),
            LimitOverrides { max_response: size, ..LimitOverrides::default() }
        );
        assert_eq!(
            limits(&format!("max-log = {value}")),
            LimitOverrides { max_log: size, ..LimitOverrides::default() }
        );
    }
}

#[test]
fn a_limit_that_is_none_is_told_with_what_to_write() {
    let app = App::new();
    let time = "give a time such as \"500ms\", \"30s\" or \"2m\"";
    let size = "give a size such as 65536, \"64K\", \"64MiB\" or \"1G\"";
    for (key, value, message, remedy) in [
        ("timeout", "\"soon\"", "`timeout` must be a time", time),
        ("timeout", "-1", "`timeout` must be a time", time),
        ("timeout", "0.5", "`timeout` must be a time, not a float", time),
        ("timeout", "true", "`timeout` must be a time, not a boolean", time),
        ("timeout", "12:00:00", "`timeout` must be a time, not a datetime", time),
        ("max-memory", "\"many\"", "`max-memory` must be a size", size),
        ("max-memory", "\"\"", "`max-memory` must be a size", size),
        ("max-memory", "-1", "`max-memory` must be a size", size),
        ("max-memory", "99999999999999999999", "`max-memory` must be a size", size),
        ("max-response", "[1]", "`max-response` must be a size, not an array", size),
        ("max-response", "1.5", "`max-response` must be a size, not a float", size),
        ("max-log", "{}", "`max-log` must be a size, not a table", size),
    ] {
        let line = format!("{key} = {value}");
        let message = at(4, key.len() + 4, value.len(), message, &line);
        assert_eq!(app.bad_line(&line), (message, remedy.to_owned()));
    }
}

#[test]
fn a_limit_that_is_a_flag_alone_is_told_to_be_one() {
    let app = App::new();
    for key in ["max-body", "max-head"] {
        let line = format!("{key} = \"1M\"");
        let message = format!(
            "DIR/modules.toml:4:1: `{key}` in [[module]] has no effect, for it applies before the route is known; \
             leave it out, and give it as a flag: --{key}"
        );
        assert_eq!(app.warnings_of_line(&line), [message]);
    }
}

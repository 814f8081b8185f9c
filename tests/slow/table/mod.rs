//! The WAGI contract as a table: raw requests, what the guest must see of them, and what must be answered, each row
//! with the section of wagi.md or of the RFC that says so. Every row is run over a socket, and by `invoke` where a
//! command line can make the request; on Python 3.12 warm and cold, and its Python part on 3.11. Of cold starts by `invoke`
//! and on 3.11 a part is run unless FIDELITY is set.

mod app;
mod arguments;
mod bodies;
mod case;
mod component;
mod environment;
mod framing;
mod hosts;
mod paths;
mod response;
mod routes;
mod run;
#[cfg(unix)]
mod web_servers;

use app::Mode;
use case::Case;

use crate::support::part::part;

const WARM: Mode = Mode { python: "3.12", cold: false };
const COLD: Mode = Mode { python: "3.12", cold: true };
const OLD: Mode = Mode { python: "3.11", cold: false };
const OLD_COLD: Mode = Mode { python: "3.11", cold: true };

/// All rows.
fn table() -> Vec<Case> {
    [
        environment::rows(),
        hosts::rows(),
        paths::rows(),
        arguments::rows(),
        routes::rows(),
        response::rows(),
        framing::rows(),
        bodies::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn the_table_is_as_large_as_the_contract_asks_for() {
    let table = table();
    assert!(table.len() >= 150, "{} rows", table.len());
    for case in &table {
        assert!(case.rule.starts_with("wagi.md ") || case.rule.starts_with("RFC "), "{} cites nothing", case.rule);
    }
}

#[test]
fn the_table_holds_over_the_socket_warm() {
    run::over_the_socket(WARM, &table());
}

#[test]
fn the_table_holds_over_the_socket_cold() {
    run::over_the_socket(COLD, &part("the table over the socket, cold", table(), 3, 0, |_| false));
}

#[test]
fn the_table_holds_by_invoke_warm() {
    run::by_invoke(WARM, &table());
}

#[test]
fn the_table_holds_by_invoke_cold() {
    run::by_invoke(COLD, &part("the table by invoke, cold", table(), 8, 0, |_| false));
}

#[test]
fn the_tables_python_part_holds_in_a_component() {
    component::by_component(WARM, &python_part());
}

#[test]
fn the_tables_python_part_holds_on_3_11_over_the_socket() {
    run::over_the_socket(OLD, &part("the table on 3.11", python_part(), 2, 1, |_| false));
    run::over_the_socket(OLD_COLD, &part("the table on 3.11, cold", python_part(), 6, 1, |_| false));
}

#[test]
fn the_tables_python_part_holds_on_3_11_by_invoke() {
    run::by_invoke(OLD, &part("the table by invoke, on 3.11", python_part(), 4, 2, |_| false));
}

#[cfg(unix)]
#[test]
fn the_table_holds_behind_lighttpd() {
    web_servers::behind(crate::support::web_server::Kind::Lighttpd, table());
}

#[cfg(unix)]
#[test]
fn the_table_holds_behind_apache() {
    web_servers::behind(crate::support::web_server::Kind::Apache, table());
}

/// The rows that a Python script answers.
fn python_part() -> Vec<Case> {
    table().into_iter().filter(Case::is_python).collect()
}

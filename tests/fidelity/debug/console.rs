//! Questions that a page asks of a run that stands still.

use pywagi::guest::{Debugger, Stand};
use serde_json::{Value, json};

use super::{Recorded, failing};
use crate::interpreter::{self, VERSIONS};

const MARK: &str = "\u{1e}mark";

/// The answers to these questions, the first of which is not asked for: where the run stands.
fn answers(recorded: &Recorded, stand: Stand, questions: &[Value]) -> Vec<Value> {
    let typed: String = questions.iter().map(|question| format!("{question}\n")).collect();
    let (session, shown) = recorded.debug(&Debugger::Console { stand, mark: MARK.to_owned() }, &typed);
    assert!(session.is_ended_early && session.output.deviation.is_none(), "{shown} {:?}", session.output);
    let lines = shown.lines().filter_map(|line| line.strip_prefix(MARK));
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn evaluate(frame: usize, text: &str) -> Value {
    json!({ "do": "evaluate", "frame": frame, "text": text })
}

#[test]
fn what_is_asked_is_evaluated_in_the_frame_that_is_asked_of() {
    interpreter::with_stack(|| {
        for version in interpreter::all() {
            let recorded = failing(version);
            let questions = [
                evaluate(1, "item, s"),
                evaluate(0, "now > 1_600_000_000"),
                evaluate(1, "for n in range(2):\n    print(n, s)"),
                evaluate(1, "mine = [s + n for n in range(3)]"),
                evaluate(1, "sum(mine)"),
                evaluate(3, "item['price']"),
                evaluate(1, "price_of({'price': 9})"),
                evaluate(1, "1 +"),
                evaluate(0, "open('/code/main.py').readline()"),
                evaluate(0, "open('/code/main.py', 'a')"),
                evaluate(0, "raise SystemExit(3)"),
                evaluate(9, "1"),
                json!({ "do": "complete", "frame": 1, "text": "it" }),
                json!({ "do": "complete", "frame": 1, "text": "item.item" }),
                json!({ "do": "complete", "frame": 1, "text": "f(1).x" }),
            ];
            let answers = answers(&recorded, Stand::End, &questions);
            let told = answers[0]["told"].as_array().expect("lines");
            assert!(
                told[0].as_str().is_some_and(|line| line.starts_with("exception\t\t\tKeyError\t'price'")),
                "{told:?}"
            );
            assert!(answers[0]["count"].as_u64().is_some_and(|count| count > 15), "{version:?}: {}", answers[0]);
            let outputs: Vec<_> = answers[1..13].iter().map(|each| each["output"].as_str().unwrap_or("?")).collect();
            let expected = [
                "({'cost': 5}, 3)\n",
                "True\n",
                "0 3\n1 3\n",
                "",
                "12\n",
                "",
                "9\n",
                "",
                "'import json, sys, time, uuid\\n'\n",
                "",
                "",
                "",
            ];
            assert_eq!(outputs, expected, "{version:?}");
            let error = |i: usize| answers[i]["error"].as_str().unwrap_or_default().to_owned();
            assert_eq!(error(6), "  File \"<prompt>\", line 1, in <module>\nKeyError: 'price'\n", "{version:?}");
            assert!(error(8).ends_with("SyntaxError: invalid syntax (<prompt>, line 1)\n"), "{}", error(8));
            assert!(
                error(10).contains("[Errno 69] Read-only file system") || error(10).contains("[Errno"),
                "{}",
                error(10)
            );
            assert!(error(11).ends_with("SystemExit: 3\n"), "{}", error(11));
            assert_eq!(answers[13], json!({ "names": ["item", "items", "iter"] }), "{version:?}");
            assert_eq!(answers[14], json!({ "names": ["item.items"] }), "{version:?}");
            assert_eq!(answers[15], json!({ "names": [] }), "{version:?}");
        }
    });
}

#[test]
fn the_run_stands_before_any_line_with_the_variables_as_they_were() {
    interpreter::with_stack(|| {
        for version in interpreter::all() {
            let recorded = failing(version);
            let place = |line| {
                let answers = answers(&recorded, Stand::Step(line), &[evaluate(1, "s")]);
                let told: Vec<_> = answers[0]["told"].as_array().expect("lines").iter().map(Value::to_string).collect();
                let frames: Vec<_> = told.iter().filter_map(|line| line.strip_prefix("\"frame\\t")).collect();
                let last = frames.last().expect("a frame").split("\\t").take(2).collect::<Vec<_>>().join(":");
                (last, answers[1]["output"].as_str().unwrap_or_default().to_owned())
            };
            let count = answers(&recorded, Stand::End, &[])[0]["count"].as_u64().expect("a number");
            let lines: Vec<_> = (count - 9..count).map(place).collect();
            assert_eq!(
                lines.last().map(|(place, _)| place.as_str()),
                Some("/code/main.py:15"),
                "{version:?}: {lines:?}"
            );
            let of = |file: &str, s: &str| (file.to_owned(), s.to_owned());
            assert!(lines.contains(&of("/code/main.py:7", "0\n")), "{version:?}: {lines:?}");
            assert!(lines.contains(&of("/code/main.py:6", "3\n")), "{version:?}: {lines:?}");
            assert!(lines.contains(&of("/code/items.py:5", "3\n")), "{version:?}: {lines:?}");
        }
    });
}

#[test]
fn the_run_stands_before_a_line_of_a_file_as_often_as_it_is_run() {
    interpreter::with_stack(|| {
        for version in interpreter::all() {
            let recorded = failing(version);
            let at = |file: &str, line, time| {
                let stand = Stand::Line { file: file.to_owned(), line, time };
                let answers = answers(&recorded, stand, &[evaluate(1, "s, item")]);
                (answers[0]["reached"] == true, answers[1]["output"].as_str().unwrap_or_default().to_owned())
            };
            let (first, second) = ("(0, {'price': 3})\n", "(3, {'cost': 5})\n");
            for (file, line, time, expected) in [
                ("/code/main.py", 7, 1, (true, first)),
                ("main.py", 7, 2, (true, second)),
                ("code/items.py", 8, 2, (true, second)),
                // It was never run, not so often, or is of no such file: the run stands at its exception.
                ("main.py", 8, 1, (false, second)),
                ("main.py", 7, 3, (false, second)),
                ("ain.py", 7, 1, (false, second)),
            ] {
                let (is_reached, output) = at(file, line, time);
                assert_eq!((is_reached, output.as_str()), expected, "{version:?}: {file}:{line} {time}");
            }
        }
    });
}

#[test]
fn a_run_that_no_exception_ends_stands_at_the_end_of_the_users_code() {
    interpreter::with_stack(|| {
        for version in interpreter::all() {
            let code = "def f(n):\n    return n + 1\n\nlast = [f(n) for n in range(3)]\nprint(last)\n";
            let recorded = Recorded::of(version, &[("main.py", code)], |_| ());
            for (stand, reached) in [(Stand::End, true), (Stand::Step(999), false)] {
                let answers = answers(&recorded, stand, &[evaluate(0, "last")]);
                assert_eq!(answers[1], json!({ "output": "[1, 2, 3]\n" }), "{version:?}");
                assert_eq!(answers[0]["told"][1], "frame\t/code/main.py\t5\t\t\t\t<module>\t1", "{version:?}");
                assert_eq!(answers[0]["reached"], reached, "{version:?}");
            }
        }
    });
}

#[test]
fn what_takes_too_long_is_stopped() {
    interpreter::with_stack(|| {
        let recorded = failing(VERSIONS[0]);
        let typed = format!("{}\n", evaluate(0, "while True: pass"));
        let terminal = super::Typed { time: Some(std::time::Duration::from_millis(200)), ..super::Typed::new(&typed) };
        let debugger = Debugger::Console { stand: Stand::End, mark: MARK.to_owned() };
        let mut input = recorded.input.clone();
        input.limits.time = std::time::Duration::from_secs(1);
        let session =
            pywagi::guest::debug(&recorded.program, &input, &recorded.recording, &debugger, Box::new(terminal));
        let session = session.expect("a session");
        assert!(matches!(session.output.exit, pywagi::guest::Exit::TimedOut(_)), "{:?}", session.output);
    });
}

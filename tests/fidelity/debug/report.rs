//! What is told of the exception that ends a run: by the run itself, and with the variables when it is replayed.

use pywagi::guest::{self, Link, Raised, RaisedFrame};

use super::{Recorded, failing};
use crate::interpreter::{self, VERSIONS, Version};

fn raised(recorded: &Recorded) -> Raised {
    recorded.output.raised.clone().unwrap_or_else(|| panic!("nothing was told: {:?}", recorded.output))
}

fn described(recorded: &Recorded) -> Raised {
    guest::describe(&recorded.program, &recorded.input, &recorded.recording).unwrap_or_else(|why| panic!("{why}"))
}

fn of(version: Version, code: &str) -> Recorded {
    Recorded::of(version, &[("main.py", code)], |_| ())
}

/// The name and the value of the variables, one a line.
fn variables(frame: &RaisedFrame) -> String {
    frame.variables.iter().map(|each| format!("{} = {}\n", each.name, each.value)).collect()
}

#[test]
fn frames_are_told_with_what_they_execute_and_their_variables() {
    interpreter::with_stack(|| {
        for version in interpreter::all() {
            let recorded = failing(version);
            let raised = raised(&recorded);
            let error = &raised.exceptions[0];
            assert_eq!((error.class.as_str(), error.message.as_deref()), ("KeyError", Some("'price'")), "{version:?}");
            let places: Vec<_> =
                error.frames.iter().map(|frame| (&*frame.file, frame.line, &*frame.function)).collect();
            let expected = [
                ("/code/main.py", 13, "<module>"),
                ("/code/main.py", 7, "total"),
                ("/code/items.py", 8, "price_of"),
                ("/code/items.py", 5, "__init__"),
            ];
            assert_eq!(places, expected, "{version:?}");
            // `item['price']`
            assert_eq!(error.frames[3].columns, Some((22, 35)), "{version:?}");
            let described = described(&recorded);
            let mut without = described.clone();
            without.exceptions[0].frames.iter_mut().for_each(|frame| frame.variables.clear());
            assert_eq!(without, raised, "{version:?}");
            let frames = &described.exceptions[0].frames;
            assert_eq!(variables(&frames[1]), "items = [{'price': 3}, {'cost': 5}]\ns = 3\nitem = {'cost': 5}\n");
            let of_module = variables(&frames[0]);
            assert!(of_module.starts_with("now = ") && of_module.contains("\nname = UUID('"), "{of_module}");
            assert!(!of_module.contains("json"), "{of_module}");
        }
    });
}

#[test]
fn what_belongs_to_an_exception_is_told() {
    const CODE: &str = "\
def deep(n):
    return deep(n + 1)
try:
    try:
        deep(0)
    except RecursionError as error:
        raise ValueError('a\\tb\\nc') from error
except ValueError as error:
    error.add_note('see the manual')
    raise ExceptionGroup('both', [error, TypeError(1)])
";
    interpreter::with_stack(|| {
        for version in interpreter::all() {
            let recorded = of(version, CODE);
            for raised in [raised(&recorded), described(&recorded)] {
                let told: Vec<_> = raised
                    .exceptions
                    .iter()
                    .map(|each| (each.belongs, each.class.as_str(), each.message.as_deref().unwrap_or_default()))
                    .collect();
                let depth = "maximum recursion depth exceeded";
                let expected = [
                    (None, "ExceptionGroup", "both (2 sub-exceptions)"),
                    (Some((0, Link::Member)), "ValueError", "a\tb\nc"),
                    (Some((0, Link::Member)), "TypeError", "1"),
                    (Some((1, Link::Cause)), "RecursionError", depth),
                ];
                assert_eq!(told, expected, "{version:?}");
                assert_eq!(raised.exceptions[1].notes, ["see the manual"], "{version:?}");
                let frames = &raised.exceptions[3].frames;
                assert!(frames.len() == 2 && frames[1].repeats > 500, "{version:?}: {frames:?}");
            }
        }
    });
}

#[test]
fn no_code_of_the_run_is_called_to_tell_of_it() {
    const CODE: &str = "\
import sys
class Loud(Exception):
    def __str__(self):
        print('asked')
        return 'loud'
    def __getattribute__(self, name):
        print('asked for', name)
        return super().__getattribute__(name)
class Text:
    def __repr__(self):
        return 'shown'
sys.excepthook = lambda *_: print('hook')
token, text = 'abc', Text()
places = {'password': 1, 'name': [text]}
if len(sys.argv) > 1:
    raise ValueError(text)
raise Loud()
";
    interpreter::with_stack(|| {
        // The function of a reactor that reports exceptions is Python, and asks for the traceback.
        for version in interpreter::all().filter(|version| !version.is_isolated()) {
            let recorded = of(version, CODE);
            assert_eq!(String::from_utf8_lossy(&recorded.output.stdout), "hook\n", "{version:?}");
            let told = raised(&recorded).exceptions[0].clone();
            assert_eq!((told.class.as_str(), told.message), ("Loud", None), "{version:?}");
            let described = described(&recorded).exceptions[0].clone();
            assert_eq!(described.message.as_deref(), Some("loud"), "{version:?}");
            assert_eq!(
                variables(&described.frames[0]),
                "token = '********'\ntext = shown\nplaces = {'password': '********', 'name': [shown]}\n"
            );
        }
    });
}

#[test]
fn a_place_of_a_syntax_error_and_what_cannot_be_shown_is_told() {
    interpreter::with_stack(|| {
        for version in interpreter::all() {
            let recorded = of(version, "compile('x = (1,\\ny z\\n', '/code/other.py', 'exec')\n");
            let place = raised(&recorded).exceptions[0].syntax.clone().expect("a place");
            assert_eq!((place.file.as_deref(), place.line), (Some("/code/other.py"), Some(1)), "{version:?}");
            assert_eq!((place.column, place.text.as_deref()), (Some(5), Some("x = (1,")), "{version:?}");

            let recorded = of(
                version,
                "class Bad:\n    def __repr__(self):\n        1 / 0\nbad, long = Bad(), 'x' * 9999\n{}[1]\n",
            );
            let described = described(&recorded);
            let shown = variables(&described.exceptions[0].frames[0]);
            assert!(shown.starts_with("bad = <Bad instance at 0x") && shown.contains("\nlong = 'xxx"), "{shown}");
            assert!(shown.len() < 1000 && shown.contains("..."), "{shown}");

            // Not at all enough calls for that.
            let short = of(version, "import sys\ndef f(): f()\nsys.setrecursionlimit(8)\nf()\n");
            assert_eq!(raised(&short).exceptions[0].class, "RecursionError", "{version:?}");

            // The limit is the host's, and waited for once.
            if version.0 != VERSIONS[0].0 {
                continue;
            }
            let endless =
                of(version, "class Bad:\n    def __repr__(self):\n        while True: pass\nbad = Bad()\n{}[1]\n");
            let described = guest::describe(&endless.program, &endless.input, &endless.recording);
            assert_eq!(described, Err("to show them took longer than 5s".to_owned()), "{version:?}");
        }
    });
}

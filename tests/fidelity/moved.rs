//! What is found where random bytes decided how much memory is used, so that everything lies elsewhere.

use pywagi::guest::{self, Proof};

use crate::interpreter::Version;
use crate::requests::{App, on_every_version};

/// Gives up memory of a random size, which is filled by what follows.
const STEER: &str = "
import array, collections, decimal, enum, io, itertools, os, re, time, uuid


class After:
    pass


PARTS = [[0] * (200 - i) for i in range(ord(os.urandom(1)) % 100)]
del PARTS
NODES = {i: After() for i in range(50)}
";

fn proof(version: Version, source: &str) -> Proof {
    let app = App::new(version, &[("planted.py", &format!("{STEER}{source}"))]);
    let modules = ["planted".to_owned()];
    guest::prove(&app.program, &app.input, &modules, false).unwrap_or_else(|why| panic!("{why} on {version:?}"))
}

#[test]
fn state_that_has_no_value_is_found_by_name() {
    const SOURCE: &str = "
COUNT = itertools.count(time.time_ns() % 1000)
ARRAY = array.array('d', [time.time()])
QUEUE = collections.deque([1, 2], time.time_ns() % 1000 + 10)
ITERATOR = iter([0] * 1000)
list(itertools.islice(ITERATOR, time.time_ns() % 1000))
FILE = io.StringIO(str(time.time()))
SAME = array.array('d', [1.5])
";
    on_every_version(|version| {
        let proof = proof(version, SOURCE);
        let mut names: Vec<_> = proof.findings.iter().map(|finding| finding.name()).collect();
        names.sort();
        let expected = ["ARRAY", "COUNT", "FILE", "ITERATOR", "QUEUE"].map(|name| format!("planted.{name}"));
        assert_eq!(names, expected, "on {version:?}: {proof:?}");
    });
}

#[test]
fn where_nothing_is_kept_nothing_is_found() {
    const SOURCE: &str = "
import json, logging

LINES = collections.deque(range(200)), collections.OrderedDict(a=1), collections.Counter('abc')
NUMBERS = array.array('d', [1.5] * 20), decimal.Decimal('1.5'), iter([1, 2]), itertools.count(5), itertools.cycle('ab')
FILES = io.BytesIO(b'x' * 99), io.StringIO('abc'), memoryview(b'abcd')[1:], re.compile('a|b(x)')
TYPES = {After: 1, json: 2, str: 3}, {After, logging, 5}, frozenset([After, After()])
LATER = uuid.uuid1()


class Color(enum.StrEnum):
    RED = 'red'
    GREEN = 'a green with a longer name'


class Text(str):
    def __new__(cls, text):
        made = super().__new__(cls, text)
        made.kept = [text]
        return made


DERIVED = Text('derived'), Text('x' * 200), Text('€'), int.__new__(type('Number', (int,), {}), 5)
";
    on_every_version(|version| {
        let proof = proof(version, SOURCE);
        assert_eq!(proof.findings, [], "on {version:?}");
        assert_eq!(proof.refreshed, ["planted.LATER"], "on {version:?}");
    });
}

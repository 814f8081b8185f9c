//! What a saved interpreter would hold of the moment when it was saved, found by proof.

use pywagi::guest::{self, Finding, FindingKind, Proof, Source, Start};

use crate::interpreter::{self, Version};
use crate::requests::{App, on_every_version};

/// Proves an interpreter that has loaded `modules` of an app of these files.
fn proof(version: Version, files: &[(&str, &str)], modules: &[&str]) -> Proof {
    full_proof(version, files, modules, false)
}

/// As [`proof`]; with `full`, as `image check --full`.
fn full_proof(version: Version, files: &[(&str, &str)], modules: &[&str], full: bool) -> Proof {
    let app = App::new(version, files);
    let modules: Vec<_> = modules.iter().map(|&module| module.to_owned()).collect();
    guest::prove(&app.program, &app.input, &modules, full).unwrap_or_else(|why| panic!("{modules:?}: {why}"))
}

/// Proves an interpreter that has loaded one module, `planted`.
fn planted(version: Version, source: &str) -> Proof {
    proof(version, &[("planted.py", source)], &["planted"])
}

/// What was found: module and attribute, and the lines.
fn found(proof: &Proof) -> Vec<(String, Vec<&str>)> {
    let name = |finding: &Finding| format!("{}.{}", finding.module, finding.attribute);
    let places = |finding: &'_ Finding| -> Vec<String> { finding.places.clone() };
    let named = proof.findings.iter().map(|finding| (name(finding), places(finding)));
    named.map(|(name, places)| (name, places.into_iter().map(|place| &*place.leak()).collect())).collect()
}

#[test]
fn what_a_module_keeps_of_the_time_or_of_random_bytes_is_found_with_its_line() {
    const MODULES: &[(&str, &str, &str, u32)] = &[
        ("kept_start", "import time\nSTART = time.time() + 0\n", "START", 2),
        ("kept_token", "import secrets\n\nTOKEN = secrets.token_hex()\n", "TOKEN", 3),
        ("kept_rng", "import random, time\nRNG = random.Random(time.time())\n", "RNG", 2),
        ("kept_identity", "import uuid\nID = [uuid.uuid4()]\n", "ID[0].int", 2),
        ("kept_now", "from datetime import datetime\nNOW = ALSO = datetime.now()\n", "NOW", 2),
        (
            "kept_moment",
            "import datetime\n\n\nclass Moment(datetime.datetime):\n    def __repr__(self):\n        1 / 0\n\n\n\
             AT = Moment.now(datetime.timezone.utc)\n",
            "AT",
            9,
        ),
        ("kept_date", "import datetime\nYEAR = datetime.date.today().year\n", "YEAR", 2),
        (
            "kept_formatter",
            "import logging, time\n\n\nclass Formatter(logging.Formatter):\n    def __init__(self):\n        \
             super().__init__()\n        self.started = time.time_ns()\n\n\nFORMATTER = Formatter()\n",
            "FORMATTER.started",
            7,
        ),
        (
            "kept_cached",
            "import functools, time\n\n\n@functools.lru_cache(maxsize=None)\ndef boot(kind):\n    return time.time()\n\n\n\
             boot('wall')\n",
            "boot<1>['wall']",
            6,
        ),
        ("kept_default", "import time\ndef since(start=time.monotonic_ns()):\n    pass\n", "since.__defaults__[0]", 2),
        (
            "kept_closure",
            "import os\ndef make():\n    key = os.urandom(8)\n    return lambda: key\nsign = make()\n",
            "sign<key>",
            3,
        ),
        ("kept_in_class", "import time\nclass Config:\n    made = time.time_ns() // 9\n", "Config.made", 3),
        ("kept_slots", "import time\nclass A:\n    __slots__ = 'at',\na = A()\na.at = time.time()\n", "a.at", 5),
        ("kept_deep", "import time\nTABLE = {'a': [0, {'b': (1, time.time())}]}\n", "TABLE['a'][1]['b'][1]", 2),
        ("kept_key", "import os\nTABLE = {os.urandom(4): 1}\n", "TABLE", 2),
        // Which the C code of `itertools` keeps, without an object.
        ("kept_counter", "import itertools, time\nIDS = itertools.count(time.time_ns() % 1000)\n", "IDS", 2),
    ];
    on_every_version(|version| {
        let files: Vec<_> = MODULES.iter().map(|(name, source, ..)| (format!("{name}.py"), *source)).collect();
        let files: Vec<_> = files.iter().map(|(name, source)| (name.as_str(), *source)).collect();
        let names: Vec<_> = MODULES.iter().map(|(name, ..)| *name).collect();
        let proof = proof(version, &files, &names);
        let expected = |(name, _, attribute, line): &(&str, &str, &str, u32)| {
            (format!("{name}.{attribute}"), vec![&*format!("/code/{name}.py:{line}").leak()])
        };
        let mut expected: Vec<_> = MODULES.iter().map(expected).collect();
        let mut found = found(&proof);
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "on {version:?}");
    });
}

#[test]
fn both_values_of_what_differs_are_told() {
    on_every_version(|version| {
        let proof = planted(version, "import time\nDAYS = int(time.time()) // 86400\nLATE = DAYS > 24000\n");
        let values = |a: &str, b: &str| FindingKind::Value([a.to_owned(), b.to_owned()]);
        let kinds: Vec<_> = proof.findings.iter().map(|finding| &finding.kind).collect();
        assert_eq!(kinds, [&values("23148", "24305"), &values("False", "True")]);
    });
}

#[test]
fn a_temporary_name_that_a_module_keeps_and_where_names_come_from_are_found() {
    const MODULES: &[(&str, &str)] = &[
        ("name.py", "import tempfile\nNAME = tempfile.mktemp(dir='/data')\n"),
        ("names.py", "import tempfile\nNAMES = tempfile._get_candidate_names()\nnext(NAMES)\n"),
        ("unused.py", "import tempfile\nNAMES = tempfile._get_candidate_names()\n"),
        ("directory.py", "import tempfile\nNAME = tempfile.mkdtemp(dir='/data')\n"),
    ];
    on_every_version(|version| {
        let proof = proof(version, MODULES, &["directory", "name", "names", "unused"]);
        let reasons: Vec<_> = proof.findings.iter().map(|finding| (&*finding.module, finding.reason())).collect();
        let [("directory", made), ("name", name), ("names", names)] = &reasons[..] else {
            panic!("{reasons:?} on {version:?}")
        };
        assert!(made.starts_with("directory changes the file tmp"), "{made} on {version:?}");
        assert!(made.ends_with(" while it is loaded (/code/directory.py:2)"), "{made} on {version:?}");
        let drawn = "it uses its generator of random numbers <Random> while it is loaded";
        assert_eq!([name, names], [drawn; 2], "on {version:?}");
        assert_eq!(proof.others, ["unused"], "on {version:?}");
    });
}

#[test]
fn both_values_of_what_is_of_a_derived_class_are_told() {
    const SOURCE: &str = "
import time


class Text(str):
    pass


class Number(int):
    pass


class Bytes(bytes):
    pass


TEXT = Text(int(time.time()) // 86400)
NUMBER = Number(int(time.time()) // 86400)
BYTES = Bytes(b'%d' % (int(time.time()) // 86400))
SAME = Text('same'), Number(5), Bytes(b'same')
";
    on_every_version(|version| {
        let proof = planted(version, SOURCE);
        let mut values: Vec<_> = proof.findings.iter().map(value_of).collect();
        values.sort();
        let expected = ["BYTES: b'23148' | b'24305'", "NUMBER: 23148 | 24305", "TEXT: '23148' | '24305'"];
        assert_eq!(values, expected, "on {version:?}: {proof:?}");
    });
}

#[test]
fn a_look_of_which_nothing_is_left_is_noted() {
    on_every_version(|version| {
        let proof = planted(version, "import os, time\nEXPIRED = time.time() > 1.9e9\nLUCKY = os.urandom(1) < b''\n");
        assert_eq!(found(&proof), [], "on {version:?}");
        let quiet: Vec<_> = proof.quiet.iter().map(|look| (look.place.as_str(), look.source)).collect();
        assert_eq!(quiet, [("/code/planted.py:2", Source::Clock), ("/code/planted.py:3", Source::Entropy)]);
    });
}

#[test]
fn memory_that_was_given_up_is_no_finding() {
    on_every_version(|version| {
        // Floats, texts of floats, large integers, lists and byte strings that were used and are free again.
        let source = "import os, time, uuid\nA = len(str(time.time())) > 3\n\
                      for i in range(50):\n    B = bool(uuid.uuid4().hex + '%f' % time.time())\n\
                      C = bool([time.time() for i in range(300)])\nD = bool(os.urandom(5000))\n\
                      E = bool({os.urandom(4): float(str(time.time())) for i in range(99)})\n\
                      F = bool(int.from_bytes(os.urandom(500), 'little') ** 3)\n";
        let proof = planted(version, source);
        assert_eq!(found(&proof), [], "on {version:?}");
        assert_eq!(proof.quiet.len(), 8, "on {version:?}: {:?}", proof.quiet);
    });
}

#[test]
fn variables_that_are_read_while_modules_are_loaded_are_noted_with_their_line() {
    on_every_version(|version| {
        let source =
            "import os\nDEBUG = os.environ.get('DEBUG')\nSECRET = os.getenv('SECRET', 'dev')\nALL = dict(os.environ)\n";
        let proof = planted(version, source);
        assert_eq!(found(&proof), [], "on {version:?}");
        let reads: Vec<_> = proof.reads.iter().map(|read| (read.variable.as_deref(), read.line)).collect();
        let own: Vec<_> =
            reads.iter().filter(|(name, _)| !name.is_some_and(|name| name.starts_with("PYTHON"))).collect();
        assert_eq!(own, [&(Some("DEBUG"), 2), &(Some("SECRET"), 3), &(None, 4)], "on {version:?}");
        assert!(proof.reads.iter().all(|read| read.module == "planted" && read.file == "/code/planted.py"));
    });
}

#[test]
fn what_depends_on_variables_and_on_the_seed_of_hashes_is_noted_by_name() {
    on_every_version(|version| {
        let source = "import os\nDEBUG = bool(os.environ.get('DEBUG'))\nSECRET = os.getenv('SECRET') or 'dev'\n\
                      PORT = int(os.environ.get('PORT', '8000')) * 0\n\
                      NAMES = list({'alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta'})\n\
                      SORTED = sorted(set(NAMES))\nSET = set(NAMES)\n";
        let proof = full_proof(version, &[("planted.py", source)], &["planted"], true);
        assert_eq!(found(&proof), [], "on {version:?}");
        let of_variables: Vec<_> = proof.of_variables.iter().map(value_of).collect();
        assert_eq!(of_variables, ["DEBUG: False | True", "SECRET: 'dev' | '1'"], "on {version:?}");
        let of_hashes: Vec<_> = proof.of_hashes.iter().map(value_of).collect();
        assert_eq!(of_hashes.len(), 1, "on {version:?}: {of_hashes:?}");
        assert!(of_hashes[0].starts_with("NAMES["), "on {version:?}: {of_hashes:?}");
    });
}

#[test]
fn what_a_module_changes_in_the_standard_library_is_noted() {
    on_every_version(|version| {
        let source = "import json, logging, sys\nsys.path.append('/added')\nlogging.basicConfig(level=logging.DEBUG)\n\
                      json.JSONEncoder.default = lambda self, value: str(value)\nsys.mine = 5\n";
        let proof = full_proof(version, &[("planted.py", source)], &["planted"], true);
        assert_eq!(found(&proof), [], "on {version:?}");
        let mut effects: Vec<_> = proof.effects.iter().map(|effect| (value_of(effect), effect.more)).collect();
        effects.sort();
        assert_eq!(effects.len(), 4, "on {version:?}: {effects:?}");
        assert!(effects[0].0.starts_with("encoder.JSONEncoder.default: ") || effects[0].0.starts_with("JSONEncoder"));
        assert!(effects[0].0.ends_with("json/encoder.py:161 | /code/planted.py:4"), "on {version:?}: {effects:?}");
        let rest: Vec<_> = effects[1..].iter().map(|(text, more)| (text.as_str(), *more)).collect();
        let path = [("path: 4 items | 5 items", 0), ("path: 3 items | 4 items", 0)];
        assert_eq!((rest[0], rest[2]), (("mine: nothing | 5", 0), ("root.level: 30 | 10", 1)), "on {version:?}");
        assert!(path.contains(&rest[1]), "on {version:?}: {effects:?}");
    });
}

/// The attribute and the two values of what differs.
fn value_of(finding: &Finding) -> String {
    match &finding.kind {
        FindingKind::Value([ours, theirs]) => format!("{}: {ours} | {theirs}", finding.attribute),
        other => panic!("{other:?}"),
    }
}

#[test]
fn entropy_that_decides_how_much_memory_is_used_is_found_by_values() {
    on_every_version(|version| {
        let source = "import random\nDATA = [str(i) * 3 for i in range(random.randrange(500))]\n\n\nclass After:\n    pass\n\n\n\
                      TABLE = {i: After() for i in range(50)}\n";
        let proof = planted(version, source);
        assert_eq!(found(&proof), [("planted.DATA".to_owned(), vec!["/code/planted.py:1"])], "on {version:?}");
    });
}

#[test]
fn a_module_that_leaves_a_file_open_or_changes_one_is_refused_with_its_line() {
    on_every_version(|version| {
        for (source, what, line) in [
            ("\nLOG = open('/data/app.log', 'a')\nLOG.write('started')\n", "changes the file app.log", 2),
            ("FILE = open('/code/planted.py')\n", "leaves the file planted.py open", 1),
            ("import os\n\nos.mkdir('/data/made')\n", "changes the file made", 3),
        ] {
            let files = [("planted.py", source), ("clean.py", "VALUE = 1\n")];
            let proof = proof(version, &files, &["clean", "planted"]);
            let place = format!("/code/planted.py:{line}");
            let finding = proof.findings.first().unwrap_or_else(|| panic!("{source} on {version:?}"));
            assert_eq!((finding.module.as_str(), &finding.kind), ("planted", &FindingKind::File(what.to_owned())));
            assert_eq!(finding.places, [place], "{source} on {version:?}");
            assert_eq!((proof.findings.len(), proof.others), (1, vec!["clean".to_owned()]));
        }
    });
}

#[test]
fn a_module_that_cannot_be_loaded_is_left_out_with_the_reason() {
    on_every_version(|version| {
        let files = [
            ("clean.py", "VALUE = 1\n"),
            ("broken.py", "import clean\n1 / 0\n"),
            ("strange.py", "class E(Exception):\n    def __str__(self):\n        raise self\n\n\nraise E\n"),
        ];
        let proof = proof(version, &files, &["broken", "clean", "missing", "strange"]);
        let found: Vec<_> = proof.findings.iter().map(|finding| (finding.module.as_str(), &finding.kind)).collect();
        let why = |why: &str| FindingKind::NotLoaded(why.to_owned());
        let broken = why("ZeroDivisionError: division by zero (/code/broken.py:2)");
        let strange = why("E (/code/strange.py:6)");
        let missing = why("ModuleNotFoundError: No module named 'missing'");
        assert_eq!(found, [("broken", &broken), ("missing", &missing), ("strange", &strange)], "on {version:?}");
        assert_eq!(proof.others, ["clean"]);
    });
}

#[test]
fn naming_runs_no_code_of_the_objects() {
    const HOSTILE: &str = "
import collections, posix, sys, time, types


def ran(*_, **__):
    frame = sys._getframe()
    while frame.f_back:
        frame = frame.f_back
    if 'walk' in frame.f_globals or 'of_library' in frame.f_globals:
        # While it is named, and not while it is loaded. An exception could be held back.
        posix._exit(7)
    return 'before'


class Meta(type):
    __instancecheck__ = __subclasscheck__ = __eq__ = __repr__ = __getattribute__ = ran
    __hash__ = type.__hash__
    __name__ = __module__ = property(ran)


class Hostile(metaclass=Meta):
    __slots__ = '__weakref__', 'value', '__dict__'
    __getattribute__ = __getattr__ = __eq__ = __repr__ = __str__ = __len__ = __iter__ = __sizeof__ = __bool__ = ran
    __format__ = __reduce__ = __reduce_ex__ = __dir__ = ran
    __class__ = property(ran)

    def __hash__(self):
        return 1


class Proxy:
    __dict__ = property(ran)
    __class__ = property(ran)


class Number(int):
    __repr__ = __str__ = __int__ = __index__ = bit_length = __eq__ = __sizeof__ = ran
    __hash__ = int.__hash__


class Text(str):
    __repr__ = __str__ = __eq__ = __len__ = encode = isprintable = __sizeof__ = ran
    __hash__ = str.__hash__


class Mapping(dict):
    __iter__ = __getitem__ = items = keys = values = __len__ = __repr__ = __sizeof__ = ran


class Sequence(list):
    __iter__ = __getitem__ = __len__ = __repr__ = __sizeof__ = ran


class Tuple(tuple):
    __iter__ = __getitem__ = __len__ = __repr__ = __sizeof__ = ran


class Items(set):
    __iter__ = __contains__ = __len__ = __repr__ = __sizeof__ = ran


class Bytes(bytearray):
    __iter__ = __len__ = __repr__ = __bytes__ = __buffer__ = copy = __sizeof__ = ran


class Lazy(types.ModuleType):
    __getattribute__ = __getattr__ = __repr__ = ran


class Zone(__import__('datetime').tzinfo):
    __repr__ = utcoffset = dst = tzname = __reduce__ = ran


hostile = Hostile()
object.__setattr__(hostile, 'value', time.time())
THINGS = [
    hostile, Proxy(), Number(5), Text('text'), Mapping(a=1), Sequence([1]), Tuple((1,)), Items([1]), Bytes(b'x'),
    Zone(), {hostile: 1}, {Number(6): 2}, {Text('key'): 3}, {hostile}, collections.OrderedDict({Text('o'): 1}),
    __import__('datetime').datetime(2020, 1, 1, tzinfo=Zone()),
]
sys.modules['hostile_lazy'] = Lazy('hostile_lazy')
NOW = time.time() + 0
";
    on_every_version(|version| {
        let proof = planted(version, HOSTILE);
        let mut found = found(&proof);
        found.sort();
        let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["planted.NOW", "planted.hostile.value"], "on {version:?}: {proof:?}");
    });
}

#[test]
fn a_module_without_a_spec_is_proved_like_any_other() {
    on_every_version(|version| {
        let source = "import sys, time, types\n__spec__ = None\nmade = types.ModuleType('made')\nmade.AT = time.time()\n\
                      sys.modules['made'] = made\nSTART = time.time()\n";
        let proof = planted(version, source);
        let mut names: Vec<_> = found(&proof).into_iter().map(|(name, _)| name).collect();
        names.sort();
        assert_eq!(names, ["made.AT", "planted.START"], "on {version:?}: {proof:?}");
    });
}

/// Modules of the standard library that requests import, so that images have them.
const LIBRARY: &str = "
import json, logging, datetime, http.cookies, urllib.parse, random, uuid, secrets, tempfile, time, os, sqlite3, hashlib
import hmac, html, email.message, decimal, fractions, collections, functools, itertools, re, string, textwrap, csv
import configparser, argparse, pathlib, shutil, glob, fnmatch, zipfile, tarfile, gzip, zlib, base64, binascii, struct, io
import typing, dataclasses, enum, contextlib, asyncio, threading, queue, subprocess, traceback, inspect, ast, pprint, copy
import pickle, shelve, statistics, math, cmath, operator, heapq, bisect, calendar, locale, gettext, unicodedata, difflib
import platform, socket, selectors, http.client, http.server, urllib.request, wsgiref.handlers, wsgiref.simple_server
import xml.etree.ElementTree, xml.dom.minidom, xml.sax, mimetypes, timeit, unittest, doctest, warnings, weakref, abc, types
import concurrent.futures, zoneinfo, getpass, signal, optparse, cmd, code, pdb, bdb, linecache, tokenize, token
import importlib.metadata, importlib.resources, email.utils, smtplib, ipaddress, array, numbers, graphlib, plistlib
print('loaded')
";

#[test]
fn the_standard_library_keeps_nothing() {
    on_every_version(|version| {
        let app = App::new(version, &[("main.py", LIBRARY)]);
        assert!(app.cold().ends_with("loaded\n"), "{}", app.cold());
        app.learn();
        let details = guest::image_details(&app.program, &app.input).expect("an image").expect("it is saved");
        assert!(details.modules.len() > 150, "{details:?}");
        let proof = guest::prove(&app.program, &app.input, &[], false).expect("it can be proved");
        assert_eq!(found(&proof), [], "on {version:?}");
        assert!(proof.modules > 200 && proof.others.is_empty(), "{proof:?}");
    });
}

/// Starts requests with code of the start-up, from a file that `site` runs.
fn with_startup(version: Version, file: &str, source: &str, script: &str) -> App {
    let mut app = App::new(version, &[("main.py", script), (&format!("site/{file}"), source)]);
    app.input.environment.push(("PYTHONPATH".into(), "/code/site".into()));
    app
}

#[test]
fn start_up_code_that_keeps_something_has_each_request_start_an_interpreter() {
    on_every_version(|version| {
        let script = "import sitecustomize\nprint(sitecustomize.ID)\n";
        let app = with_startup(version, "sitecustomize.py", "import uuid\nID = uuid.uuid4()\n", script);
        let why = "its start-up makes sitecustomize.ID.int from the time or from random bytes \
                   (/code/site/sitecustomize.py:2), which requests would share";
        assert_eq!(guest::warm_up(&app.program, &app.input), Err(why.to_owned()), "on {version:?}");
        let (first, second) = (app.answer(), app.answer());
        assert_eq!([&first.0, &second.0], [&Start::Cold(why.to_owned()); 2]);
        assert_ne!(first.1, second.1);
        assert_eq!(guest::image_details(&app.program, &app.input), Err(why.to_owned()));
        // It is proved again once it has changed.
        app.write("site/sitecustomize.py", "ID = 'the same'\n");
        assert!(matches!(app.answer().0, Start::Cold(_)));
        guest::warm_up(&app.program, &app.input).expect("it keeps nothing now");
        assert_eq!(app.warm(), "the same\n");
    });
}

#[test]
fn a_line_of_a_pth_file_is_start_up_code() {
    on_every_version(|version| {
        let mut app = App::new(version, &[("main.py", "import sys\nprint(sys.token)\n")]);
        let home = app.input.environment.iter().find(|(name, _)| name == "PYTHONHOME").map(|(_, home)| home.as_str());
        let packages = format!("{}/lib/python{}/site-packages", home.unwrap_or("/usr/local"), version.0);
        let volumes = [&app.input.volumes[..], &[interpreter::volume(&packages, &app.project.path("data"))]].concat();
        app.input.volumes = volumes.into();
        app.project.write("data/kept.pth", "import os, sys; sys.token = os.urandom(4)\n");
        let why = "its start-up makes sys.token from the time or from random bytes (a line of a .pth file), which requests \
                   would share";
        assert_eq!(guest::warm_up(&app.program, &app.input), Err(why.to_owned()), "on {version:?}");
        let (first, second) = (app.answer(), app.answer());
        assert_eq!(first.0, Start::Cold(why.to_owned()));
        assert_ne!(first.1, second.1);
    });
}

#[test]
fn start_up_code_that_keeps_nothing_is_saved() {
    on_every_version(|version| {
        let source = "import random, time, uuid\nrandom.random()\nLATE = time.time() > 5\n";
        let script = "import random, sitecustomize\nprint(sitecustomize.LATE, random.random())\n";
        let app = with_startup(version, "sitecustomize.py", source, script);
        guest::warm_up(&app.program, &app.input).expect("it keeps nothing");
        let (first, second) = (app.warm(), app.warm());
        assert!(first.starts_with("True ") && first != second, "{first}{second}");
    });
}

/// What the compatibility layer has in the place of the package of this name.
const SNAPSHOT_RESTORE: &str = include_str!("../../assets/python/_pywagi_compat/stand_ins/snapshot_restore_py.py");

#[test]
fn start_up_code_that_refreshes_itself_in_a_hook_is_saved() {
    const SITE: &str = "
import os
from snapshot_restore_py import register_after_restore, register_before_snapshot

TOKEN, CALLS = os.urandom(8), []


@register_after_restore
def refresh():
    global TOKEN
    TOKEN = os.urandom(8)


register_before_snapshot(CALLS.append, 'before 1')
register_before_snapshot(CALLS.append, 'before 2')
register_after_restore(CALLS.append, 'after 1')
register_after_restore(CALLS.extend, ['after 2'])
";
    on_every_version(|version| {
        let script = "import sitecustomize\nprint(sitecustomize.TOKEN)\nprint(sitecustomize.CALLS)\n";
        let app = with_startup(version, "sitecustomize.py", SITE, script);
        app.write("site/snapshot_restore_py.py", SNAPSHOT_RESTORE);
        guest::warm_up(&app.program, &app.input).unwrap_or_else(|why| panic!("{why} on {version:?}"));
        let answers = [app.warm(), app.warm(), app.cold()];
        let lines: Vec<_> = answers.iter().map(|answer| answer.split_once('\n').expect("two lines")).collect();
        assert!(lines[0].0 != lines[1].0 && lines[1].0 != lines[2].0, "on {version:?}: {answers:?}");
        assert_eq!(lines[0].1, "['before 2', 'before 1', 'after 1', 'after 2']\n", "on {version:?}");
        assert_eq!(lines[2].1, "[]\n", "on {version:?}");
    });
}

#[test]
fn a_hook_that_fails_is_an_error_of_the_request_or_keeps_the_interpreter_from_being_saved() {
    on_every_version(|version| {
        let site = "from snapshot_restore_py import *\nregister_after_restore(lambda: 1 / 0)\n";
        let app = with_startup(version, "sitecustomize.py", site, "print('reached')\n");
        app.write("site/snapshot_restore_py.py", SNAPSHOT_RESTORE);
        guest::warm_up(&app.program, &app.input).unwrap_or_else(|why| panic!("{why} on {version:?}"));
        let answer = app.warm();
        assert!(answer.starts_with("Traceback ") && answer.ends_with("division by zero\nCode(1)"), "{answer}");
        assert!(!answer.contains("<string>") && answer.contains("/code/site/sitecustomize.py\", line 2"), "{answer}");
        app.write("site/sitecustomize.py", &site.replace("after_restore", "before_snapshot"));
        assert_eq!(app.answer().1, "reached\n");
        let why = "the guest is not a CPython that can be saved; it says: ZeroDivisionError: division by zero";
        assert_eq!(guest::warm_up(&app.program, &app.input), Err(why.to_owned()));
        assert_eq!(app.answer(), (Start::Cold(why.to_owned()), "reached\n".to_owned()));
    });
}

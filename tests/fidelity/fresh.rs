//! What modules draw while they are loaded and is drawn again in each request, or found by proof where that is not certain.

use std::collections::BTreeSet;

use pywagi::guest;

use crate::interpreter::Version;
use crate::requests::{App, on_every_version};

/// An app of modules that are loaded early, with a script that prints these expressions of them, a line for each.
fn app(version: Version, modules: &[(&str, &str)], expressions: &[&str]) -> App {
    let names: Vec<_> = modules.iter().map(|(name, _)| *name).collect();
    let prints: Vec<_> = expressions.iter().map(|expression| format!("print({expression})\n")).collect();
    let script = format!("import {}\n{}", names.join(", "), prints.concat());
    let files: Vec<_> = modules.iter().map(|(name, source)| (format!("{name}.py"), *source)).collect();
    let files = files.iter().map(|(name, source)| (name.as_str(), *source));
    let mut app = App::new(version, &files.chain([("main.py", script.as_str())]).collect::<Vec<_>>());
    let modules = names.iter().map(|&name| name.to_owned()).collect();
    app.input.early = guest::Early { modules, ..guest::Early::default() }.into();
    app
}

/// What is left out, and what is made anew, in an image of these modules.
fn parts(app: &App) -> (BTreeSet<String>, BTreeSet<String>) {
    app.learn();
    let image = guest::image_details(&app.program, &app.input).expect("an image").expect("it is saved");
    (image.left_out.into_iter().map(|left_out| left_out.name).collect(), image.refreshed.into_iter().collect())
}

#[test]
fn what_is_drawn_by_a_known_rule_is_drawn_again_in_each_request() {
    const SHOP: &str = "
import datetime as dt, random, time, uuid
from datetime import datetime, timezone
from random import Random
from uuid import uuid1

START = time.time()
NANOS: int = time.time_ns()  # a comment
TICKS = time.perf_counter()
ID = uuid.uuid4()
NODE = uuid1()
NOW, RNG = None, random.Random()
LOCAL = dt.datetime.now()
UTC = datetime.now(timezone.utc)
UTC_TOO = datetime.now(tz = timezone.utc)
POOL = [Random(), {'a': Random()}]


class Dice(Random):
    faces = 6
    made = time.time()
    id = uuid.uuid4()

    class Inner:
        ticks = time.monotonic_ns()

    def roll(self):
        return self.random()


DICE = Dice()
roll = DICE.roll
SEEDED = Random(5)


def age():
    return time.time() - START


def hidden():
    rng = Random()
    return lambda: rng.random()


draw = hidden()
";
    on_every_version(|version| {
        let differing = [
            "START NANOS ID NODE LOCAL UTC UTC_TOO Dice.made Dice.id RNG.random() POOL[0].random()",
            "POOL[1]['a'].random() roll() draw()",
        ];
        let differing = differing.iter().flat_map(|names| names.split(' ')).map(|name| format!("shop.{name}"));
        let same =
            ["0 <= shop.age() < 60", "0 <= shop.TICKS < 60", "0 <= shop.Dice.Inner.ticks < 60e9", "shop.UTC.tzinfo"];
        let more = ["type(shop.NANOS)", "shop.ID.version", "shop.NODE.version", "shop.SEEDED.random()"];
        let same = same.iter().chain(&more).map(|&text| text.to_owned());
        let expressions: Vec<_> = differing.chain(same).collect();
        let expressions: Vec<_> = expressions.iter().map(String::as_str).collect();
        let app = app(version, &[("shop", SHOP)], &expressions);
        let (left_out, refreshed) = parts(&app);
        assert_eq!(left_out, BTreeSet::new(), "on {version:?}");
        let names = "<Random> DICE Dice.Inner.ticks Dice.id Dice.made ID LOCAL NANOS NODE RNG START TICKS UTC UTC_TOO";
        let names = names.split(' ').map(|name| format!("shop.{name}"));
        assert_eq!(refreshed, names.collect(), "on {version:?}");
        let answers = [app.warm(), app.warm(), app.cold()];
        let [first, second, cold] = answers.each_ref().map(|answer| answer.lines().collect::<Vec<_>>());
        let expected = ["True", "True", "True", "UTC", "<class 'int'>", "4", "1", "0.6229016948897019"];
        for answer in [&first, &second, &cold] {
            assert_eq!((answer.len(), &answer[14..]), (22, &expected[..]), "on {version:?}");
        }
        for i in 0..14 {
            let values = [first[i], second[i], cold[i]];
            assert_eq!(BTreeSet::from(values).len(), 3, "{} on {version:?}: {values:?}", expressions[i]);
        }
    });
}

#[test]
fn what_is_uncertain_is_found_and_its_module_left_out() {
    const MODULES: &[(&str, &str)] = &[
        // A second name, and values that were made from it.
        ("alias", "import time\nSTART = time.time()\nBEGAN = START\n"),
        ("twice", "import time\nSTART = BEGAN = time.time()\n"),
        ("table", "import uuid\nID = uuid.uuid4()\nTABLE = {'id': ID}\n"),
        ("default", "import time\nSTART = time.time()\ndef since(start=START):\n    return start\n"),
        ("derived", "import uuid\nID = uuid.uuid4()\nEVEN = ID.int % 2\n"),
        ("seed", "import random\nRNG = random.Random()\nSEED = RNG.random()\n"),
        ("drawn", "import random\nRNG = random.Random()\nRNG.random()\n"),
        ("copied", "import copy, random\nRNG = random.Random()\nCOPY = copy.copy(RNG)\n"),
        ("state", "import random\nRNG = random.Random()\nSTATE = RNG.getstate()\n"),
        ("by_time", "import random, time\nRNG = random.Random(time.time())\n"),
        ("both", "import random, time\nSTART = time.time()\nRNG = random.Random(START)\n"),
        // A class that has its own idea of a seed, and the class of C, which is not seen to seed.
        (
            "own_seed",
            "import random\nclass Own(random.Random):\n    def seed(self, a=None, version=2):\n        super().seed(a)\n\
             RNG = Own()\n",
        ),
        ("of_c", "import _random\nRNG = _random.Random()\n"),
        // No known rule.
        ("token", "import secrets\nTOKEN = secrets.token_hex()\n"),
        ("deprecated", "import datetime\nNOW = datetime.datetime.utcnow()\n"),
        ("text", "import uuid\nID = str(uuid.uuid4())\n"),
        ("earlier", "import time\nSTART = time.time() - 5\n"),
        ("cut", "import time\nSTART = int(time.time())\n"),
        ("chosen", "import time\nif True:\n    START = time.time()\n"),
        ("changed", "import time\nSTART = time.time()\ndef reset():\n    global START\n    START = 0\n"),
        ("listed", "import time\nSTARTS = [time.time()]\n"),
        ("own_class", "import datetime\nclass Moment(datetime.datetime):\n    pass\nAT = Moment.now()\n"),
    ];
    on_every_version(|version| {
        let modules: Vec<_> = MODULES.iter().map(|(name, _)| (*name).to_owned()).collect();
        let app = app(version, MODULES, &[]);
        let proof = guest::prove(&app.program, &app.input, &modules, false).expect("it can be proved");
        let found: BTreeSet<_> = proof.findings.into_iter().map(|finding| finding.module).collect();
        assert_eq!(found, modules.into_iter().collect(), "on {version:?}");
    });
}

#[test]
fn a_constant_is_not_mistaken_for_what_was_drawn() {
    const FIXED: &str = "
import random, time, uuid
import later

START = time.time()
ID = uuid.uuid4()
globals()['ID'] = uuid.UUID('0a0b0c0d-0a0b-4a0b-8a0b-0a0b0c0d0e0f')
TIMED = time.time()
vars()['TIMED'] = 5.0
RNG = random.Random()
RNG.seed(5)
RESEEDED = random.Random(5)
later.again(RESEEDED)
";
    on_every_version(|version| {
        let modules = [("fixed", FIXED), ("later", "def again(rng):\n    rng.seed(7)\n")];
        let app = app(version, &modules, &["fixed.ID, fixed.TIMED, fixed.RNG.random(), fixed.RESEEDED.random()"]);
        let (left_out, refreshed) = parts(&app);
        assert_eq!((left_out, refreshed), (BTreeSet::new(), ["fixed.START".to_owned()].into()), "on {version:?}");
        assert_eq!(app.warm(), app.cold(), "on {version:?}");
    });
}

#[test]
fn who_has_what_another_module_drew_gets_the_fresh_one() {
    const MODULES: &[(&str, &str)] = &[
        ("source", "import random, uuid\nRNG = random.Random()\nID = uuid.uuid4()\n"),
        ("same", "from source import RNG\nNUMBERS = [RNG]\n"),
        // Which is the same in both interpreters half of the time.
        ("parity", "import source\nODD = source.ID.int % 2\n"),
        ("name", "from source import ID\n"),
        ("again", "import source\nsource.RNG.seed()\n"),
    ];
    on_every_version(|version| {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
        let modules: Vec<_> = MODULES.iter().map(|(name, _)| (*name).to_owned()).collect();
        let whole = app(version, MODULES, &[]);
        let proof = guest::prove(&whole.program, &whole.input, &modules, false).expect("it can be proved");
        let is_of_source = proof.findings.iter().any(|finding| finding.name() == "source.ID.int");
        assert!(is_of_source, "on {version:?}: {proof:?}");
        assert_eq!(BTreeSet::from_iter(proof.refreshed), names(&["again.<Random>", "source.RNG"]), "on {version:?}");
        let app = app(version, &[MODULES[0], MODULES[1], MODULES[4]], &["source.ID", "source.RNG.random()"]);
        let (left_out, refreshed) = parts(&app);
        assert_eq!(left_out, names(&[]), "on {version:?}");
        assert_eq!(refreshed, names(&["again.<Random>", "source.ID", "source.RNG"]), "on {version:?}");
        assert_ne!(app.warm(), app.warm());
    });
}

#[test]
fn a_module_that_seeds_the_generator_of_all_is_loaded_by_each_request() {
    on_every_version(|version| {
        let app = app(version, &[("fixed", "import random\nrandom.seed(5)\n")], &["__import__('random').random()"]);
        assert_eq!(parts(&app).0, ["fixed".to_owned()].into(), "on {version:?}");
        assert_eq!(app.warm(), "0.6229016948897019\n", "on {version:?}");
        let again =
            self::app(version, &[("again", "import random\nrandom.seed()\n")], &["__import__('random').random()"]);
        again.write("main.py", "import random\nrandom.seed(5)\nimport again\nprint(random.random())\n");
        assert_eq!(parts(&again).0, BTreeSet::new(), "on {version:?}");
        assert_ne!(again.warm(), again.warm(), "on {version:?}");
    });
}

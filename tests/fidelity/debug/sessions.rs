//! What debuggers show, and how sessions end.

use std::sync::atomic::Ordering;
use std::time::Duration;

use pywagi::guest::{self, Calls, Debugger, Input};

use super::{Recorded, TRACE, Typed, failing, from};
use crate::interpreter::{self, SCIENCE, VERSIONS};

#[test]
fn a_trace_shows_lines_with_what_they_changed() {
    interpreter::with_stack(|| {
        for version in interpreter::all() {
            let shown = failing(version).debug_all(&TRACE, "");
            assert!(shown.starts_with(STARTED), "{shown}");
            assert_eq!(from(&shown, "data = json.load"), TRACED, "{version:?}");
        }
    });
}

const STARTED: &str = "\
/code/main.py
    1  import json, sys, time, uuid
    2  from items import price_of
/code/items.py
      1  class Price:
        1  class Price:
        2  __slots__ = ('amount',)
        4  def __init__(self, item):
      7  def price_of(item):
/code/main.py
    4  def total(items):
   10  now, name = time.time(), uuid.uuid4()
         now = 1";

const TRACED: &str = "   11  data = json.load(sys.stdin)
         data = [{'price': 3}, {'cost': 5}]
   12  try:
   13  print(total(data))
         call total(items=[{'price': 3}, {'cost': 5}])
      5  s = 0
           s = 0
      6  for item in items:
           item = {'price': 3}
      7  s += price_of(item)
/code/items.py
           call price_of(item={'price': 3})
        8  return Price(item).amount
             call Price.__init__(self=<Price>, item={'price': 3})
          5  self.amount = item['price']
               self = <Price amount=3>
             return None
           return 3
           s = 3
/code/main.py
      6  for item in items:
           item = {'cost': 5}
      7  s += price_of(item)
/code/items.py
           call price_of(item={'cost': 5})
        8  return Price(item).amount
             call Price.__init__(self=<Price>, item={'cost': 5})
          5  self.amount = item['price']
             raise KeyError('price')
             Price.__init__ is left by KeyError
           price_of is left by KeyError
         total is left by KeyError
/code/main.py
   15  del data
         del data
       <module> is left by KeyError
";

#[test]
fn pdb_breaks_steps_and_looks_around() {
    interpreter::with_stack(|| {
        for version in interpreter::all() {
            let typed = "b items:8\nc\nw\np item\nu\np s, now > 1e9\nl 4,8\nc\ntbreak main:15\nb\nc\np data\nc\n";
            let shown = failing(version).debug_all(&Debugger::Pdb, typed);
            assert_eq!(shown, BREAKS, "{version:?}");
        }
    });
}

const BREAKS: &str = "\
> /code/main.py(1)<module>()
-> import json, sys, time, uuid
(Pdb) Breakpoint 1 at /code/items.py:8
(Pdb) > /code/items.py(8)price_of()
-> return Price(item).amount
(Pdb)   /code/main.py(13)<module>()
-> print(total(data))
  /code/main.py(7)total()
-> s += price_of(item)
> /code/items.py(8)price_of()
-> return Price(item).amount
(Pdb) {'price': 3}
(Pdb) > /code/main.py(7)total()
-> s += price_of(item)
(Pdb) (0, True)
(Pdb)   4  \tdef total(items):
  5  \t    s = 0
  6  \t    for item in items:
  7  ->\t        s += price_of(item)
  8  \t    return s
(Pdb) > /code/items.py(8)price_of()
-> return Price(item).amount
(Pdb) Breakpoint 2 at /code/main.py:15
(Pdb) Num Type         Disp Enb   Where
1   breakpoint   keep yes   at /code/items.py:8
\tbreakpoint already hit 2 times
2   breakpoint   del  yes   at /code/main.py:15
(Pdb) Deleted breakpoint 2 at /code/main.py:15
> /code/main.py(15)<module>()
-> del data
(Pdb) [{'price': 3}, {'cost': 5}]
(Pdb) ";

/// What waits for nothing needs no sockets, which these interpreters lack.
const TASK: &str = "\
import asyncio, weakref

class Loop(asyncio.BaseEventLoop):
    class _selector:
        select = lambda timeout: []

    def _process_events(self, events):
        pass

async def main():
    return weakref.ref(asyncio.current_task())

loop = Loop()
ended = loop.run_until_complete(main())
print(ended())
loop.close()
";

#[test]
fn the_task_of_a_run_is_shown_and_not_kept() {
    interpreter::with_stack(|| {
        // Older versions of pdb know nothing of tasks.
        for version in interpreter::all().filter(|version| ["3.14", SCIENCE.0].contains(&version.0)) {
            let recorded = Recorded::of(version, &[("main.py", TASK)], |_| {});
            assert_eq!(String::from_utf8_lossy(&recorded.output.stdout), "None\n", "{version:?}");
            let shown = recorded.debug_all(&Debugger::Pdb, "b 11\nc\np $_asynctask.done()\nc\n");
            assert!(shown.ends_with("(Pdb) False\n(Pdb) "), "{version:?}: {shown}");
        }
    });
}

#[test]
fn pdb_stops_at_exceptions_before_they_are_handled() {
    interpreter::with_stack(|| {
        for version in interpreter::all() {
            let recorded = failing(version);
            let stop = "\
KeyError: 'price'
> /code/items.py(5)__init__()
-> self.amount = item['price']
(Pdb) {'cost': 5}
(Pdb) > /code/items.py(8)price_of()
-> return Price(item).amount
(Pdb) > /code/main.py(7)total()
-> s += price_of(item)
(Pdb) 3
(Pdb) ";
            for debugger in
                [Debugger::PdbAtUncaught, Debugger::PdbAt("KeyError".into()), Debugger::PdbAt("LookupError".into())]
            {
                assert_eq!(recorded.debug_all(&debugger, "p item\nu\nu\np s\nc\n"), stop, "{version:?} {debugger:?}");
            }
            assert_eq!(recorded.debug_all(&Debugger::PdbAt("ValueError".into()), "c\n"), "");
        }
    });
}

#[test]
fn the_exception_that_ends_the_run_is_told_from_those_that_are_handled() {
    const CODE: &str = "\
import json
for text in ['[', '{}', ']', '{']:
    try:
        json.loads(text)['x']
    except ValueError as error:
        kept = error
    except KeyError:
        pass
try:
    raise kept
except ValueError as error:
    raise RuntimeError('last') from error
";
    interpreter::with_stack(|| {
        for version in interpreter::all() {
            let recorded = Recorded::of(version, &[("main.py", CODE)], |_| ());
            let shown = recorded.debug_all(&Debugger::PdbAtUncaught, "p text, type(kept)\nc\n");
            let stop = "\
RuntimeError: last
> /code/main.py(12)<module>()
-> raise RuntimeError('last') from error
(Pdb) ('{', <class 'json.decoder.JSONDecodeError'>)
(Pdb) ";
            assert_eq!(shown, stop, "{version:?}");
            let exits = Recorded::of(version, &[("main.py", "import sys\nsys.exit(3)\n")], |_| ());
            let shown = exits.debug_all(&Debugger::PdbAtUncaught, "c\n");
            let note = "note: no exception was left uncaught, so it stops at the first line; name a class to stop at one \
                        that was handled\n> /code/main.py(1)<module>()\n";
            assert!(shown.starts_with(note), "{version:?}: {shown}");
        }
    });
}

#[test]
fn quitting_ends_the_session_at_once() {
    interpreter::with_stack(|| {
        let recorded = failing(VERSIONS[0]);
        for typed in ["b 13\nc\nq\n", "b 13\nc\n", "b 13\nc\nexit\n"] {
            let (session, shown) = recorded.debug(&Debugger::Pdb, typed);
            assert!(session.is_ended_early && session.output.deviation.is_none(), "{shown}");
            assert_eq!(session.output.stdout, b"", "{shown}");
        }
        let (session, shown) = recorded.debug(&Debugger::Pdb, "run\njump 3\ndebug 1\nrestart\nq\n");
        assert!(session.is_ended_early, "{shown}");
        let refused = "(Pdb) *** this is a replay: the run takes the way that it took\n";
        assert_eq!(shown.matches(refused).count(), 4, "{shown}");
    });
}

#[test]
fn an_interrupt_stops_at_the_next_line() {
    interpreter::with_stack(|| {
        for version in interpreter::all() {
            let recorded = failing(version);
            let terminal = Typed::new("c\np 'here'\nc\n");
            let shown = terminal.clone();
            // It comes with the first line.
            terminal.is_interrupted.store(true, Ordering::Relaxed);
            let debugger = Debugger::PdbAt("ValueError".to_owned());
            let session =
                guest::debug(&recorded.program, &recorded.input, &recorded.recording, &debugger, Box::new(terminal));
            assert!(!session.expect("it runs").is_ended_early);
            let shown = shown.shown();
            assert!(shown.starts_with("--Interrupted--\n> /code/main.py(1)<module>()\n"), "{version:?}: {shown}");
        }
    });
}

#[test]
fn a_run_that_was_stopped_goes_on_after_its_last_call() {
    const CODE: &str = "import time\nnow = time.time()\nn = 0\nwhile True:\n    n += 1\n";
    interpreter::with_stack(|| {
        let limits = |input: &mut Input| input.limits.time = Duration::from_secs(1);
        let recorded = Recorded::of(VERSIONS[0], &[("main.py", CODE)], limits);
        let shown = recorded.debug_all(&Debugger::Pdb, "b 5\nc\nc\nc\np n\ncl 1\nc\n");
        assert!(shown.contains("(Pdb) 2\n"), "{shown}");
    });
}

#[test]
fn a_cold_start_has_no_debugger() {
    interpreter::with_stack(|| {
        let recorded = Recorded::of(VERSIONS[0], &[("main.py", "print(1)\n")], |_| ());
        let input = Input { cold: true, calls: Calls::Recorded, ..recorded.input.clone() };
        let recording = guest::run(&recorded.program, &input).recording.expect("it was recorded");
        let session = guest::debug(&recorded.program, &input, &recording, &Debugger::Pdb, Box::new(Typed::default()));
        let why =
            "it was a cold start, and a debugger needs a saved interpreter of CPython: send the request again, warm";
        assert_eq!(session.expect_err("it cannot be debugged"), why);
    });
}

//! Nothing that a debugger does is seen by the run.

use pywagi::guest::Debugger;

use super::{Recorded, TRACE, failing};
use crate::interpreter::{self, VERSIONS};

#[test]
fn sources_are_those_of_the_recorded_run() {
    interpreter::with_stack(|| {
        for version in interpreter::all() {
            let recorded = failing(version);
            for name in ["main.py", "items.py"] {
                std::fs::write(recorded.code.path().join(name), "# edited\n".repeat(20)).expect("written");
            }
            let shown = recorded.debug_all(&TRACE, "");
            assert!(shown.contains("  8  return Price(item).amount\n") && !shown.contains("edited"), "{shown}");
            let typed = "b items.py:8\nc\nl 1,2\nu\nll\nsource total\nc\nc\n";
            let shown = recorded.debug_all(&Debugger::Pdb, typed);
            assert!(shown.contains("  1  \tclass Price:\n") && !shown.contains("edited"), "{shown}");
            // Without its volumes, too.
            std::fs::remove_dir_all(recorded.code.path()).expect("removed");
            let again = recorded.debug_all(&Debugger::Pdb, typed);
            assert_eq!(again, shown, "{version:?}");
        }
    });
}

#[test]
fn what_is_evaluated_at_the_prompt_is_kept_apart() {
    const CODE: &str = "\
import sys
names = sorted(sys.modules)
def f(x):
    y = x + 1
    return y
print(f(1), names == sorted(sys.modules), sys.stdout is sys.__stdout__)
import late, decimal, csv, colorsys
print(late.value, hasattr(sys, 'ps1'), '_' in vars(__builtins__), '__return__' in globals())
print([name for name in sys.modules if name in ('pdb', 'bdb', 'cmd', 'late', 'decimal', 'csv', 'linecache')])
open('/data/log', 'a').write('x')
print(open('/data/log').read(), 1 / 0)
";
    interpreter::with_stack(|| {
        for version in interpreter::all() {
            let recorded = Recorded::of(version, &[("main.py", CODE), ("late.py", "value = 5\n")], |_| ());
            let typed = "b 4\nc\np __import__('late').value, __import__('colorsys')\n\
                         print('shown')\np open('/code/late.py').read()\n!open('/data/new', 'w')\n!y = 9\np y\n\
                         !import colorsys, csv\n'quoted'\n!sys.modules['other'] = sys; sys.ps1 = ''\n\
                         r\nw\nn\ns\n\ns\ns\nb 10\nc\np open('/data/log').read(), late\ndisplay late\nc\n";
            let shown = recorded.debug_all(&Debugger::Pdb, typed);
            assert!(shown.contains("(Pdb) shown\n"), "{shown}");
            assert!(shown.contains("*** PermissionError: "), "{shown}");
        }
    });
}

#[test]
fn a_trace_calls_nothing_of_the_run() {
    const CODE: &str = "\
seen = []

class Kind(type):
    def __getattribute__(cls, name):
        seen.append(name)
        return super().__getattribute__(name)

class Odd(metaclass=Kind):
    __slots__ = ('slot', '__dict__')
    def __repr__(self):
        seen.append('repr')
        raise ValueError
    __str__ = __len__ = __iter__ = __hash__ = __bool__ = __repr__
    def __eq__(self, other):
        seen.append('eq')
        raise ValueError
    def __getattribute__(self, name):
        seen.append('attribute')
        raise AttributeError(name)

class List(list):
    __iter__ = __len__ = __getitem__ = __repr__ = Odd.__repr__

class Dict(dict):
    __iter__ = items = __len__ = __getitem__ = __repr__ = Odd.__repr__

class Error(Exception):
    args = property(Odd.__repr__)
    __str__ = __repr__ = Odd.__repr__

def f(odd, items, pairs):
    other = odd
    nested = [odd, {'a': items}, pairs, (odd,), {1: odd}]
    try:
        raise Error('wrong', odd)
    except Error:
        return nested

odd = Odd()
odd.slot = 1
odd.name = 'x'
f(odd, List([odd, 2]), Dict(a=odd))
print(seen)
";
    interpreter::with_stack(|| {
        for version in interpreter::all() {
            let shown = Recorded::of(version, &[("main.py", CODE)], |_| ()).debug_all(&TRACE, "");
            let call = "call f(odd=<Odd slot=1, name='x'>, items=List([<Odd slot=1, name='x'>, 2]), \
                        pairs=Dict({'a': <Odd slot=1, name='x'>}))\n";
            assert!(shown.contains(call), "{version:?}: {shown}");
            assert!(shown.contains("raise Error('wrong', <Odd slot=1, name='x'>)\n"), "{version:?}: {shown}");
        }
    });
}

#[test]
fn objects_end_when_they_did() {
    const CODE: &str = "\
import gc, sys, weakref

class Thing:
    def __init__(self, name):
        self.name = name
    def __del__(self):
        print('end of', self.name)

def f(given):
    thing = Thing('one'); seen = weakref.ref(thing); del thing; print(seen())
    thing = Thing('two')
    thing = None; print(sys.getrefcount(given))
    for name in 'ab':
        thing = Thing(name)
    return thing, sys.getrefcount(given)

def numbers():
    try:
        kept = Thing('kept')
        yield 1
        yield 2
    finally:
        print('left')

print(f(Thing('given'))[1])
each = numbers()
print(next(each))
del each
things = [Thing('cycle %d' % i) for i in range(30)]
for thing in things:
    thing.itself = thing
del things, thing
kept = [[i] for i in range(1000)]
print(gc.get_count()[1:], gc.isenabled(), len(gc.garbage), gc.get_threshold())
try:
    raise KeyError(Thing('error'))
except KeyError as error:
    kept = error.__traceback__
";
    interpreter::with_stack(|| {
        let recorded = Recorded::of(VERSIONS[0], &[("main.py", CODE)], |_| ());
        recorded.debug_all(&TRACE, "");
        let typed = "s\nw\np locals()\n".repeat(60) + &"s\n".repeat(900);
        recorded.debug_all(&Debugger::Pdb, &typed);
    });
}

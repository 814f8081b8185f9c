//! Single keys in the terminal of `dev`. None is read where standard input is no terminal, nor while another job has it.

use crate::terminal::Terminal;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The app in the browser.
    Open,
    /// The inspector in the browser.
    Inspect,
    /// The last request once more.
    Repeat,
    /// An empty screen.
    Clear,
    /// What keys there are.
    Help,
    /// The end.
    Quit,
}

/// Each key, what it asks for, and what the help says of it.
const KEYS: [(u8, Key, &str); 6] = [
    (b'o', Key::Open, "open the app in the browser"),
    (b'i', Key::Inspect, "open the inspector: all requests of this run"),
    (b'r', Key::Repeat, "repeat the last request"),
    (b'c', Key::Clear, "clear the screen"),
    (b'h', Key::Help, "show this"),
    (b'q', Key::Quit, "quit"),
];

#[cfg(any(unix, test))]
impl Key {
    fn of(byte: u8) -> Option<Self> {
        KEYS.iter().find(|(key, ..)| *key == byte.to_ascii_lowercase()).map(|(_, key, _)| *key)
    }
}

/// Shows what keys there are.
pub fn show_help(terminal: &Terminal) {
    for (key, _, about) in KEYS {
        terminal.step(&char::from(key).to_string(), about);
    }
}

/// Empties the screen (ECMA-48, 8.3.39 and 8.3.21).
pub const CLEAR: &[u8] = b"\x1b[2J\x1b[3J\x1b[H";

#[cfg(unix)]
pub use unix::Keys;

#[cfg(unix)]
mod unix {
    use std::io::{self, IsTerminal, Read};
    use std::sync::Arc;
    use std::time::Duration;

    use parking_lot::Mutex;
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::process::getpgrp;
    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};
    use signal_hook::consts::SIGCONT;
    use signal_hook::iterator::Signals;

    use super::Key;

    /// How long to wait for the terminal while another job has it.
    const ELSEWHERE: Duration = Duration::from_millis(500);

    /// Reads keys until it is dropped, and then leaves the terminal as it was.
    #[derive(Clone)]
    pub struct Keys(Arc<Mutex<Option<Termios>>>);

    impl Keys {
        /// Has `act` called for each key. `None` where standard input is no terminal, or another job has it.
        pub fn start(act: impl Fn(Key) + Send + 'static) -> Option<Self> {
            let stdin = io::stdin();
            if !stdin.is_terminal() || !is_ours() {
                return None;
            }
            let modes = tcgetattr(&stdin).ok()?;
            let keys = Self(Arc::new(Mutex::new(Some(modes))));
            keys.apply().ok()?;
            // Whoever continues a stopped job may have set other modes.
            let mut signals = Signals::new([SIGCONT]).ok()?;
            let continued = keys.clone();
            let watch = move || {
                for _ in signals.forever() {
                    // If the terminal is gone no key comes any more.
                    let _ = continued.apply();
                }
            };
            std::thread::Builder::new().name("continued".into()).spawn(watch).ok()?;
            let reading = keys.clone();
            std::thread::Builder::new().name("keys".into()).spawn(move || reading.read(&act)).ok()?;
            Some(keys)
        }

        /// Leaves the terminal as it was.
        pub fn restore(&self) {
            if let Some(modes) = self.0.lock().take().filter(|_| is_ours()) {
                // If it is gone there is nothing to restore.
                let _ = tcsetattr(io::stdin(), OptionalActions::Now, &modes);
            }
        }

        /// Has the terminal give each key as it is pressed, and not show it. Its signals stay.
        fn apply(&self) -> rustix::io::Result<()> {
            let modes = self.0.lock();
            let Some(modes) = modes.as_ref().filter(|_| is_ours()) else { return Ok(()) };
            let mut single = modes.clone();
            single.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
            tcsetattr(io::stdin(), OptionalActions::Now, &single)
        }

        fn read(&self, act: &dyn Fn(Key)) {
            let stdin = io::stdin();
            let mut buffer = [0; 16];
            loop {
                let mut waiting = [PollFd::new(&stdin, PollFlags::IN)];
                if poll(&mut waiting, None).is_err() {
                    continue;
                }
                // What is typed is for the job that has the terminal; to read it would stop this one.
                if !is_ours() {
                    std::thread::sleep(ELSEWHERE);
                    continue;
                }
                match stdin.lock().read(&mut buffer) {
                    Ok(0) => return,
                    Ok(count) => buffer.iter().take(count).filter_map(|byte| Key::of(*byte)).for_each(act),
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => return,
                }
                if self.0.lock().is_none() {
                    return;
                }
            }
        }
    }

    impl Drop for Keys {
        fn drop(&mut self) {
            // Its clones are those of the threads.
            if Arc::strong_count(&self.0) <= 3 {
                self.restore();
            }
        }
    }

    /// Whether the terminal is this job's.
    fn is_ours() -> bool {
        tcgetpgrp(io::stdin()).is_ok_and(|group| group == getpgrp())
    }
}

/// No keys are read on this system.
#[cfg(not(unix))]
#[derive(Clone)]
pub struct Keys;

#[cfg(not(unix))]
impl Keys {
    /// Reads no keys.
    pub fn start(_: impl Fn(Key) + Send + 'static) -> Option<Self> {
        None
    }

    /// Does nothing.
    pub fn restore(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_letters_of_either_case() {
        assert_eq!(
            (Key::of(b'q'), Key::of(b'Q'), Key::of(b'x'), Key::of(3)),
            (Some(Key::Quit), Some(Key::Quit), None, None)
        );
        assert!(KEYS.iter().all(|(key, ..)| key.is_ascii_lowercase()));
    }
}

//! Waiting for sockets, which ends at the run's deadline, when the run is cancelled, and when the user interrupts it.

use std::io;
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};

use socket2::Socket;
use wasmtime::Trap;

use crate::guest::Cancellation;

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// A socket is ready, or the alarm was set off.
    Ready,
    /// The time is over.
    Elapsed,
    /// The user interrupted the run.
    Interrupted,
}

/// What a socket is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// There is something to be read, or the end.
    Read,
    /// Something can be written, or the connection is there.
    Write,
}

/// What ends the waits of a run.
pub struct Patience<'a> {
    /// When the run is stopped.
    pub deadline: Instant,
    /// Stops it before that.
    pub cancellation: &'a Cancellation,
}

impl Patience<'_> {
    /// Whether the run may go on.
    ///
    /// # Errors
    /// Fails with [`Trap::Interrupt`] where it is to be stopped.
    pub fn check(&self) -> wasmtime::Result<()> {
        let is_over = self.cancellation.is_cancelled() || self.deadline <= Instant::now();
        if is_over { Err(Trap::Interrupt.into()) } else { Ok(()) }
    }
}

/// Waits, and is woken from other threads.
pub struct Alarm {
    ring: Arc<Ring>,
}

/// Sets off an alarm.
#[cfg(unix)]
struct Ring {
    /// What is written to the second wakes whoever waits for the first.
    ends: (std::os::unix::net::UnixStream, std::os::unix::net::UnixStream),
}

#[cfg(not(unix))]
struct Ring;

impl Wake for Ring {
    fn wake(self: Arc<Self>) {
        // A pipe that is full wakes, too.
        #[cfg(unix)]
        let _ = io::Write::write(&mut &self.ends.1, &[0]);
    }
}

impl Alarm {
    /// An alarm that `cancellation` sets off.
    ///
    /// # Errors
    /// Fails where too many files are open.
    pub fn new(cancellation: &Cancellation) -> io::Result<Self> {
        #[cfg(unix)]
        let ring = {
            let ends = std::os::unix::net::UnixStream::pair()?;
            ends.0.set_nonblocking(true)?;
            ends.1.set_nonblocking(true)?;
            Arc::new(Ring { ends })
        };
        #[cfg(not(unix))]
        let ring = Arc::new(Ring);
        let alarm = Self { ring };
        cancellation.wake(alarm.waker());
        Ok(alarm)
    }

    /// What sets it off.
    pub fn waker(&self) -> Waker {
        Arc::clone(&self.ring).into()
    }

    /// Waits until one of `sockets` is ready, the alarm is set off, or it is `until`.
    ///
    /// # Errors
    /// Fails with [`Trap::Interrupt`] where the run is to be stopped.
    pub fn wait(
        &self,
        patience: &Patience<'_>,
        sockets: &[(&Socket, Interest)],
        until: Option<Instant>,
    ) -> wasmtime::Result<Woken> {
        let end = until.map_or(patience.deadline, |until| until.min(patience.deadline));
        let is_ready = self.wait_once(sockets, end.saturating_duration_since(Instant::now()));
        patience.check()?;
        if is_ready {
            return Ok(Woken::Ready);
        }
        Ok(if patience.cancellation.is_interrupted() { Woken::Interrupted } else { Woken::Elapsed })
    }

    /// Whether a socket is ready, or the alarm was set off for another reason than that the run ends.
    #[cfg(unix)]
    fn wait_once(&self, sockets: &[(&Socket, Interest)], time: Duration) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};

        let flags = |interest: &Interest| match interest {
            Interest::Read => PollFlags::IN,
            Interest::Write => PollFlags::OUT,
        };
        let bell = &self.ring.ends.0;
        let mut polled: Vec<_> =
            sockets.iter().map(|(socket, interest)| PollFd::new(socket, flags(interest))).collect();
        polled.push(PollFd::new(bell, PollFlags::IN));
        // A signal ends the wait early: whoever waits looks again.
        let found = poll(&mut polled, Timespec::try_from(time).ok().as_ref()).unwrap_or(1);
        let has_rung = polled.last().is_some_and(|bell| bell.revents().contains(PollFlags::IN));
        drop(polled);
        if has_rung {
            let mut bytes = [0; 64];
            while io::Read::read(&mut &*bell, &mut bytes).is_ok_and(|size| size > 0) {}
        }
        found > 0
    }

    /// Where nothing tells that a socket is ready, each is tried again after a moment.
    #[cfg(not(unix))]
    fn wait_once(&self, _: &[(&Socket, Interest)], time: Duration) -> bool {
        const MOMENT: Duration = Duration::from_millis(1);
        std::thread::sleep(time.min(MOMENT));
        time > MOMENT
    }
}

/// Whether `socket` is ready now.
#[cfg(unix)]
pub fn is_ready(socket: &Socket, interest: Interest) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let flags = if interest == Interest::Read { PollFlags::IN } else { PollFlags::OUT };
    poll(&mut [PollFd::new(socket, flags)], Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}

/// Whether `socket` is ready now.
#[cfg(not(unix))]
pub fn is_ready(socket: &Socket, interest: Interest) -> bool {
    let mut byte = [std::mem::MaybeUninit::uninit()];
    match interest {
        Interest::Read => {
            socket.peek(&mut byte).is_ok()
                || !matches!(socket.peek(&mut byte), Err(e) if e.kind() == io::ErrorKind::WouldBlock)
        }
        Interest::Write => socket.peer_addr().is_ok() || socket.take_error().is_ok_and(|error| error.is_some()),
    }
}

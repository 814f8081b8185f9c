//! What the answering thread is told besides requests, so that what it prints comes one after another.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};

use super::head::Refusal;

/// Notices that wait for the answering thread, which may be busy with a guest; more are counted.
const MOST: usize = 256;

/// What the answering thread is told.
pub enum Notice {
    /// A request was refused.
    Refused(Refused),
    /// No connection can be accepted.
    Trouble(io::Error),
    /// So many notices more were lost.
    Lost(usize),
}

/// A request that the server itself answered.
#[derive(Debug)]
pub struct Refused {
    /// The method, as sent but for control characters.
    pub method: String,
    /// The request target, as sent but for control characters.
    pub target: String,
    /// The answer.
    pub refusal: Refusal,
}

/// The way to the answering thread.
#[derive(Clone)]
pub struct Notices {
    sender: SyncSender<Notice>,
    lost: Arc<AtomicUsize>,
    /// What it waits for instead.
    http: Arc<tiny_http::Server>,
}

/// The answering thread's end of it.
pub struct Noticed {
    receiver: Receiver<Notice>,
    lost: Arc<AtomicUsize>,
}

/// A way to the thread that waits for requests of `http`.
pub fn channel(http: Arc<tiny_http::Server>) -> (Notices, Noticed) {
    let (sender, receiver) = mpsc::sync_channel(MOST);
    let lost = Arc::<AtomicUsize>::default();
    (Notices { sender, lost: Arc::clone(&lost), http }, Noticed { receiver, lost })
}

impl Notices {
    /// Tells the answering thread, and wakes it.
    pub fn tell(&self, notice: Notice) {
        // Without its receiver there is nobody to tell, and the process ends.
        if let Err(TrySendError::Full(_)) = self.sender.try_send(notice) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        self.http.unblock();
    }
}

impl Noticed {
    /// The next notice, if there is one.
    pub fn next(&self) -> Option<Notice> {
        let lost = || match self.lost.swap(0, Ordering::Relaxed) {
            0 => None,
            lost => Some(Notice::Lost(lost)),
        };
        self.receiver.try_recv().ok().or_else(lost)
    }
}

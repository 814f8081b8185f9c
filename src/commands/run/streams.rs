//! Standard input, output and error of this process as those of a guest.

use std::io::{self, IsTerminal, Read, Write};

use crate::guest::{Stream, Streams};

/// How much of standard input is read at once, in bytes.
const CHUNK: usize = 64 << 10;

/// The streams of this process. Ctrl-C ends it, as it does any process without a handler.
pub struct ProcessStreams;

impl Streams for ProcessStreams {
    fn read(&self, size: usize) -> io::Result<Vec<u8>> {
        let mut buffer = vec![0; size.min(CHUNK)];
        let read = io::stdin().lock().read(&mut buffer)?;
        buffer.truncate(read);
        Ok(buffer)
    }

    fn write(&self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        match stream {
            Stream::Stderr => io::stderr().lock().write_all(bytes),
            Stream::Stdin | Stream::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(bytes)?;
                stdout.flush()
            }
        }
    }

    fn is_terminal(&self, stream: Stream) -> bool {
        match stream {
            Stream::Stdin => io::stdin().is_terminal(),
            Stream::Stdout => io::stdout().is_terminal(),
            Stream::Stderr => io::stderr().is_terminal(),
        }
    }
}

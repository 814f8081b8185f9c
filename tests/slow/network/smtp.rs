//! A mail server that has STARTTLS, and tells the test what it was given.

use std::io::{Error, Read, Write};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::http::Server;
use super::tls::Pair;

/// Starts one, with the receiver of the messages that it takes. It knows the account `a` with the password `secret`.
pub fn start(pair: Pair) -> (Server, Receiver<String>) {
    let (sender, received) = channel();
    let sender = Mutex::new(sender);
    let server = Server::start(move |mut stream| {
        let sender = sender.lock().expect("nobody panics with it").clone();
        stream.write_all(b"220 mail.test ESMTP\r\n")?;
        if dialogue(&mut stream, "250-mail.test\r\n250-8BITMIME\r\n250 STARTTLS\r\n", &sender)? {
            dialogue(&mut pair.encrypt(stream)?, "250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n", &sender)?;
        }
        Ok(())
    });
    (server, received)
}

/// Answers commands until the client leaves or asks for TLS; whether it does that.
fn dialogue(stream: &mut (impl Read + Write), greeting: &str, received: &Sender<String>) -> Result<bool, Error> {
    let mut stream = Lines { stream, buffer: Vec::new() };
    loop {
        let Some(command) = stream.line()? else { return Ok(false) };
        let verb = command.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let reply = match verb.as_str() {
            "EHLO" => greeting,
            // Nothing, a, secret.
            "AUTH" if command.ends_with(" AGEAc2VjcmV0") => "235 Accepted\r\n",
            "AUTH" => "535 Refused\r\n",
            "MAIL" | "RCPT" | "RSET" => "250 Ok\r\n",
            "STARTTLS" => "220 Go ahead\r\n",
            "DATA" => {
                stream.stream.write_all(b"354 Go ahead\r\n")?;
                let mut message = String::new();
                while let Some(line) = stream.line()?.filter(|line| line != ".") {
                    message += line.strip_prefix('.').unwrap_or(&line);
                    message.push('\n');
                }
                let _ = received.send(message);
                "250 Taken\r\n"
            }
            "QUIT" => "221 Bye\r\n",
            _ => "502 Unknown\r\n",
        };
        stream.stream.write_all(reply.as_bytes())?;
        stream.stream.flush()?;
        match verb.as_str() {
            "STARTTLS" => return Ok(true),
            "QUIT" => return Ok(false),
            _ => {}
        }
    }
}

/// Lines of a stream that is written to as well. Nothing may be read ahead of a handshake.
struct Lines<'a, S> {
    stream: &'a mut S,
    buffer: Vec<u8>,
}

impl<S: Read> Lines<'_, S> {
    fn line(&mut self) -> Result<Option<String>, Error> {
        self.buffer.clear();
        loop {
            let mut byte = [0];
            if self.stream.read(&mut byte)? == 0 {
                return Ok(None);
            }
            match byte[0] {
                b'\n' => return Ok(Some(String::from_utf8_lossy(&self.buffer).trim_end_matches('\r').to_owned())),
                byte => self.buffer.push(byte),
            }
        }
    }
}

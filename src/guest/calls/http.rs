//! The functions of `wasi_experimental_http`, which the reference server gives to modules that are built for them: see
//! <https://github.com/deislabs/wasi-experimental-http/blob/main/witx/wasi_experimental_http.witx>. They are there for every
//! module, and permit what `allowed_hosts` does.

use bytes::Bytes;

use super::RunState;
use super::call::{Call, offset};
use crate::guest::network::{HttpError, HttpRequest, Patience};
use crate::network::AllowedHosts;

/// The name by which modules import the functions.
pub const MODULE: &str = "wasi_experimental_http";

/// The error number of a call; an error ends the run.
type Told = wasmtime::Result<i32>;

/// What a call comes to.
type Outcome<T> = Result<T, HttpError>;

/// Makes a request.
pub fn req(call: &mut Call<'_>, arguments: [i32; 10]) -> Told {
    let [url, url_length, method, method_length, fields, fields_length, body, body_length, status, number] = arguments;
    let (memory, state) = call.parts();
    let request = || {
        let fields = text(memory, fields, fields_length)?;
        let body = Bytes::copy_from_slice(given(memory, body, body_length)?);
        HttpRequest::new(text(memory, url, url_length)?, text(memory, method, method_length)?, fields, body)
    };
    let request = match request() {
        Ok(request) => request,
        Err(error) => return Ok(error as i32),
    };
    let RunState { network, deadline, cancellation, .. } = state;
    let Some(network) = network else { return Ok(refuse(state, &request) as i32) };
    let told = network.request(request, &Patience { deadline: *deadline, cancellation })?;
    let put = told.and_then(|(code, known)| {
        let put = put(memory, status, &code.to_le_bytes()).and_then(|()| put_number(memory, number, known));
        put.inspect_err(|_| network.close_response(known))
    });
    Ok(errno(put))
}

/// Refuses the request of a module that may connect to no host.
fn refuse(state: &RunState, request: &HttpRequest) -> HttpError {
    let to = match request.endpoint() {
        Ok(to) => to,
        Err(error) => return error,
    };
    if let Err(why) = AllowedHosts::default().check_name(&to.host, to.port) {
        state.record.journal.entry(format!("{}:{}", to.host, to.port), None).fail(&why.to_string());
    }
    HttpError::NotAllowed
}

/// Closes a response. That there is none is no error, as with the reference server.
pub fn close(call: &mut Call<'_>, [number]: [i32; 1]) -> Told {
    if let Some(network) = &mut call.state.network {
        network.close_response(number.cast_unsigned());
    }
    Ok(0)
}

/// Tells a field of a response.
pub fn header_get(call: &mut Call<'_>, arguments: [i32; 6]) -> Told {
    let [number, name, name_length, to, room, written] = arguments;
    let (memory, state) = call.parts();
    let value = || {
        let network = state.network.as_ref().ok_or(HttpError::InvalidHandle)?;
        network.response_field(number.cast_unsigned(), text(memory, name, name_length)?)
    };
    let value = value();
    Ok(errno(value.and_then(|value| tell(memory, &value, (to, room, written)))))
}

/// Tells all fields of a response.
pub fn headers_get_all(call: &mut Call<'_>, [number, to, room, written]: [i32; 4]) -> Told {
    let (memory, state) = call.parts();
    let network = state.network.as_ref().ok_or(HttpError::InvalidHandle);
    let fields = network.and_then(|network| network.response_fields(number.cast_unsigned()));
    Ok(errno(fields.and_then(|fields| tell(memory, &fields, (to, room, written)))))
}

/// Reads from the body of a response.
pub fn body_read(call: &mut Call<'_>, [number, to, room, read]: [i32; 4]) -> Told {
    let (memory, state) = call.parts();
    let RunState { network, deadline, cancellation, .. } = state;
    let Some(network) = network else { return Ok(HttpError::InvalidHandle as i32) };
    let start = offset(to);
    let Some(buffer) = memory.get_mut(start..start.saturating_add(offset(room))) else {
        return Ok(HttpError::MemoryAccess as i32);
    };
    let patience = Patience { deadline: *deadline, cancellation };
    let size = network.read_response(number.cast_unsigned(), buffer, &patience)?;
    Ok(errno(size.and_then(|size| put_size(memory, read, size))))
}

fn errno(outcome: Outcome<()>) -> i32 {
    outcome.err().map_or(0, |error| error as i32)
}

/// What a call is given.
fn given(memory: &[u8], start: i32, length: i32) -> Outcome<&[u8]> {
    let start = offset(start);
    memory.get(start..start.saturating_add(offset(length))).ok_or(HttpError::BufferTooSmall)
}

fn text(memory: &[u8], start: i32, length: i32) -> Outcome<&str> {
    std::str::from_utf8(given(memory, start, length)?).map_err(|_| HttpError::Utf8)
}

/// Tells `bytes`, if there is room for all, and how many they are.
fn tell(memory: &mut [u8], bytes: &[u8], (to, room, written): (i32, i32, i32)) -> Outcome<()> {
    if bytes.len() > offset(room) {
        return Err(HttpError::BufferTooSmall);
    }
    put(memory, to, bytes)?;
    put_size(memory, written, bytes.len())
}

fn put_size(memory: &mut [u8], at: i32, size: usize) -> Outcome<()> {
    put_number(memory, at, u32::try_from(size).unwrap_or(u32::MAX))
}

fn put_number(memory: &mut [u8], at: i32, number: u32) -> Outcome<()> {
    put(memory, at, &number.to_le_bytes())
}

fn put(memory: &mut [u8], at: i32, bytes: &[u8]) -> Outcome<()> {
    let start = offset(at);
    let place = memory.get_mut(start..start.saturating_add(bytes.len())).ok_or(HttpError::MemoryAccess)?;
    place.copy_from_slice(bytes);
    Ok(())
}

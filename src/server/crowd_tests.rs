use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};

use super::*;

/// The two ends of a connection.
fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let client = TcpStream::connect(listener.local_addr().expect("an address")).expect("a connection");
    (listener.accept().expect("the same connection").0, client)
}

/// Whether the other end was closed.
fn is_closed(mut client: &TcpStream) -> bool {
    client.set_nonblocking(true).expect("a socket");
    matches!(client.read(&mut [0]), Ok(0))
}

/// Gives the place up once it is closed, as a connection's thread does.
fn leaves_when_closed(place: Place) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || assert_eq!(place.socket().read(&mut [0]).expect("woken"), 0))
}

#[test]
fn the_one_that_waits_longest_makes_room() {
    let crowd = Arc::new(Crowd::new(2, 0, Duration::ZERO));
    let ((first, one), (second, two), (third, three)) = (pair(), pair(), pair());
    let first = crowd.admit(first);
    let second = crowd.admit(second);
    // Enough of the first came, and so it is the other that has waited longest.
    std::thread::sleep(Duration::from_millis(1));
    first.moves(PROGRESS as usize);
    let leaving = leaves_when_closed(second);
    let _third = crowd.admit(third);
    leaving.join().expect("the second was closed");
    assert!(is_closed(&two) && !is_closed(&one) && !is_closed(&three));
}

#[test]
fn a_drip_is_no_progress() {
    let crowd = Arc::new(Crowd::new(9, 0, Duration::ZERO));
    let ((first, one), (second, two)) = (pair(), pair());
    let (dripping, _silent) = (crowd.admit(first), crowd.admit(second));
    std::thread::sleep(Duration::from_millis(1));
    for _ in 0..PROGRESS - 1 {
        dripping.moves(1);
    }
    assert!(crowd.make_room() && is_closed(&one) && !is_closed(&two));
    assert!(dripping.is_lost());
}

#[test]
fn who_is_served_is_not_closed() {
    let crowd = Arc::new(Crowd::new(1, 0, Duration::ZERO));
    let (socket, client) = pair();
    let place = crowd.admit(socket);
    place.begins();
    place.moves(PROGRESS as usize);
    assert!(!crowd.make_room() && !is_closed(&client));
    assert!(!crowd.settles_by(Instant::now()));
    place.sends();
    assert!(!crowd.settles_by(Instant::now()));
    place.ends();
    assert!(crowd.settles_by(Instant::now()) && crowd.make_room() && is_closed(&client));
}

#[test]
fn memory_is_shared_and_given_back() {
    let crowd = Arc::new(Crowd::new(9, 1 << 20, Duration::ZERO));
    let ((first, one), (second, two)) = (pair(), pair());
    let (first, second) = (crowd.admit(first), crowd.admit(second));
    // What is small is not counted.
    first.take_body(UNCOUNTED).expect("uncounted");
    assert_eq!(crowd.lock().bodies.held, 0);
    first.take_body(1 << 20).expect("all of it");
    second.take_body(UNCOUNTED).expect("uncounted");
    first.begins();
    assert_eq!(second.take_body(UNCOUNTED + 1).expect_err("none left").kind(), io::ErrorKind::OutOfMemory);
    assert!(!is_closed(&one));
    // Less of it, or none, is always granted.
    first.take_body(1 << 19).expect("less");
    second.take_body(1 << 19).expect("the other half");
    first.waits();
    let leaving = leaves_when_closed(first);
    second.take_body(1 << 20).expect("what the first gave up");
    leaving.join().expect("the first was closed");
    assert!(is_closed(&one) && !is_closed(&two));
    drop(second);
    assert_eq!(crowd.lock().bodies.held, 0);
}

#[test]
fn of_two_that_wait_for_each_others_memory_one_has_it() {
    let crowd = Arc::new(Crowd::new(9, 3 << 20, Duration::from_secs(3600)));
    let places: Vec<_> = (0..3).map(|_| crowd.admit(pair().0)).collect();
    for place in &places {
        place.take_body(1 << 20).expect("a third");
    }
    let refused = std::thread::scope(|scope| {
        let waiting: Vec<_> = places[1..].iter().map(|place| scope.spawn(|| place.take_body(2 << 20))).collect();
        waiting.into_iter().filter_map(|thread| thread.join().expect("no panic").err()).collect::<Vec<_>>()
    });
    assert_eq!(refused.iter().map(io::Error::kind).collect::<Vec<_>>(), [io::ErrorKind::OutOfMemory]);
    assert!(places.iter().all(|place| !place.is_lost()));
}

#[test]
fn an_answer_always_finds_memory() {
    let crowd = Arc::new(Crowd::new(9, 1 << 20, Duration::from_secs(3600)));
    crowd.may_hold_answers(1 << 20);
    let ((first, one), (second, two)) = (pair(), pair());
    let (first, second) = (crowd.admit(first), crowd.admit(second));
    // Bodies have nothing to do with it.
    first.take_body(1 << 20).expect("all of it");
    first.begins();
    first.take_answer(1 << 20).expect("all of it, for the body");
    second.take_body(1 << 20).expect("what the answer gave back");
    first.sends();
    second.begins();
    let leaving = leaves_when_closed(first);
    second.take_answer(UNCOUNTED + 1).expect("in the end");
    leaving.join().expect("the first was closed");
    assert!(is_closed(&one) && !is_closed(&two));
}

#[test]
fn what_is_larger_than_all_memory_is_had_alone() {
    let crowd = Arc::new(Crowd::new(9, 1 << 20, Duration::ZERO));
    let ((first, one), (second, _two)) = (pair(), pair());
    let (first, second) = (crowd.admit(first), crowd.admit(second));
    first.begins();
    first.take_answer(UNCOUNTED + 1).expect("alone");
    crowd.may_hold_answers(4 << 20);
    second.begins();
    second.take_answer(3 << 20).expect("there is enough");
    first.ends();
    second.take_answer(9 << 20).expect("alone");
    assert!(!is_closed(&one));
}

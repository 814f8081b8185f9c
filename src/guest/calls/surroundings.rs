//! Made-up surroundings: a clock, entropy and times of files that are the same in each run with the same settings.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wasmtime_wasi::p1::wasi_snapshot_preview1 as wasi;

use super::call::{Call, offset};
use super::sqlite_locks;
use crate::hash::{Digest, Hasher};

/// `CLOCKID_REALTIME`
const REALTIME: i32 = 0;
/// The highest clock: `CLOCKID_THREAD_CPUTIME_ID`
const LAST_CLOCK: i32 = 3;

const ERRNO_SUCCESS: i32 = 0;
const ERRNO_FAULT: i32 = 21;
const ERRNO_INVAL: i32 = 28;

/// What of a run's surroundings is made up.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Surroundings {
    /// The clocks.
    pub clock: Option<MadeUpClock>,
    /// Random bytes.
    pub entropy: Option<Entropy>,
    /// How much later files were changed than they were, in seconds; their inode numbers are higher by as much.
    pub file_times: u64,
}

/// Clocks that go on by one step with each look at them, and by the time that the guest sleeps, which it then does not.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct MadeUpClock {
    /// The time of day at the beginning of the run, in nanoseconds since 1970. The other clocks begin at 0.
    pub start: u64,
    /// Nanoseconds from one look to the next.
    pub step: u64,
}

/// What random bytes are derived from.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Entropy {
    /// The seed of the first bytes that are drawn: CPython's start-up makes the secret of its hashes of them.
    pub first: Digest,
    /// The seed of all others.
    pub seed: Digest,
}

impl Entropy {
    /// Seeds that nobody can guess.
    ///
    /// # Errors
    /// Fails where the system has no entropy.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes)?;
        let (first, seed) = bytes.split_at(32);
        Ok(Self { first: Digest::of(first), seed: Digest::of(seed) })
    }

    /// Seeds by a number.
    pub fn numbered(number: u64) -> Self {
        let seed = Digest::of(number.to_le_bytes());
        Self { first: seed, seed }
    }
}

/// The made-up surroundings of a run that goes on.
pub struct MadeUp {
    surroundings: Surroundings,
    clock: Option<RunningClock>,
    is_drawn: bool,
    /// How often bytes were drawn, by how many: see [`MadeUp::draw`].
    draws: Vec<u64>,
}

/// How many counters of draws there are. Lengths that differ by a multiple of it share one.
const COUNTERS: usize = 256;

/// A made-up clock that goes.
#[derive(Clone, Copy)]
pub struct RunningClock {
    settings: MadeUpClock,
    elapsed: u64,
}

impl RunningClock {
    /// Time since the beginning of the run.
    pub fn monotonic(&self) -> Duration {
        Duration::from_nanos(self.elapsed)
    }

    /// Time since 1970.
    pub fn realtime(&self) -> Duration {
        Duration::from_nanos(self.settings.start.saturating_add(self.elapsed))
    }

    /// Lets time pass.
    pub fn advance(&mut self, time: Duration) {
        self.elapsed = self.elapsed.saturating_add(crate::guest::wasi::nanoseconds(time));
    }

    /// Looks at a clock, in nanoseconds.
    fn look(&mut self, clock: i32) -> u64 {
        let now = if clock == REALTIME { self.settings.start.saturating_add(self.elapsed) } else { self.elapsed };
        self.elapsed = self.elapsed.saturating_add(self.settings.step);
        now
    }
}

impl MadeUp {
    /// Surroundings at the beginning of a run.
    pub fn new(surroundings: Surroundings) -> Self {
        let clock = surroundings.clock.map(|settings| RunningClock { settings, elapsed: 0 });
        Self { surroundings, clock, is_drawn: false, draws: vec![0; COUNTERS] }
    }

    /// The clock, if it is made up.
    pub fn clock(&mut self) -> Option<&mut RunningClock> {
        self.clock.as_mut()
    }

    /// Fills `buffer` if entropy is made up: with SHA-256 of the seed, the length, the number of the draw among those of
    /// this length, and that of the block. So what a script draws does not depend on what an interpreter drew before it:
    /// the secret of its hashes where it started with the run, the seed of `random` where that was not loaded before.
    fn draw(&mut self, buffer: &mut [u8]) -> Option<()> {
        let entropy = self.surroundings.entropy?;
        let seed = if std::mem::replace(&mut self.is_drawn, true) { entropy.seed } else { entropy.first };
        let length = buffer.len() as u64;
        let draws = self.draws.get_mut(buffer.len() % COUNTERS)?;
        for (block, bytes) in buffer.chunks_mut(32).enumerate() {
            let mut hasher = Hasher::default();
            hasher.update(seed.as_bytes());
            hasher.update(length.to_le_bytes());
            hasher.update(draws.to_le_bytes());
            hasher.update((block as u64).to_le_bytes());
            let random = hasher.digest();
            bytes.iter_mut().zip(random.as_bytes()).for_each(|(byte, random)| *byte = *random);
        }
        *draws += 1;
        Some(())
    }
}

/// `clock_time_get`
pub async fn clock_time_get(call: &mut Call<'_>, clock: i32, precision: i64, time: i32) -> wasmtime::Result<i32> {
    if let Some(made_up) = call.state.made_up.as_mut().and_then(MadeUp::clock) {
        if !(REALTIME..=LAST_CLOCK).contains(&clock) {
            return Ok(ERRNO_INVAL);
        }
        let now = made_up.look(clock).to_le_bytes();
        let place = call.parts().0.get_mut(offset(time)..).and_then(|memory| memory.first_chunk_mut());
        return Ok(place.map_or(ERRNO_FAULT, |place| {
            *place = now;
            ERRNO_SUCCESS
        }));
    }
    let Call { state, memory, .. } = call;
    wasi::clock_time_get(&mut state.wasi, memory, clock, precision, time)
}

/// `random_get`
pub async fn random_get(call: &mut Call<'_>, buffer: i32, length: i32) -> wasmtime::Result<i32> {
    let (memory, state) = call.parts();
    if let Some(made_up) = state.made_up.as_mut().filter(|made_up| made_up.surroundings.entropy.is_some()) {
        let range = offset(buffer)..offset(buffer).saturating_add(offset(length));
        let drawn = memory.get_mut(range).and_then(|buffer| made_up.draw(buffer));
        return Ok(drawn.map_or(ERRNO_FAULT, |()| ERRNO_SUCCESS));
    }
    let Call { state, memory, .. } = call;
    wasi::random_get(&mut state.wasi, memory, buffer, length)
}

/// `fd_filestat_get`
pub async fn fd_filestat_get(call: &mut Call<'_>, file: i32, stat: i32) -> wasmtime::Result<i32> {
    let Call { state, memory, .. } = call;
    let errno = wasi::fd_filestat_get(&mut state.wasi, memory, file, stat).await?;
    shift(call, errno, stat);
    Ok(errno)
}

/// `path_filestat_get`
pub async fn path_filestat_get(
    call: &mut Call<'_>,
    directory: i32,
    lookup: i32,
    path: i32,
    length: i32,
    stat: i32,
) -> wasmtime::Result<i32> {
    let errno = sqlite_locks::path_filestat_get(call, directory, lookup, path, length, stat).await?;
    shift(call, errno, stat);
    Ok(errno)
}

/// Changes a `filestat` that was told as the surroundings ask for it.
fn shift(call: &mut Call<'_>, errno: i32, stat: i32) {
    /// Where a `filestat` has the inode number and the times of access, modification and change.
    const INODE: usize = 8;
    const TIMES: [usize; 3] = [40, 48, 56];
    let (memory, state) = call.parts();
    let seconds = state.made_up.as_ref().map_or(0, |made_up| made_up.surroundings.file_times);
    if errno != ERRNO_SUCCESS || seconds == 0 {
        return;
    }
    let mut add = |field: usize, number: u64| {
        let place = memory.get_mut(offset(stat).saturating_add(field)..).and_then(|memory| memory.first_chunk_mut());
        if let Some(place) = place {
            *place = u64::from_le_bytes(*place).wrapping_add(number).to_le_bytes();
        }
    };
    add(INODE, seconds);
    TIMES.into_iter().for_each(|time| add(time, seconds.wrapping_mul(1_000_000_000)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_surroundings_give_equal_answers() {
        let clock = MadeUpClock { start: 1_700_000_000_000_000_000, step: 1000 };
        let entropy = Entropy { first: Digest::of("a"), seed: Digest::of("b") };
        let surroundings = Surroundings { clock: Some(clock), entropy: Some(entropy), file_times: 0 };
        let look = |surroundings: &Surroundings| {
            let mut made_up = MadeUp::new(surroundings.clone());
            let mut bytes = [[0; 40], [0; 40], [0; 40]];
            bytes.iter_mut().for_each(|bytes| made_up.draw(bytes).expect("entropy is made up"));
            let clock = made_up.clock().expect("it is made up");
            let mut looks = vec![clock.look(1), clock.look(0)];
            clock.advance(Duration::from_secs(2));
            looks.extend([clock.look(0), clock.look(3)]);
            (bytes, looks)
        };
        let (bytes, looks) = look(&surroundings);
        assert_eq!(look(&surroundings), (bytes, looks.clone()));
        let start = clock.start;
        assert_eq!(looks, [0, start + 1000, start + 2_000_002_000, 2_000_003_000]);
        assert!(bytes[0] != bytes[1] && bytes[1] != bytes[2] && bytes[0][..8] != bytes[0][32..]);
        let other = Entropy { seed: Digest::of("c"), ..entropy };
        let (others, _) = look(&Surroundings { entropy: Some(other), ..surroundings });
        assert!(others[0] == bytes[0] && others[1] != bytes[1]);
    }
}

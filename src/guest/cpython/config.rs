//! The configuration that an interpreter was started with: `PyConfig` of Include/cpython/initconfig.h.

use super::depth;
use super::layout::{self, Layout};
use super::objects::Memory;

/// How far behind the beginning of a `PyInterpreterState` its configuration ends at most, in bytes. Where exactly differs from
/// one release to the next.
const FARTHEST: u32 = 1 << 16;

/// Where `sys_path_0` is, the address of a text: in an interpreter that the boot script has stopped, which runs a command and so
/// has an empty text there.
pub fn first_directory(memory: &[u8], layout: &Layout) -> Option<usize> {
    let counters = depth::find_counters(memory);
    let (remaining, _) = counters.first()?;
    let limit = u32::try_from(*remaining).ok()?.checked_add(layout::RECURSION_REMAINING_BEFORE_LIMIT)?;
    let memory = Memory(memory);
    let interpreter = memory.field(limit.checked_sub(layout.thread_limit)?, layout::THREAD_INTERPRETER)?;
    let places = (interpreter..interpreter.checked_add(FARTHEST)?).step_by(4);
    let mut found = places.filter(|place| is_after_command(memory, *place).unwrap_or(false));
    // Anything but one place would be a guess.
    let first = found.next()?;
    found.next().is_none().then_some(first as usize)
}

/// Whether `run_command`, `run_module`, `run_filename`, `sys_path_0`, `_install_importlib` and `_init_main` are such that the
/// fourth of them is at `place`.
fn is_after_command(memory: Memory<'_>, place: u32) -> Option<bool> {
    let [command, module, file] = [12, 8, 4].map(|before| memory.field(place.checked_sub(before)?, 0));
    let [directory, imports, main] = [0, 4, 8].map(|after| memory.field(place, after));
    let first = |text: Option<u32>| memory.field(text.filter(|text| *text != 0)?, 0);
    let is_plain = [module, file, imports, main] == [0, 0, 1, 1].map(Some);
    Some(is_plain && first(directory)? == 0 && first(command)? != 0)
}

#[cfg(test)]
mod tests {
    use super::super::depth::MARKED_LIMIT;
    use super::super::layout::LAYOUTS;
    use super::*;

    /// Memory with a thread at 64 and an interpreter at 256, whose configuration has these words at 512.
    fn memory(layout: &Layout, words: &[u32]) -> Vec<u8> {
        let mut memory = vec![0; 1 << 17];
        let mut put = |address: u32, word: u32| {
            memory[address as usize..address as usize + 4].copy_from_slice(&word.to_le_bytes());
        };
        put(64 + layout.thread_limit, MARKED_LIMIT);
        put(64 + layout.thread_limit - layout::RECURSION_REMAINING_BEFORE_LIMIT, MARKED_LIMIT - 3);
        put(64 + layout::THREAD_INTERPRETER, 256);
        put(1024, u32::from(b'i'));
        (512..).step_by(4).zip(words).for_each(|(address, word)| put(address, *word));
        memory
    }

    #[test]
    fn the_first_directory_is_between_a_command_and_two_switches() {
        for layout in &LAYOUTS {
            let find = |words: &[u32]| first_directory(&memory(layout, words), layout);
            assert_eq!(find(&[9, 9, 1024, 0, 0, 2048, 1, 1]), Some(512 + 5 * 4));
            for other in [
                // No command, a module as well, a directory, another switch.
                [0, 9, 2048, 0, 0, 2048, 1, 1],
                [0, 9, 1024, 1024, 0, 2048, 1, 1],
                [0, 9, 1024, 0, 0, 1024, 1, 1],
                [0, 9, 1024, 0, 0, 0, 1, 1],
                [0, 9, 1024, 0, 0, 2048, 1, 0],
            ] {
                assert_eq!(find(&other), None, "{other:?}");
            }
            assert_eq!(find(&[1024, 0, 0, 2048, 1, 1, 1024, 0, 0, 2048, 1, 1]), None);
            assert_eq!(first_directory(&[], layout), None);
        }
    }
}

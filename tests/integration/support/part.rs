//! A part of what there is to try, where all of it takes minutes and is tried another way as well.

use std::io::Write;

/// The environment variable that says what of the corpus is run: the scripts whose path holds this text, or with `all` and
/// with any such text everything that is chosen, in every way.
pub const CHOICE: &str = "FIDELITY";

/// Whether everything is to be tried.
pub fn all() -> bool {
    std::env::var_os(CHOICE).is_some()
}

/// Each item of these whose number divided by `of` leaves `first`, and those that `always` names; all where [`all`] says so.
/// Says how many they are of how many.
pub fn part<T>(what: &str, items: Vec<T>, of: usize, first: usize, always: impl Fn(&T) -> bool) -> Vec<T> {
    if all() {
        return items;
    }
    let whole = items.len();
    let is_in = |(number, item): &(usize, T)| number % of == first || always(item);
    let part: Vec<_> = items.into_iter().enumerate().filter(is_in).map(|(_, item)| item).collect();
    // Not by a macro, whose text is not seen if the test passes.
    let _ = writeln!(std::io::stderr(), "PART: {what}: {} of {whole}; all with {CHOICE}=all", part.len());
    part
}

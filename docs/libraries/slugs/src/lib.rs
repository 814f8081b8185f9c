//! A library for scripts of pywagi: `slugs.slug("Crème brûlée!")` is `"creme-brulee"`.

/// Gives pywagi memory for the text of an argument.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(size: usize) -> *mut u8 {
    Box::leak(vec![0_u8; size].into_boxed_slice()).as_mut_ptr()
}

/// Takes back the memory of an argument or of a result, after the call.
///
/// # Safety
/// It must be from here, and not taken back yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dealloc(at: *mut u8, size: usize) {
    drop(unsafe { Vec::from_raw_parts(at, size, size) });
}

/// Text as pywagi takes it: its address and its length in one number.
fn packed(text: String) -> u64 {
    let bytes = Box::leak(text.into_bytes().into_boxed_slice());
    (bytes.as_ptr() as u64) << 32 | bytes.len() as u64
}

/// A text for a URL. `str` is two parameters here: an address and a length.
///
/// # Safety
/// There must be so many bytes at the address.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn slug(at: *const u8, size: usize) -> u64 {
    let text = String::from_utf8_lossy(unsafe { std::slice::from_raw_parts(at, size) });
    let plain = |letter: char| match letter {
        'à' | 'á' | 'â' | 'ä' => 'a',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ò' | 'ó' | 'ô' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        other if other.is_ascii_alphanumeric() => other,
        _ => ' ',
    };
    let words: String = text.to_lowercase().chars().map(plain).collect();
    packed(words.split_whitespace().collect::<Vec<_>>().join("-"))
}

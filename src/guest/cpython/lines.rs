//! The location table of a code object: Objects/locations.md of CPython's source.

/// What an entry of the table says of a line, by its code.
const NO_LOCATION: u8 = 15;
const LONG: u8 = 14;
const NO_COLUMNS: u8 = 13;
const ONE_LINE: std::ops::RangeInclusive<u8> = 10..=12;

/// The line of the code unit `unit` by the table, which begins at line `first`; `None` where it has none.
pub fn line(table: &[u8], first: u32, unit: i64) -> Option<u32> {
    let mut rest = table.iter().copied();
    let mut line = i64::from(first);
    let mut end = 0_i64;
    while let Some(head) = rest.next() {
        let code = (head >> 3) & 15;
        match code {
            NO_LOCATION => {}
            LONG => {
                line = line.wrapping_add(signed(&mut rest));
                for _ in 0..3 {
                    unsigned(&mut rest);
                }
            }
            NO_COLUMNS => line = line.wrapping_add(signed(&mut rest)),
            code if ONE_LINE.contains(&code) => {
                line = line.wrapping_add(i64::from(code - ONE_LINE.start()));
                rest.nth(1);
            }
            _ => {
                rest.next();
            }
        }
        end += i64::from(head & 7) + 1;
        if unit < end {
            return u32::try_from(line).ok().filter(|_| code != NO_LOCATION);
        }
    }
    None
}

/// A number in groups of six bits, the lowest first; bit 6 says that there are more.
fn unsigned(bytes: &mut impl Iterator<Item = u8>) -> u64 {
    let mut number = 0;
    for (group, byte) in bytes.enumerate() {
        let shift = u32::try_from(group * 6).unwrap_or(u32::MAX);
        number |= u64::from(byte & 63).checked_shl(shift).unwrap_or(0);
        if byte & 64 == 0 {
            break;
        }
    }
    number
}

/// A number whose lowest bit is its sign.
fn signed(bytes: &mut impl Iterator<Item = u8>) -> i64 {
    let number = unsigned(bytes);
    let size = (number >> 1).cast_signed();
    if number & 1 == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_an_entry_is_read() {
        let table = [
            0x80 | 13 << 3, // line 10, one unit
            0,
            0x80 | 11 << 3 | 1, // the next line, two units
            1,
            9,
            0x80 | 3 << 3, // the same line
            0x44,
            0x80 | 15 << 3 | 7, // none, eight units
            0x80 | 14 << 3,     // 70 lines on
            64 | 12,
            2,
            0,
            1,
            2,
            0x80 | 13 << 3, // three back
            7,
        ];
        let lines: Vec<_> = (-1..15).map(|unit| line(&table, 10, unit)).collect();
        let mut expected = vec![Some(10), Some(10), Some(11), Some(11), Some(11)];
        expected.extend([None; 8]);
        expected.extend([Some(81), Some(78), None]);
        assert_eq!(lines, expected);
    }

    #[test]
    fn no_bytes_make_it_panic() {
        for byte in 0..=255 {
            for size in 0..40 {
                let _ = line(&vec![byte; size], u32::MAX, 1000);
                let _ = line(&[&[0x80 | 14 << 3][..], &vec![byte; size]].concat(), 0, 1000);
            }
        }
    }
}

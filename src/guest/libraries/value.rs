//! Values of Python on their way to a library and back, as `marshal` of version 2 writes them: the one encoding that every
//! CPython has in C. See `Python/marshal.c` there.

/// How deep values may be in each other.
const MOST_DEPTH: usize = 64;

/// How many values may be in a value: each takes memory of the host, however short it is written.
const MOST_VALUES: usize = 1 << 21;

/// The bits of a digit of a large number.
const DIGIT: u32 = 15;

/// The most digits of a number: more than 64 bits have, fewer than 128.
const MOST_DIGITS: usize = 8;

/// A value of Python.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`
    None,
    /// `bool`
    Bool(bool),
    /// `int`, as far as libraries can have them.
    Int(i128),
    /// `float`
    Float(f64),
    /// `str`
    Text(String),
    /// `bytes`
    Bytes(Vec<u8>),
    /// `tuple`, or a set on its way to a library.
    Tuple(Vec<Value>),
    /// `list`
    List(Vec<Value>),
    /// `dict`
    Dict(Vec<(Value, Value)>),
}

impl Value {
    /// The name of its type, for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Text(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::Tuple(_) => "tuple",
            Self::List(_) => "list",
            Self::Dict(_) => "dict",
        }
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Reads what `marshal.dumps(value, 2)` wrote.
    ///
    /// # Errors
    /// Says what cannot be read: it is of no type that is known here, or not written by `marshal`.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut reader = Reader { rest: bytes, values: 0 };
        let value = reader.value(0)?.ok_or("it is empty")?;
        if reader.rest.is_empty() { Ok(value) } else { Err("more follows".to_owned()) }
    }

    /// Appends what `marshal.loads` reads.
    pub fn write(&self, to: &mut Vec<u8>) {
        let mut sized = |code: u8, size: usize| {
            to.push(code);
            to.extend(u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes());
        };
        match self {
            Self::None => to.push(b'N'),
            Self::Bool(value) => to.push(if *value { b'T' } else { b'F' }),
            Self::Int(value) => match i32::try_from(*value) {
                Ok(value) => {
                    to.push(b'i');
                    to.extend(value.to_le_bytes());
                }
                Err(_) => write_large(*value, to),
            },
            Self::Float(value) => {
                to.push(b'g');
                to.extend(value.to_le_bytes());
            }
            Self::Text(text) => {
                sized(b'u', text.len());
                to.extend(text.as_bytes());
            }
            Self::Bytes(bytes) => {
                sized(b's', bytes.len());
                to.extend(bytes);
            }
            Self::Tuple(items) | Self::List(items) => {
                sized(if matches!(self, Self::List(_)) { b'[' } else { b'(' }, items.len());
                items.iter().for_each(|item| item.write(to));
            }
            Self::Dict(entries) => {
                to.push(b'{');
                for (key, value) in entries {
                    key.write(to);
                    value.write(to);
                }
                to.push(b'0');
            }
        }
    }
}

fn write_large(value: i128, to: &mut Vec<u8>) {
    let mut digits = Vec::new();
    let mut rest = value.unsigned_abs();
    while rest != 0 {
        digits.push((rest & ((1 << DIGIT) - 1)) as u16);
        rest >>= DIGIT;
    }
    let count = i32::try_from(digits.len()).unwrap_or_default();
    to.push(b'l');
    to.extend((if value < 0 { -count } else { count }).to_le_bytes());
    digits.iter().for_each(|digit| to.extend(digit.to_le_bytes()));
}

struct Reader<'a> {
    rest: &'a [u8],
    values: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, size: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.rest.split_at_checked(size).ok_or("it ends too early")?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        self.take(N)?.first_chunk().copied().ok_or_else(|| "it ends too early".to_owned())
    }

    fn size(&mut self) -> Result<usize, String> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }

    /// The next value; `None` at the end of a dictionary.
    fn value(&mut self, depth: usize) -> Result<Option<Value>, String> {
        if depth > MOST_DEPTH {
            return Err(format!("it is nested more than {MOST_DEPTH} deep"));
        }
        self.values += 1;
        if self.values > MOST_VALUES {
            return Err(format!("it holds more than {MOST_VALUES} values"));
        }
        let [code] = self.array()?;
        Ok(Some(match code {
            b'0' => return Ok(None),
            b'N' => Value::None,
            b'T' => Value::Bool(true),
            b'F' => Value::Bool(false),
            b'i' => Value::Int(i32::from_le_bytes(self.array()?).into()),
            b'l' => Value::Int(self.large()?),
            b'g' => Value::Float(f64::from_le_bytes(self.array()?)),
            b'u' | b't' => {
                let size = self.size()?;
                let text = std::str::from_utf8(self.take(size)?);
                Value::text(text.map_err(|_| "a `str` with half of a surrogate pair is no text")?)
            }
            b's' => {
                let size = self.size()?;
                Value::Bytes(self.take(size)?.to_owned())
            }
            b'(' | b'<' | b'>' => Value::Tuple(self.items(depth)?),
            b'[' => Value::List(self.items(depth)?),
            b'{' => {
                let mut entries = Vec::new();
                while let Some(key) = self.value(depth + 1)? {
                    entries.push((key, self.value(depth + 1)?.ok_or("a key has no value")?));
                }
                Value::Dict(entries)
            }
            b'y' => return Err("a `complex` cannot be given".to_owned()),
            _ => return Err("a value of its type cannot be given".to_owned()),
        }))
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Value>, String> {
        let size = self.size()?;
        (0..size).map(|_| self.value(depth + 1)?.ok_or_else(|| "a value is missing".to_owned())).collect()
    }

    fn large(&mut self) -> Result<i128, String> {
        let count = i32::from_le_bytes(self.array()?);
        let digits = count.unsigned_abs() as usize;
        if digits > MOST_DIGITS {
            return Err("an `int` is larger than 64 bits".to_owned());
        }
        let digits = self.take(2 * digits)?;
        let value = digits.rchunks(2).fold(0, |value: i128, digit| {
            let digit = digit.first_chunk().map_or(0, |digit| u16::from_le_bytes(*digit));
            value << DIGIT | i128::from(digit)
        });
        Ok(if count < 0 { -value } else { value })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Any value, up to three deep.
    fn any_value() -> impl Strategy<Value = Value> {
        let number = any::<i128>().prop_map(|number| Value::Int(number >> 9));
        let text = any::<String>().prop_map(Value::Text);
        let bytes = any::<Vec<u8>>().prop_map(Value::Bytes);
        let leaf = prop_oneof![
            Just(Value::None),
            any::<bool>().prop_map(Value::Bool),
            any::<i32>().prop_map(|number| Value::Int(number.into())),
            number,
            any::<f64>().prop_filter("is equal to itself", |number| !number.is_nan()).prop_map(Value::Float),
            text,
            bytes,
        ];
        leaf.prop_recursive(3, 32, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::Tuple),
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::List),
                prop::collection::vec((inner.clone(), inner), 0..8).prop_map(Value::Dict),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_value_is_read_as_it_was_written(value in any_value()) {
            prop_assert_eq!(Value::read(&written(&value)), Ok(value));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>, value in any_value(), cut: prop::sample::Index) {
            let _ = Value::read(&bytes);
            let whole = written(&value);
            let part = whole.get(..cut.index(whole.len())).unwrap_or_default();
            prop_assert!(Value::read(part).is_err());
        }
    }

    fn written(value: &Value) -> Vec<u8> {
        let mut bytes = Vec::new();
        value.write(&mut bytes);
        bytes
    }

    #[test]
    fn what_is_written_is_read_again() {
        let value = Value::Tuple(vec![
            Value::None,
            Value::Bool(true),
            Value::Int(-5),
            Value::Int(i128::from(u64::MAX)),
            Value::Int(i128::from(i64::MIN)),
            Value::Float(0.1),
            Value::text("naïve ✓"),
            Value::Bytes(vec![0, 255]),
            Value::List(vec![Value::Int(1)]),
            Value::Dict(vec![(Value::text("a"), Value::List(Vec::new()))]),
        ]);
        assert_eq!(Value::read(&written(&value)), Ok(value));
    }

    /// `marshal.dumps(("é", 1 << 40, -(1 << 40), 1.5, b"x", {"a": [None]}), 2)` of CPython 3.11.
    #[test]
    fn what_python_writes_is_read() {
        let bytes = b"(\x06\0\0\0u\x02\0\0\0\xc3\xa9l\x03\0\0\0\0\0\0\0\0\x04l\xfd\xff\xff\xff\0\0\0\0\0\x04\
                      g\0\0\0\0\0\0\xf8?s\x01\0\0\0x{u\x01\0\0\0a[\x01\0\0\0N0";
        let value = Value::Tuple(vec![
            Value::text("é"),
            Value::Int(1 << 40),
            Value::Int(-(1 << 40)),
            Value::Float(1.5),
            Value::Bytes(b"x".to_vec()),
            Value::Dict(vec![(Value::text("a"), Value::List(vec![Value::None]))]),
        ]);
        assert_eq!(Value::read(bytes).as_ref(), Ok(&value));
        assert_eq!(written(&value), bytes);
    }

    #[test]
    fn what_is_damaged_is_refused() {
        for bytes in [
            &b""[..],
            b"0",
            b"i\0\0",
            b"s\xff\xff\xff\xffx",
            b"(\xff\xff\xff\xffN",
            b"[\x01\0\0\x000",
            b"{N0",
            b"u\x01\0\0\0\xff",
            b"l\x09\0\0\0",
            b"NN",
            b"c\0\0\0\0",
        ] {
            assert!(Value::read(bytes).is_err(), "{bytes:?}");
        }
        assert!(Value::read(&b"[\x01\0\0\0".repeat(1000)).is_err());
    }
}

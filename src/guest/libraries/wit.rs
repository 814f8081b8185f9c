//! Types of WIT and what Python has for them:
//!
//! | WIT | Python |
//! |---|---|
//! | `bool`, integers, floats, `char`, `string` | `bool`, `int`, `float` (or `int`), `str` of one character, `str` |
//! | `list<u8>` | `bytes` |
//! | `list`, `tuple` | `list`, `tuple`; as an argument, either |
//! | `record` | `dict` with the names of the fields, `_` for `-`; fields that are options may be left out |
//! | `variant` | the name of the case, or a tuple of it and its value |
//! | `enum`, `flags` | the name, a `list` of names |
//! | `option` | `None`, or the value |
//! | `result` | `("ok", value)` or `("error", value)`; as the result of a function, the value or an exception |

use wasmtime::component::{Type, Val};

use super::value::Value;

/// What a type is or holds that has nothing in Python.
pub fn unmapped(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Own(_) | Type::Borrow(_) => Some("a resource"),
        Type::Future(_) => Some("a future"),
        Type::Stream(_) => Some("a stream"),
        Type::ErrorContext => Some("an error-context"),
        Type::Map(_) => Some("a map"),
        Type::FixedLengthList(_) => Some("a list of fixed length"),
        Type::List(list) => unmapped(&list.ty()),
        Type::Option(option) => unmapped(&option.ty()),
        Type::Record(record) => record.fields().find_map(|field| unmapped(&field.ty)),
        Type::Tuple(tuple) => tuple.types().find_map(|ty| unmapped(&ty)),
        Type::Variant(variant) => variant.cases().find_map(|case| unmapped(&case.ty?)),
        Type::Result(result) => [result.ok(), result.err()].into_iter().flatten().find_map(|ty| unmapped(&ty)),
        _ => None,
    }
}

/// A value of Python as one of WIT.
///
/// # Errors
/// Says why it is none of this type.
pub fn to_val(value: &Value, ty: &Type) -> Result<Val, String> {
    let number = |value: &Value| match value {
        Value::Int(number) => Ok(*number),
        other => Err(format!("{} is no {}", other.type_name(), name(ty))),
    };
    macro_rules! integer {
        ($kind:ident) => {{
            let number = number(value)?;
            number.try_into().map(Val::$kind).map_err(|_| format!("{number} does not fit into {}", name(ty)))?
        }};
    }
    Ok(match (ty, value) {
        (Type::Bool, Value::Bool(value)) => Val::Bool(*value),
        (Type::S8, _) => integer!(S8),
        (Type::U8, _) => integer!(U8),
        (Type::S16, _) => integer!(S16),
        (Type::U16, _) => integer!(U16),
        (Type::S32, _) => integer!(S32),
        (Type::U32, _) => integer!(U32),
        (Type::S64, _) => integer!(S64),
        (Type::U64, _) => integer!(U64),
        (Type::Float32, Value::Float(number)) => Val::Float32(*number as f32),
        (Type::Float32, Value::Int(number)) => Val::Float32(*number as f32),
        (Type::Float64, Value::Float(number)) => Val::Float64(*number),
        (Type::Float64, Value::Int(number)) => Val::Float64(*number as f64),
        (Type::Char, Value::Text(text)) => {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(one), None) => Val::Char(one),
                _ => return Err("it must be one character".to_owned()),
            }
        }
        (Type::String, Value::Text(text)) => Val::String(text.clone()),
        (Type::List(list), Value::Bytes(bytes)) if matches!(list.ty(), Type::U8) => {
            Val::List(bytes.iter().map(|byte| Val::U8(*byte)).collect())
        }
        (Type::List(list), Value::List(items) | Value::Tuple(items)) => {
            let ty = list.ty();
            Val::List(items.iter().map(|item| to_val(item, &ty)).collect::<Result<_, _>>()?)
        }
        (Type::Tuple(tuple), Value::List(items) | Value::Tuple(items)) => {
            let count = tuple.types().len();
            if items.len() != count {
                return Err(format!("it must have {count} items, and it has {}", items.len()));
            }
            Val::Tuple(items.iter().zip(tuple.types()).map(|(item, ty)| to_val(item, &ty)).collect::<Result<_, _>>()?)
        }
        (Type::Record(record), Value::Dict(entries)) => {
            let mut fields = Vec::new();
            for field in record.fields() {
                let given = entries.iter().find(|(key, _)| is_named(key, field.name)).map(|(_, value)| value);
                let given = match (given, &field.ty) {
                    (Some(given), _) => given,
                    (None, Type::Option(_)) => &Value::None,
                    (None, _) => return Err(format!("the field `{}` is missing", in_python(field.name))),
                };
                let value = to_val(given, &field.ty).map_err(|why| format!("the field `{}`: {why}", field.name))?;
                fields.push((field.name.to_owned(), value));
            }
            if let Some((key, _)) =
                entries.iter().find(|(key, _)| !record.fields().any(|field| is_named(key, field.name)))
            {
                return Err(match key {
                    Value::Text(name) => format!("there is no field `{name}`"),
                    other => format!("the name of a field is {}, not str", other.type_name()),
                });
            }
            Val::Record(fields)
        }
        (Type::Variant(variant), _) => {
            let (case, payload) =
                case_of(value).ok_or("it must be the name of a case, or a tuple of it and its value")?;
            let known = variant.cases().find(|known| known.name == case || in_python(known.name) == case);
            let known = known.ok_or_else(|| {
                let names: Vec<_> = variant.cases().map(|known| known.name).collect();
                format!("`{case}` is none of its cases: {}", names.join(", "))
            })?;
            let payload = match (&known.ty, payload) {
                (Some(ty), Some(payload)) => Some(Box::new(to_val(payload, ty)?)),
                (None, None) => None,
                (Some(_), None) => return Err(format!("the case `{case}` has a value: give a tuple of both")),
                (None, Some(_)) => return Err(format!("the case `{case}` has no value")),
            };
            Val::Variant(known.name.to_owned(), payload)
        }
        (Type::Enum(names), Value::Text(text)) => Val::Enum(one_of(text, &names.names().collect::<Vec<_>>())?),
        (Type::Flags(names), Value::List(items) | Value::Tuple(items)) => {
            let flag = |item: &Value| match item {
                Value::Text(text) => one_of(text, &names.names().collect::<Vec<_>>()),
                other => Err(format!("{} is no name of a flag", other.type_name())),
            };
            Val::Flags(items.iter().map(flag).collect::<Result<_, _>>()?)
        }
        (Type::Option(_), Value::None) => Val::Option(None),
        (Type::Option(option), _) => Val::Option(Some(Box::new(to_val(value, &option.ty())?))),
        (Type::Result(result), _) => {
            let of = |ty: Option<Type>, payload: Option<&Value>| match (ty, payload) {
                (Some(ty), Some(payload)) => to_val(payload, &ty).map(|value| Some(Box::new(value))),
                (None, None | Some(Value::None)) => Ok(None),
                (Some(_), None) => Err("the case has a value: give a tuple of both".to_owned()),
                (None, Some(_)) => Err("the case has no value".to_owned()),
            };
            match case_of(value) {
                Some(("ok", payload)) => Val::Result(Ok(of(result.ok(), payload)?)),
                Some(("error", payload)) => Val::Result(Err(of(result.err(), payload)?)),
                _ => return Err("it must be (\"ok\", value) or (\"error\", value)".to_owned()),
            }
        }
        (ty, other) => return Err(format!("{} is no {}", other.type_name(), name(ty))),
    })
}

/// A case and its value.
fn case_of(value: &Value) -> Option<(&str, Option<&Value>)> {
    match value {
        Value::Text(case) => Some((case, None)),
        Value::Tuple(parts) => match parts.as_slice() {
            [Value::Text(case)] => Some((case, None)),
            [Value::Text(case), payload] => Some((case, Some(payload))),
            _ => None,
        },
        _ => None,
    }
}

fn one_of(text: &str, names: &[&str]) -> Result<String, String> {
    let found = names.iter().find(|name| **name == text || in_python(name) == text);
    found.map(|name| (*name).to_owned()).ok_or_else(|| format!("`{text}` is none of {}", names.join(", ")))
}

fn is_named(key: &Value, name: &str) -> bool {
    matches!(key, Value::Text(text) if text == name || *text == in_python(name))
}

fn in_python(name: &str) -> String {
    name.replace('-', "_")
}

/// A type in a word.
fn name(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::S8 => "s8",
        Type::U8 => "u8",
        Type::S16 => "s16",
        Type::U16 => "u16",
        Type::S32 => "s32",
        Type::U32 => "u32",
        Type::S64 => "s64",
        Type::U64 => "u64",
        Type::Float32 => "f32",
        Type::Float64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::List(list) if matches!(list.ty(), Type::U8) => "list<u8>",
        Type::List(_) => "list",
        Type::Record(_) => "record",
        Type::Tuple(_) => "tuple",
        Type::Variant(_) => "variant",
        Type::Enum(_) => "enum",
        Type::Option(_) => "option",
        Type::Result(_) => "result",
        Type::Flags(_) => "flags",
        other => unmapped(other).unwrap_or("value"),
    }
}

/// A value of WIT as one of Python.
pub fn from_val(value: Val) -> Value {
    let boxed = |value: Option<Box<Val>>| value.map(|value| from_val(*value));
    let case = |name: String, value: Option<Value>| match value {
        Some(value) => Value::Tuple(vec![Value::Text(name), value]),
        None => Value::Text(name),
    };
    match value {
        Val::Bool(value) => Value::Bool(value),
        Val::S8(number) => Value::Int(number.into()),
        Val::U8(number) => Value::Int(number.into()),
        Val::S16(number) => Value::Int(number.into()),
        Val::U16(number) => Value::Int(number.into()),
        Val::S32(number) => Value::Int(number.into()),
        Val::U32(number) => Value::Int(number.into()),
        Val::S64(number) => Value::Int(number.into()),
        Val::U64(number) => Value::Int(number.into()),
        Val::Float32(number) => Value::Float(number.into()),
        Val::Float64(number) => Value::Float(number),
        Val::Char(character) => Value::text(character),
        Val::String(text) => Value::Text(text),
        Val::List(items) if matches!(items.first(), Some(Val::U8(_))) => {
            Value::Bytes(items.iter().map(|item| if let Val::U8(byte) = item { *byte } else { 0 }).collect())
        }
        Val::List(items) => Value::List(items.into_iter().map(from_val).collect()),
        Val::Tuple(items) => Value::Tuple(items.into_iter().map(from_val).collect()),
        Val::Record(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (Value::Text(in_python(&name)), from_val(value)));
            Value::Dict(fields.collect())
        }
        Val::Variant(name, value) => case(name, boxed(value)),
        Val::Enum(name) => Value::Text(name),
        Val::Option(value) => boxed(value).unwrap_or(Value::None),
        Val::Result(Ok(value)) => Value::Tuple(vec![Value::text("ok"), boxed(value).unwrap_or(Value::None)]),
        Val::Result(Err(value)) => Value::Tuple(vec![Value::text("error"), boxed(value).unwrap_or(Value::None)]),
        Val::Flags(names) => Value::List(names.into_iter().map(Value::Text).collect()),
        // No function whose type holds another is called: see `unmapped`.
        _ => Value::None,
    }
}

//! What a guest asks of a library.

use super::value::Value;

/// A call. The guest writes it as a tuple of these fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The name of the library.
    pub library: String,
    /// The function, with that of its interface and a dot before it if it is of one; `None` for a command.
    pub function: Option<String>,
    /// The arguments.
    pub arguments: Vec<Value>,
    /// Standard input of a command.
    pub input: Vec<u8>,
    /// The environment variables of a command.
    pub environment: Vec<(String, String)>,
}

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// Says why it is none.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        const OTHER: &str = "it has another form";
        let Value::Tuple(fields) = Value::read(bytes)? else { return Err(OTHER.to_owned()) };
        let Ok::<[Value; 5], _>([library, function, arguments, input, environment]) = fields.try_into() else {
            return Err(OTHER.to_owned());
        };
        let function = match function {
            Value::Text(name) => Some(name),
            Value::None => None,
            _ => return Err(OTHER.to_owned()),
        };
        let (Value::Text(library), Value::Tuple(arguments), Value::Bytes(input), Value::Dict(environment)) =
            (library, arguments, input, environment)
        else {
            return Err(OTHER.to_owned());
        };
        let variable = |entry: (Value, Value)| match entry {
            (Value::Text(name), Value::Text(value)) => Ok((name, value)),
            _ => Err("a variable of the environment is no `str`".to_owned()),
        };
        let environment = environment.into_iter().map(variable).collect::<Result<_, _>>()?;
        Ok(Self { library, function, arguments, input, environment })
    }
}

//! Values against the schemas of docs/openapi.json: each has all fields of its schema and no other.

use serde_json::Value;

/// What docs/openapi.json says.
pub struct Schemas(Value);

impl Schemas {
    pub fn read() -> Self {
        Self(serde_json::from_str(include_str!("../../../docs/openapi.json")).expect("JSON"))
    }

    /// The operations: method and path, sorted.
    pub fn operations(&self) -> Vec<(String, String)> {
        let paths = self.0["paths"].as_object().expect("paths");
        let operations = paths.iter().flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("operations").keys();
            methods.map(move |method| (method.clone(), path.clone()))
        });
        let mut operations: Vec<_> = operations.collect();
        operations.sort();
        operations
    }

    /// Fails where `value` is not as the schema `name` says.
    #[track_caller]
    pub fn check(&self, name: &str, value: &Value) {
        if let Err(why) = self.is(&self.0["components"]["schemas"][name], value, name) {
            panic!("{why}\n{value:#}");
        }
    }

    fn is(&self, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.strip_prefix("#/components/schemas/").expect("a schema of the file");
            return self.is(&self.0["components"]["schemas"][name], value, place);
        }
        if let Some(choices) = schema["anyOf"].as_array() {
            let results: Vec<_> = choices.iter().map(|choice| self.is(choice, value, place)).collect();
            return results.iter().find(|result| result.is_ok()).or(results.first()).expect("a choice").clone();
        }
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let types = &schema["type"];
        let allows =
            |wanted: &str| types == wanted || types.as_array().is_some_and(|all| all.iter().any(|t| t == wanted));
        let is_number = kind == "integer" && allows("number");
        if !is_number && !allows(kind) {
            return Err(format!("{place} is of the type {kind}, not {types}"));
        }
        if let Some(values) = schema["enum"].as_array().filter(|values| !values.contains(value)) {
            return Err(format!("{place} is none of {values:?}"));
        }
        match value {
            Value::Array(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(i, item)| self.is(&schema["items"], item, &format!("{place}[{i}]"))),
            Value::Object(fields) => self.has_fields(schema, fields, place),
            _ => Ok(()),
        }
    }

    fn has_fields(&self, schema: &Value, fields: &serde_json::Map<String, Value>, place: &str) -> Result<(), String> {
        let properties = schema["properties"].as_object().ok_or(format!("the fields of {place} are not described"))?;
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        for name in required {
            fields.get(name).ok_or(format!("{place} has no {name}"))?;
        }
        if schema["additionalProperties"] != false {
            return Ok(());
        }
        for (name, value) in fields {
            let schema = properties.get(name).ok_or(format!("{place}.{name} is not described"))?;
            self.is(schema, value, &format!("{place}.{name}"))?;
        }
        Ok(())
    }
}

//! JSON, as AWS JSON 1.0 uses it: timestamps are numbers, and doubles that JSON has no form for are texts.

use super::Value;
use serde_json::{Number, Value as Json};

/// Reads one document. Nesting is bounded by serde_json (128).
pub(crate) fn decode(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map(from).map_err(|error| error.to_string())
}

fn from(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(truth),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::List(items.into_iter().map(from).collect()),
        Json::Object(members) => Value::Map(members.into_iter().map(|(key, value)| (key, from(value))).collect()),
    }
}

/// Writes one document.
pub(crate) fn encode(value: &Value) -> Vec<u8> {
    to(value).to_string().into_bytes()
}

fn to(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(number) => Json::from(*number),
        Value::Double(number) | Value::Timestamp(number) => {
            Number::from_f64(*number).map_or_else(|| Json::from(special(*number)), Json::Number)
        }
        Value::Text(text) => Json::from(text.as_str()),
        Value::List(items) => Json::Array(items.iter().map(to).collect()),
        Value::Map(members) => Json::Object(members.iter().map(|(key, value)| (key.clone(), to(value))).collect()),
    }
}

/// The three doubles that are no JSON numbers (Smithy, AWS JSON protocols).
const SPECIAL: [(&str, f64); 3] = [("NaN", f64::NAN), ("Infinity", f64::INFINITY), ("-Infinity", f64::NEG_INFINITY)];

fn special(number: f64) -> &'static str {
    SPECIAL.iter().find(|(_, special)| *special == number).map_or("NaN", |(text, _)| text)
}

/// The double that a text stands for.
pub(crate) fn special_double(text: &str) -> Option<f64> {
    SPECIAL.iter().find(|(name, _)| *name == text).map(|(_, special)| *special)
}

//! JSON Schema of the language, made from the tables the reader reads by.

use serde_json::{Map, Value as Json, json};

use crate::keys::{DECISIONS_FILE, Form, PLANT_FILE, Shape, Value};

/// Schema of a plant file.
pub fn schema() -> Json {
    whole(&PLANT_FILE)
}

/// Schema of `decisions.toml`.
pub fn decisions_schema() -> Json {
    whole(&DECISIONS_FILE)
}

fn whole(shape: &Shape) -> Json {
    let mut schema = table(shape);
    if let Json::Object(object) = &mut schema {
        object.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        object.insert("title".to_owned(), json!(shape.name));
    }
    schema
}

fn table(shape: &Shape) -> Json {
    let mut properties = Map::new();
    for key in shape.keys {
        let mut property = value(&key.value);
        if let Json::Object(object) = &mut property {
            object.insert("description".to_owned(), json!(key.doc));
        }
        properties.insert(key.name.to_owned(), property);
    }
    let required: Vec<_> = shape.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut schema = json!({
        "type": "object",
        "description": shape.doc,
        "properties": properties,
        "additionalProperties": false,
    });
    if let (Json::Object(object), false) = (&mut schema, required.is_empty()) {
        object.insert("required".to_owned(), json!(required));
    }
    schema
}

fn value(value: &Value) -> Json {
    match value {
        Value::Text(form) => text(*form),
        Value::Texts(form) => {
            json!({ "anyOf": [text(*form), { "type": "array", "minItems": 1, "items": text(*form) }] })
        }
        Value::Whole(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Value::Flag => json!({ "type": "boolean" }),
        Value::Day => json!({ "type": "string", "format": "date" }),
        Value::Table(shape) => table(shape),
        Value::TextOrTable(form, shape) => json!({ "anyOf": [text(*form), table(shape)] }),
        Value::Words => json!({
            "type": "object",
            "additionalProperties": {
                "anyOf": [
                    { "type": ["string", "boolean", "integer"] },
                    { "type": "array", "minItems": 1, "items": { "type": "string" } },
                ]
            },
        }),
        Value::Map(shape) => json!({
            "type": "object",
            "propertyNames": text(Form::Id),
            "additionalProperties": table(shape),
        }),
        Value::Tables(shape) => json!({ "type": "array", "items": table(shape) }),
    }
}

fn text(form: Form) -> Json {
    let pattern = match form {
        Form::Plain => return json!({ "type": "string", "minLength": 1 }),
        Form::OneOf(words) => return json!({ "enum": words }),
        Form::Id => "^[A-Za-z0-9_-]{1,40}$",
        Form::Address => "^[0-9A-Fa-f.:]+$",
        Form::Network => "^[0-9A-Fa-f.:]+/[0-9]{1,3}$",
        Form::Port => "^[A-Za-z][A-Za-z0-9_.-]{0,14}$",
        Form::Duration => "^([0-9]+ ?(d|h|min|s) ?)+$",
        Form::Window => "^[A-Za-z,-]+ +[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$",
        Form::Level => "^SL [0-4]$",
    };
    json!({ "type": "string", "pattern": pattern })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SourceFile, read};

    /// A TOML value with every key of a table, made from the schema's own tables.
    fn sample(value: &Value) -> String {
        let text = |form: &Form| match form {
            Form::OneOf(words) => format!("\"{}\"", words[0]),
            _ => "\"x\"".to_owned(),
        };
        match value {
            Value::Text(form) => text(form),
            Value::Texts(form) => format!("[{}]", text(form)),
            Value::Whole(least, _) => least.to_string(),
            Value::Flag => "true".to_owned(),
            Value::Day => "\"2026-11-30\"".to_owned(),
            Value::Table(shape) | Value::TextOrTable(_, shape) => inline(shape),
            Value::Words => "{ service = \"x\" }".to_owned(),
            Value::Map(shape) => format!("{{ x = {} }}", inline(shape)),
            Value::Tables(shape) => format!("[{}]", inline(shape)),
        }
    }

    fn inline(shape: &Shape) -> String {
        let keys: Vec<_> =
            shape.keys.iter().map(|key| format!("{} = {}", key.name, sample(&key.value))).collect();
        format!("{{ {} }}", keys.join(", "))
    }

    /// What the schema allows is read: a key the reader passes over is reported as unknown.
    #[test]
    fn every_key_of_the_schema_is_read() {
        for (name, shape) in [("plant.toml", &PLANT_FILE), ("decisions.toml", &DECISIONS_FILE)] {
            let lines: Vec<_> =
                shape.keys.iter().map(|key| format!("{} = {}", key.name, sample(&key.value))).collect();
            let text = lines.join("\n");
            let reading = read(&[SourceFile { name: name.to_owned(), text: text.clone().into_bytes() }]);
            let codes: Vec<_> = reading.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
            assert!(!codes.contains(&"RW0103"), "{text}\n{:#?}", reading.diagnostics);
            assert!(!codes.contains(&"RW0105"), "{:#?}", reading.diagnostics);
            assert!(!codes.contains(&"RW0106"), "{:#?}", reading.diagnostics);
        }
    }

    /// What is read is in the schema: the reader has no other way to a key than the tables the schema is made from,
    /// so asking for one that is not there gives nothing. A spelling the tables do not have is refused.
    #[test]
    fn a_key_outside_the_schema_is_refused() {
        let text = "[plant]\nid = \"x\"\nidd = \"y\"\n";
        let reading = read(&[SourceFile { name: "plant.toml".to_owned(), text: text.into() }]);
        assert!(reading.diagnostics.iter().any(|diagnostic| diagnostic.code == "RW0105"));
    }
}

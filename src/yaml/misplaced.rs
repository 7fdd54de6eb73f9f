//! Files in which a secret stands wherever it should not, for the tests that no message repeats it.

use serde_json::Value;

/// What may stand in a value's place, with `@` for the secret.
const FORMS: [&str; 9] = [
    "\"@\"",
    "[\"@\"]",
    "[[\"@\"]]",
    "{ \"@\": null }",
    "{ \"@\": }",
    "{ @ }",
    "[{ \"name\": { \"x\": \"@\" } }]",
    "!@ 1",
    "*@",
];

/// What may stand in a line's place. A key is repeated only when it has a value, so that it is one.
const LINES: [&str; 11] = [
    "@",
    "@: null",
    "  @: ~ # @",
    "\"@",
    "'@'x: 1",
    "? @",
    "- @",
    "\t- @",
    "&@ @",
    "%@ @",
    "{ @: }",
];

/// `good` with `secret` in place of each of its values, and in place of each of its lines.
pub(crate) fn texts(good: &str, secret: &str) -> Vec<String> {
    let tree: Value = serde_saphyr::from_str(good).unwrap();
    let mut texts = Vec::new();
    for pointer in pointers(&tree, "") {
        let mut tree = tree.clone();
        *tree.pointer_mut(&pointer).unwrap() = Value::from("here");
        let text = tree.to_string();
        texts.extend(FORMS.map(|form| text.replace("\"here\"", &form.replace('@', secret))));
    }
    let lines: Vec<&str> = good.lines().collect();
    for index in 0..lines.len() {
        for form in LINES {
            let line = form.replace('@', secret);
            let mut changed = lines.clone();
            changed[index] = &line;
            texts.push(changed.join("\n"));
        }
    }
    texts
}

fn pointers(tree: &Value, here: &str) -> Vec<String> {
    let mut found = vec![here.to_owned()];
    match tree {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                found.extend(pointers(item, &format!("{here}/{index}")));
            }
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                found.extend(pointers(value, &format!("{here}/{key}")));
            }
        }
        _ => {}
    }
    found
}

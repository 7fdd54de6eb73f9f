//! Reading YAML.

use std::collections::BTreeMap;

use saphyr::{LoadableYamlNode, YamlOwned};

/// The document in a file of the repository.
pub fn document(name: &str) -> YamlOwned {
    let mut documents = YamlOwned::load_from_str(&crate::read(name)).expect(name);
    assert_eq!(documents.len(), 1, "{name}");
    documents.remove(0)
}

/// The list under a key; empty where the key is not there.
pub fn list<'a>(node: &'a YamlOwned, key: &str) -> &'a [YamlOwned] {
    let value = node.as_mapping_get(key);
    value.map_or(&[], |it| it.as_vec().expect(key).as_slice())
}

/// The text or number under a key, as a text.
pub fn text(node: &YamlOwned, key: &str) -> Option<String> {
    node.as_mapping_get(key).map(plain)
}

/// The mapping of names to texts under a key; empty where the key is not there.
pub fn texts(node: &YamlOwned, key: &str) -> BTreeMap<String, String> {
    let Some(value) = node.as_mapping_get(key) else {
        return BTreeMap::new();
    };
    let pairs = value.as_mapping().expect(key).iter();
    pairs
        .map(|(name, value)| (plain(name), plain(value)))
        .collect()
}

fn plain(node: &YamlOwned) -> String {
    node.as_str()
        .map(str::to_owned)
        .or_else(|| node.as_integer().map(|it| it.to_string()))
        .or_else(|| node.as_floating_point().map(|it| it.to_string()))
        .unwrap_or_else(|| panic!("neither a text nor a number: {node:?}"))
}

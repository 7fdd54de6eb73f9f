//! The paths in the tokens that a macro or an attribute is given.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// A path as it is written, and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub segments: Vec<String>,
    pub line: usize,
}

impl Path {
    pub fn new(line: usize) -> Self {
        Self {
            segments: Vec::new(),
            line,
        }
    }

    /// This path and one more name.
    pub fn then(&self, name: &Ident) -> Self {
        let mut path = self.clone();
        path.segments.push(plain(name));
        path
    }
}

impl From<&syn::Path> for Path {
    fn from(path: &syn::Path) -> Self {
        let names = || path.segments.iter().map(|it| &it.ident);
        let line = names().next().map_or(0, |it| it.span().start().line);
        names().fold(Self::new(line), |path, it| path.then(it))
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(&self.segments.join("::"))
    }
}

/// What stands for a name that only the macro's expansion knows, as in `module::$name`.
const UNKNOWN: &str = "?";

/// The keys that serde and schemars give a path in a string.
const NAMED_IN_STRINGS: &[&str] = &[
    "bound",
    "default",
    "deserialize_with",
    "from",
    "getter",
    "into",
    "remote",
    "schema_with",
    "serialize_with",
    "skip_serializing_if",
    "try_from",
    "with",
];

/// Every path in `tokens`, single names too. In strings there are paths only where
/// `named_in_strings` says so: as the values of the keys that serde has for them.
pub fn paths(tokens: TokenStream, named_in_strings: bool) -> Vec<Path> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Group(group) => found.extend(paths(group.stream(), named_in_strings)),
            TokenTree::Ident(name) if starts_path(&tokens, at) => {
                if named_in_strings && let Some(path) = in_string(&tokens, at, name) {
                    found.push(path);
                }
                let (path, last) = path(&tokens, at, name);
                found.push(path);
                at = last;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Whether a path may begin with the name at `at`: not a field, not a lifetime, not a macro's
/// variable and not the rest of another path.
fn starts_path(tokens: &[TokenTree], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|it| punctuation(tokens, it));
    match before(1) {
        Some('$') => matches!(&tokens[at], TokenTree::Ident(it) if it == "crate"),
        Some('.') => before(2) == Some('.'),
        Some(':') => before(2) != Some(':'),
        Some('\'') => false,
        _ => true,
    }
}

/// The path that begins with `name` at `at`, and where its last token is.
fn path(tokens: &[TokenTree], mut at: usize, name: &Ident) -> (Path, usize) {
    let mut path = Path::new(name.span().start().line).then(name);
    while punctuation(tokens, at + 1) == Some(':') && punctuation(tokens, at + 2) == Some(':') {
        match tokens.get(at + 3) {
            Some(TokenTree::Ident(next)) => path = path.then(next),
            Some(TokenTree::Punct(it)) if it.as_char() == '$' => {
                path.segments.push(UNKNOWN.to_owned());
                return (path, at + 3);
            }
            Some(TokenTree::Group(it)) if it.delimiter() == Delimiter::Brace => {
                path.segments.push(UNKNOWN.to_owned());
                return (path, at + 2);
            }
            _ => break,
        }
        at += 3;
    }
    (path, at)
}

/// The path in the string of `name = "path"`.
fn in_string(tokens: &[TokenTree], at: usize, name: &Ident) -> Option<Path> {
    let (Some('='), Some(TokenTree::Literal(value))) =
        (punctuation(tokens, at + 1), tokens.get(at + 2))
    else {
        return None;
    };
    if !NAMED_IN_STRINGS.contains(&plain(name).as_str()) {
        return None;
    }
    let text = value.to_string();
    let path: syn::Path = syn::parse_str(text.trim_matches('"')).ok()?;
    Some(Path {
        line: value.span().start().line,
        ..Path::from(&path)
    })
}

fn punctuation(tokens: &[TokenTree], at: usize) -> Option<char> {
    match tokens.get(at)? {
        TokenTree::Punct(it) => Some(it.as_char()),
        _ => None,
    }
}

fn plain(name: &Ident) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}

//! What a file may say that matters to the tree of modules.

use super::tokens::Path;

/// One thing that a file says.
#[derive(Debug)]
pub enum Record {
    /// A module that is declared, with its content when that is written in the same file.
    Module {
        name: String,
        inline: Option<Vec<Record>>,
    },
    /// The name of something that the module defines.
    Item(String),
    /// One name of a `use`.
    Import(Import),
    /// `use path::*`.
    Glob(Path),
    /// A path in code.
    Code(Path),
    /// A function in an `impl` of no trait.
    Method(Method),
    /// A call of a method on `self` or by `Self::`.
    Call(Call),
}

/// A name that a module gives to a path.
#[derive(Debug)]
pub struct Import {
    /// `_` where the path gets no name.
    pub name: String,
    pub path: Path,
    /// Whether others may use it by that name.
    pub public: bool,
}

/// A method or associated function of a type.
#[derive(Debug)]
pub struct Method {
    /// The path of the type.
    pub of: Path,
    pub name: String,
}

/// A call of a method or associated function by the code of the same type.
#[derive(Debug)]
pub struct Call {
    /// The path of the type.
    pub of: Path,
    pub name: String,
    pub line: usize,
}

//! What one source file says of modules: which it declares, what it defines, what it imports, and
//! every path in its code. Whatever is compiled for tests only is left out.

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ImplItem, Item, Macro, Meta, Type, UseTree, Visibility};

use super::record::{Call, Import, Method, Record};
use super::tokens::{self, Path};

/// Reads the text of a file; nothing when the whole file is compiled for tests only.
pub fn file(text: &str) -> syn::Result<Vec<Record>> {
    let file = syn::parse_file(text)?;
    let mut reader = Reader::default();
    reader.unless_test_only(|reader| reader.visit_file(&file));
    Ok(reader.records)
}

#[derive(Default)]
struct Reader {
    records: Vec<Record>,
    /// How many blocks of code are open. What is defined in one has no path.
    blocks: usize,
    /// Whether what is being visited has turned out to be compiled for tests only.
    test_only: bool,
    /// The type whose `impl` is being visited.
    of: Option<Path>,
}

impl Reader {
    /// Visits something, and forgets all of it if one of its attributes says that it is for tests.
    fn unless_test_only(&mut self, visit: impl FnOnce(&mut Self)) {
        let before = self.records.len();
        let outer = std::mem::replace(&mut self.test_only, false);
        visit(self);
        if std::mem::replace(&mut self.test_only, outer) {
            self.records.truncate(before);
        }
    }

    fn import(&mut self, tree: &UseTree, prefix: &Path, public: bool) {
        match tree {
            UseTree::Path(it) => self.import(&it.tree, &prefix.then(&it.ident), public),
            UseTree::Group(it) => {
                for tree in &it.items {
                    self.import(tree, prefix, public);
                }
            }
            UseTree::Glob(_) => self.records.push(Record::Glob(prefix.clone())),
            UseTree::Name(it) => self.name(prefix.then(&it.ident), None, public),
            UseTree::Rename(it) => {
                self.name(prefix.then(&it.ident), Some(it.rename.to_string()), public);
            }
        }
    }

    fn call(&mut self, name: &Ident) {
        if let Some(of) = self.of.clone() {
            self.records.push(Record::Call(Call {
                of,
                name: name.to_string(),
                line: name.span().start().line,
            }));
        }
    }

    fn name(&mut self, mut path: Path, rename: Option<String>, public: bool) {
        // `a::b::{self}` is `a::b`.
        if path.segments.len() > 1 {
            path.segments.pop_if(|last| last == "self");
        }
        let Some(last) = path.segments.last() else {
            return;
        };
        let name = rename.unwrap_or_else(|| last.clone());
        self.records
            .push(Record::Import(Import { name, path, public }));
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        match &attribute.meta {
            Meta::List(list) if list.path.is_ident("cfg") => {
                self.test_only |= list
                    .parse_args()
                    .is_ok_and(|condition| !without_tests(&condition));
            }
            Meta::List(list) => {
                let named_in_strings =
                    list.path.is_ident("serde") || list.path.is_ident("schemars");
                let paths = tokens::paths(list.tokens.clone(), named_in_strings);
                self.records.extend(paths.into_iter().map(Record::Code));
            }
            Meta::NameValue(it) => self.visit_expr(&it.value),
            _ => {}
        }
    }

    fn visit_item(&mut self, item: &'ast Item) {
        self.unless_test_only(|reader| {
            if let Some(name) = defines(item).filter(|_| reader.blocks == 0) {
                reader.records.push(Record::Item(name));
            }
            match item {
                Item::Mod(module) => {
                    let outer = std::mem::take(&mut reader.records);
                    visit::visit_item_mod(reader, module);
                    let inside = std::mem::replace(&mut reader.records, outer);
                    reader.records.push(Record::Module {
                        name: module.ident.to_string(),
                        inline: module.content.as_ref().map(|_| inside),
                    });
                }
                Item::Use(it) => {
                    for attribute in &it.attrs {
                        reader.visit_attribute(attribute);
                    }
                    if it.leading_colon.is_none() {
                        let public = !matches!(it.vis, Visibility::Inherited);
                        let start = Path::new(it.use_token.span.start().line);
                        reader.import(&it.tree, &start, public);
                    }
                }
                _ => visit::visit_item(reader, item),
            }
        });
    }

    fn visit_item_impl(&mut self, it: &'ast syn::ItemImpl) {
        let of = match &*it.self_ty {
            Type::Path(it) => Some(Path::from(&it.path)),
            _ => None,
        };
        for item in &it.items {
            if let (Some(of), None, ImplItem::Fn(method)) = (&of, &it.trait_, item) {
                self.records.push(Record::Method(Method {
                    of: of.clone(),
                    name: method.sig.ident.to_string(),
                }));
            }
        }
        let outer = std::mem::replace(&mut self.of, of);
        visit::visit_item_impl(self, it);
        self.of = outer;
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if is_self(&call.receiver) {
            self.call(&call.method);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            self.records.push(Record::Code(Path::from(path)));
        }
        if path.segments.len() == 2 && path.segments[0].ident == "Self" {
            self.call(&path.segments[1].ident);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, it: &'ast Macro) {
        self.visit_path(&it.path);
        let paths = tokens::paths(it.tokens.clone(), false);
        self.records.extend(paths.into_iter().map(Record::Code));
    }

    // `pub(in super::super)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.blocks += 1;
        visit::visit_block(self, block);
        self.blocks -= 1;
    }

    fn visit_impl_item(&mut self, it: &'ast ImplItem) {
        self.unless_test_only(|reader| visit::visit_impl_item(reader, it));
    }

    fn visit_trait_item(&mut self, it: &'ast syn::TraitItem) {
        self.unless_test_only(|reader| visit::visit_trait_item(reader, it));
    }

    fn visit_field(&mut self, it: &'ast syn::Field) {
        self.unless_test_only(|reader| visit::visit_field(reader, it));
    }

    fn visit_field_value(&mut self, it: &'ast syn::FieldValue) {
        self.unless_test_only(|reader| visit::visit_field_value(reader, it));
    }

    fn visit_variant(&mut self, it: &'ast syn::Variant) {
        self.unless_test_only(|reader| visit::visit_variant(reader, it));
    }

    fn visit_arm(&mut self, it: &'ast syn::Arm) {
        self.unless_test_only(|reader| visit::visit_arm(reader, it));
    }

    fn visit_stmt(&mut self, it: &'ast syn::Stmt) {
        self.unless_test_only(|reader| visit::visit_stmt(reader, it));
    }

    fn visit_expr(&mut self, it: &'ast Expr) {
        self.unless_test_only(|reader| visit::visit_expr(reader, it));
    }
}

/// The name of what `item` defines, where it can be used by a path.
fn defines(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(it) => &it.ident,
        Item::Enum(it) => &it.ident,
        Item::Fn(it) => &it.sig.ident,
        Item::Macro(it) => it.ident.as_ref()?,
        Item::Static(it) => &it.ident,
        Item::Struct(it) => &it.ident,
        Item::Trait(it) => &it.ident,
        Item::TraitAlias(it) => &it.ident,
        Item::Type(it) => &it.ident,
        Item::Union(it) => &it.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// Whether a method is called on `self`, or on another pointer to the same.
fn is_self(receiver: &Expr) -> bool {
    match receiver {
        Expr::Path(it) => it.path.is_ident("self"),
        Expr::MethodCall(it) => it.method == "clone" && is_self(&it.receiver),
        _ => false,
    }
}

/// Whether the condition of a `cfg` can hold in a build that is not for tests.
fn without_tests(condition: &Meta) -> bool {
    let Meta::List(list) = condition else {
        return !condition.path().is_ident("test");
    };
    let parts = list
        .parse_args_with(syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated)
        .unwrap_or_default();
    if list.path.is_ident("all") {
        parts.iter().all(without_tests)
    } else if list.path.is_ident("any") {
        parts.iter().any(without_tests)
    } else {
        true
    }
}

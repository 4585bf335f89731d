//! No two files of a crate import each other, however long the way round.
//!
//! An arrow goes from a file to the file that *defines* what it names: through `crate::`, `super::`, `self::`, a child's name, and
//! through re-exports, so that a circle cannot hide behind a crate's root. A parent that declares and re-exports its children
//! draws no arrow to them by that. Modules that exist in tests alone are left out: they import, and nothing imports them.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Macro, UseTree, Visibility};

use super::manifests::MAY_KNOW;
use super::nothing;
use super::tree::{File, files};

/// Names from the crate's root to a module, or from there to a thing in it.
type Path = Vec<String>;

/// How many re-exports are followed before giving up.
const LONGEST_CHAIN: usize = 8;

/// What one file names, and what can be named through it.
#[derive(Default)]
struct Module {
    /// Every path that the code names, as it is written.
    named: Vec<Path>,
    /// `pub use` by the name it gives; what is given by `*` stands under `*`.
    reexported: BTreeMap<String, Vec<Path>>,
    /// Items that the file defines itself.
    defined: BTreeSet<String>,
    /// Child modules that exist in tests alone.
    tests: BTreeSet<String>,
}

fn for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|word| word == "test")
    })
}

/// The paths of a `use` with the name that each gives.
fn spread(tree: &UseTree, before: &[String], into: &mut Vec<(Path, String)>) {
    let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(path) => spread(&path.tree, &with(&path.ident), into),
        UseTree::Group(group) => group
            .items
            .iter()
            .for_each(|item| spread(item, before, into)),
        UseTree::Glob(_) => into.push((before.to_vec(), "*".to_owned())),
        UseTree::Name(name) if name.ident == "self" => {
            into.push((before.to_vec(), before.last().cloned().unwrap_or_default()));
        }
        UseTree::Name(name) => into.push((with(&name.ident), name.ident.to_string())),
        UseTree::Rename(name) => into.push((with(&name.ident), name.rename.to_string())),
    }
}

/// Paths inside of a macro's call, which are tokens only: words joined by `::`.
fn loose(tokens: TokenStream, into: &mut Vec<Path>) {
    let mut path: Path = Vec::new();
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
            TokenTree::Ident(word) => {
                if colons != 2 {
                    into.extend((path.len() > 1).then(|| std::mem::take(&mut path)));
                    path.clear();
                }
                path.push(word.to_string());
                colons = 0;
            }
            other => {
                into.extend((path.len() > 1).then(|| std::mem::take(&mut path)));
                path.clear();
                colons = 0;
                if let TokenTree::Group(group) = other {
                    loose(group.stream(), into);
                }
            }
        }
    }
    into.extend((path.len() > 1).then_some(path));
}

fn name_of(item: &Item) -> Option<&syn::Ident> {
    Some(match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Mod(item) => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Macro(item) => return item.ident.as_ref(),
        _ => return None,
    })
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Mod(ItemMod { attrs, .. }) => attrs,
            Item::Fn(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            _ => &Vec::new(),
        };
        if for_tests(attributes) {
            if let Item::Mod(module) = item {
                self.tests.insert(module.ident.to_string());
            }
            return;
        }
        self.defined.extend(name_of(item).map(ToString::to_string));
        visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut paths = Vec::new();
        spread(&item.tree, &[], &mut paths);
        for (path, name) in paths {
            if matches!(item.vis, Visibility::Inherited) {
                self.named.push(path);
            } else {
                self.reexported.entry(name).or_default().push(path);
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            self.named.push(
                path.segments
                    .iter()
                    .map(|part| part.ident.to_string())
                    .collect(),
            );
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        loose(call.tokens.clone(), &mut self.named);
        visit::visit_macro(self, call);
    }
}

/// The files of one crate by the path of their module.
struct Crate(BTreeMap<Path, Module>);

impl Crate {
    /// `sources` are the files under `<room>/src/`.
    fn read(room: &str, sources: &[File]) -> Self {
        let folder = format!("{room}/src/");
        let mut modules = BTreeMap::new();
        for file in sources {
            let Some(place) = file.path.strip_prefix(&folder) else {
                continue;
            };
            let mut path: Path = place
                .trim_end_matches(".rs")
                .split('/')
                .map(String::from)
                .collect();
            path.pop_if(|name| ["mod", "lib", "main"].contains(&name.as_str()));
            let tree = syn::parse_file(&file.text)
                .unwrap_or_else(|error| panic!("{} cannot be read: {error}", file.path));
            let module: &mut Module = modules.entry(path).or_default();
            module.visit_file(&tree);
        }
        Self(modules)
    }

    /// A path as it is written in `from`, from the crate's root; `None` for another crate's.
    fn absolute(&self, from: &[String], written: &[String]) -> Option<Path> {
        let (first, rest) = written.split_first()?;
        let mut base = from.to_vec();
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([&base, rest].concat()),
            "super" => {
                let mut rest = rest;
                base.pop()?;
                while let Some((_, after)) = rest.split_first().filter(|(word, _)| *word == "super")
                {
                    base.pop()?;
                    rest = after;
                }
                Some([&base, rest].concat())
            }
            _ => {
                let inside = [&base, written].concat();
                let is_child = self
                    .0
                    .contains_key(&[&base[..], std::slice::from_ref(first)].concat());
                is_child.then_some(inside)
            }
        }
    }

    /// The modules that define what a path from the root names.
    fn defining(&self, path: &[String], chain: usize) -> BTreeSet<Path> {
        let known = |length: &usize| self.0.contains_key(&path[..*length]);
        let Some(length) = (0..=path.len()).rev().find(known) else {
            return BTreeSet::new();
        };
        let (place, rest) = path.split_at(length);
        let found = match rest.split_first() {
            Some((name, after)) if chain < LONGEST_CHAIN => self.through(place, name, after, chain),
            _ => BTreeSet::new(),
        };
        if found.is_empty() {
            BTreeSet::from([place.to_vec()])
        } else {
            found
        }
    }

    /// Where `name` comes from when `place` only passes it on.
    fn through(
        &self,
        place: &[String],
        name: &String,
        after: &[String],
        chain: usize,
    ) -> BTreeSet<Path> {
        let module = &self.0[place];
        if module.defined.contains(name) {
            return BTreeSet::new();
        }
        let follow = |path: &Path| self.absolute(place, path);
        if let Some(paths) = module.reexported.get(name) {
            let ways = paths.iter().filter_map(follow);
            return ways
                .flat_map(|way| self.defining(&[&way, after].concat(), chain + 1))
                .collect();
        }
        let globs = module
            .reexported
            .get("*")
            .into_iter()
            .flatten()
            .filter_map(follow);
        globs
            .filter(|glob| {
                self.0
                    .get(glob)
                    .is_some_and(|module| module.defined.contains(name))
            })
            .collect()
    }

    fn for_tests(&self, path: &[String]) -> bool {
        (1..=path.len()).any(|length| {
            let (parent, name) = (&path[..length - 1], &path[length - 1]);
            self.0
                .get(parent)
                .is_some_and(|module| module.tests.contains(name))
        })
    }

    /// Which file names something of which other.
    fn arrows(&self) -> BTreeMap<Path, BTreeSet<Path>> {
        let real = |path: &&Path| !self.for_tests(path);
        let mut arrows = BTreeMap::new();
        for from in self.0.keys().filter(real) {
            let module = &self.0[from];
            let sideways = module.reexported.values().flatten();
            let outward = sideways.filter(|path| {
                self.absolute(from, path)
                    .is_some_and(|path| !path.starts_with(from))
            });
            let named = module.named.iter().chain(outward);
            let paths = named.filter_map(|path| self.absolute(from, path));
            let ends = paths.flat_map(|path| self.defining(&path, 0));
            let ends: BTreeSet<Path> = ends
                .filter(|end| end != from && !self.for_tests(end))
                .collect();
            arrows.insert(from.clone(), ends);
        }
        arrows
    }
}

/// All that can be reached from `start`, itself only when a way leads back.
fn reach(arrows: &BTreeMap<Path, BTreeSet<Path>>, start: &Path) -> BTreeSet<Path> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(next) = open.pop() {
        for end in arrows.get(next).into_iter().flatten() {
            if reached.insert(end.clone()) {
                open.push(end);
            }
        }
    }
    reached
}

/// One line for each circle: its files with their arrows inside of it.
fn circles(room: &str, sources: &[File]) -> Vec<String> {
    let arrows = Crate::read(room, sources).arrows();
    let reached: BTreeMap<&Path, BTreeSet<Path>> = arrows
        .keys()
        .map(|path| (path, reach(&arrows, path)))
        .collect();
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for (path, far) in &reached {
        if !far.contains(*path) || told.contains(*path) {
            continue;
        }
        let circle: Vec<&Path> = far
            .iter()
            .filter(|other| reached[other].contains(*path))
            .collect();
        told.extend(circle.iter().copied());
        let lines = circle.iter().map(|from| {
            let ends = arrows[*from].iter().filter(|end| circle.contains(end));
            format!(
                "{} -> {}",
                from.join("::"),
                ends.map(|end| end.join("::"))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        });
        found.push(format!(
            "{room}, {} files\n    {}",
            circle.len(),
            lines.collect::<Vec<_>>().join("\n    ")
        ));
    }
    found
}

#[test]
fn no_module_imports_in_a_circle() {
    let sources = files(&["rs"]);
    let rooms = MAY_KNOW.iter().map(|(room, _)| room);
    let found: Vec<String> = rooms.flat_map(|room| circles(room, &sources)).collect();
    nothing("files import each other in a circle", &found);
}

/// A small crate in which `a` names `b` by the given line.
fn small(in_root: &str, in_a: &str, in_b: &str) -> Vec<String> {
    let file = |name: &str, text: &str| File {
        path: format!("room/src/{name}.rs"),
        text: text.to_owned(),
    };
    let sources = [
        file("lib", in_root),
        file("a", in_a),
        file("b", in_b),
        file("b/inner", "pub struct C;"),
    ];
    circles("room", &sources)
}

#[test]
fn the_reader_of_imports_sees_circles() {
    let root = "mod a; mod b; pub use b::B;";
    let b = "mod inner; pub use inner::C; use crate::a::A; pub struct B;";
    for in_a in [
        "use crate::b::B; pub struct A;",
        "use super::b::B; pub struct A;",
        "pub struct A(crate::b::B);",
        "pub struct A; fn f() { let _ = format!(\"{}\", crate::b::B::new()); }",
        // Hidden behind the root.
        "use crate::B; pub struct A;",
    ] {
        assert_eq!(small(root, in_a, b).len(), 1, "{in_a}");
    }
    for in_a in [
        "pub struct A;",
        // `C` is defined in a file that names nobody.
        "use crate::b::C; pub struct A;",
        "pub struct A; #[cfg(test)] mod tests { use crate::b::B; }",
        "// use crate::b::B;\npub struct A; const T: &str = \"crate::b::B\";",
    ] {
        assert_eq!(small(root, in_a, b), [""; 0], "{in_a}");
    }
}

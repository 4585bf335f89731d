//! What a mutant is.

/// One change that must not go unnoticed.
#[derive(Debug)]
pub(crate) struct Mutant {
    /// Its name on the command line.
    pub(super) name: &'static str,
    /// The file, from the root folder.
    pub(super) file: &'static str,
    /// Text that occurs exactly once in the file.
    pub(super) old: &'static str,
    /// What takes its place; must compile.
    pub(super) new: &'static str,
    /// Parts of names of tests of the packages with mutants: those that must notice.
    pub(super) tests: &'static [&'static str],
}

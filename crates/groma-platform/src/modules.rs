//! The embedded modules: what a root module is made of.

/// Module, file name, text; ordered by module and name.
static FILES: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/modules.rs"));

/// The names of all modules.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = FILES.iter().map(|(m, _, _)| *m).collect();
    names.dedup();
    names
}

/// The files of a module: names and texts.
pub fn files(module: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().filter(move |(m, _, _)| *m == module).map(|(_, n, t)| (*n, *t))
}

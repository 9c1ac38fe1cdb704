//! Files: the only functions that look at the file system.

use super::build::*;
use super::encoding::to_base64;
use super::hashes::DIGESTS;
use super::{Function, FunctionContext, FunctionError, Parameter};
use super::{glob, paths};
use groma_value::{Marks, Type, Value};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where relative names and `~` lead.
#[derive(Clone)]
pub(super) struct Place(Arc<FunctionContext>);

pub(super) fn functions(ctx: &FunctionContext) -> Vec<Function> {
    let place = Place::new(ctx);
    let mut all: Vec<Function> = DIGESTS
        .into_iter()
        .map(|(name, digest)| {
            let name = if name.starts_with("base64") {
                name.replace("base64", "filebase64")
            } else {
                format!("file{name}")
            };
            let place = place.clone();
            function(&name, "A hash of a file's content.", [path_param()], Type::String, move |a| {
                let bytes = place.read(text(&a[0])).or_else(|e| fail(e.text()))?;
                Ok(Value::string(digest(&bytes)))
            })
        })
        .collect();
    let at = || place.clone();
    let (a1, a2, a3, a4, a5, a6) = (at(), at(), at(), at(), at(), at());
    all.extend([
        function("file", "The content of a text file.", [path_param().marked()], Type::String, move |a| {
            let (path, marks) = unmark(&a[0]);
            a1.read_text(text(path), &marks).map(|s| Value::string(s).with_marks(&marks))
        }),
        function(
            "filebase64",
            "The content of a file in Base64.",
            [path_param().marked()],
            Type::String,
            move |a| {
                let (path, marks) = unmark(&a[0]);
                let bytes = a2.read_source(text(path), &marks)?;
                Ok(Value::string(to_base64(&bytes)).with_marks(&marks))
            },
        ),
        function("fileexists", "Whether a file exists.", [path_param().marked()], Type::Bool, move |a| {
            let (path, marks) = unmark(&a[0]);
            a3.exists(text(path), &marks).map(|b| Value::bool(b).with_marks(&marks))
        }),
        function(
            "fileset",
            "The files under a directory with names of a pattern.",
            [path_param().marked(), param("pattern", Type::String, "The pattern, such as **/*.tf.").marked()],
            Type::set(Type::String),
            move |a| {
                let ((path, m1), (pattern, m2)) = (unmark(&a[0]), unmark(&a[1]));
                let marks = m1.union(&m2);
                let files = a4.find(text(path), text(pattern), &marks)?;
                Ok(Value::set(Type::String, files).with_marks(&marks))
            },
        ),
        function("abspath", "The absolute form of a file name.", [path_param()], Type::String, move |a| {
            let path = a5.real(text(&a[0])).or_else(fail_io)?;
            let path = std::path::absolute(path).or_else(fail_io)?;
            Ok(Value::string(paths::clean(&path.to_string_lossy())))
        }),
        function(
            "pathexpand",
            "A file name with the home directory for ~.",
            [path_param()],
            Type::String,
            move |a| a6.expand(text(&a[0])).map_or_else(fail, |s| Ok(Value::string(s))),
        ),
        function("basename", "The last part of a file name.", [path_param()], Type::String, |a| {
            Ok(Value::string(paths::base(text(&a[0]))))
        }),
        function("dirname", "All but the last part of a file name.", [path_param()], Type::String, |a| {
            Ok(Value::string(paths::dir(text(&a[0]))))
        }),
    ]);
    all
}

fn path_param() -> Parameter {
    param("path", Type::String, "The name of the file.")
}

fn fail_io<T>(e: io::Error) -> Res<T> {
    fail(io_text(&e))
}

/// The system's words for what went wrong, as Go shows them: lower case, and
/// without the number.
fn io_text(e: &io::Error) -> String {
    let s = e.to_string();
    let s = s.split(" (os error").next().unwrap_or(&s);
    let mut chars = s.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

/// Why a file could not be read.
enum ReadError {
    Expand(String),
    Open(String, io::Error),
    Read(String, io::Error),
}

impl ReadError {
    fn text(&self) -> String {
        match self {
            ReadError::Expand(e) => e.clone(),
            ReadError::Open(path, e) => format!("open {path}: {}", io_text(e)),
            ReadError::Read(path, e) => format!("read {path}: {}", io_text(e)),
        }
    }
}

impl Place {
    pub(super) fn new(ctx: &FunctionContext) -> Place {
        Place(Arc::new(ctx.clone()))
    }
    fn expand(&self, path: &str) -> Result<String, String> {
        let Some(rest) = path.strip_prefix('~') else { return Ok(path.to_owned()) };
        if !rest.is_empty() && !rest.starts_with('/') {
            return Err("cannot expand user-specific home dir".into());
        }
        match &self.0.home_dir {
            Some(home) => Ok(paths::join(&home.to_string_lossy(), rest)),
            None => Err("the home directory is not known".into()),
        }
    }
    /// The name for the system.
    fn real(&self, path: &str) -> io::Result<PathBuf> {
        Ok(if path.is_empty() { self.0.base_dir.clone() } else { self.0.base_dir.join(path) })
    }
    /// The name for messages, and the one for the system.
    fn locate(&self, path: &str) -> Result<(String, PathBuf), String> {
        let path = self.expand(path).map_err(|e| format!("failed to expand ~: {e}"))?;
        let shown = paths::clean(&path);
        let real = self.0.base_dir.join(&shown);
        Ok((shown, real))
    }
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        use std::io::Read;
        let (shown, real) = self.locate(path).map_err(ReadError::Expand)?;
        let mut out = Vec::new();
        let mut file = match std::fs::File::open(real) {
            Ok(f) => f,
            Err(e) => return Err(ReadError::Open(shown, e)),
        };
        match file.read_to_end(&mut out) {
            Ok(_) => Ok(out),
            Err(e) => Err(ReadError::Read(shown, e)),
        }
    }
    /// A file that belongs to the configuration.
    fn read_source(&self, path: &str, marks: &Marks) -> Res<Vec<u8>> {
        self.read(path).or_else(|e| {
            fail_arg(0, match &e {
                ReadError::Open(_, e) if e.kind() == io::ErrorKind::NotFound => format!(
                    "no file exists at {}; this function works only with files that are distributed as part of the configuration source code, so if this file will be created by a resource in this configuration you must instead obtain this result from an attribute of that resource",
                    redact(|| quote(path), marks)
                ),
                ReadError::Read(..) => format!("failed to read file: {}", e.text()),
                e => e.text(),
            })
        })
    }
    /// A text file that belongs to the configuration.
    pub(super) fn read_text(&self, path: &str, marks: &Marks) -> Res<String> {
        String::from_utf8(self.read_source(path, marks)?).or_else(|_| {
            fail(format!(
                "contents of {} are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents or the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead",
                redact(|| quote(path), marks)
            ))
        })
    }
    fn exists(&self, path: &str, marks: &Marks) -> Res<bool> {
        let (shown, real) = self.locate(path).or_else(fail)?;
        let shown = redact(|| quote(&shown), marks);
        let kind = match std::fs::metadata(real) {
            Ok(m) => m.file_type(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(_) => return fail(format!("failed to stat {shown}")),
        };
        if kind.is_file() {
            return Ok(true);
        }
        fail(format!("{shown} is {}", irregular(kind)))
    }
    fn find(&self, path: &str, pattern: &str, marks: &Marks) -> Res<Vec<Value>> {
        // As a pattern has to be, relative names are relative to the base directory.
        let dir = if path.is_empty() { ".".to_owned() } else { paths::clean(path) };
        let full = paths::join(&dir, pattern);
        let literal = glob::literal_parts(&dir, &full);
        let base: &Path = &self.0.base_dir;
        let found = glob::glob(base, &full, literal).or_else(|_| {
            let shown = redact(|| quote(&full), marks);
            fail(format!("failed to glob pattern {shown}: syntax error in pattern"))
        })?;
        let mut out = Vec::new();
        for name in found {
            match std::fs::metadata(base.join(&name)) {
                Ok(m) if m.is_file() => out.push(Value::string(paths::relative(&dir, &name))),
                Ok(_) => {}
                Err(e) => {
                    let shown = redact(|| quote(&name), marks);
                    return Err(FunctionError::new(format!(
                        "failed to stat {shown}: stat {name}: {}",
                        io_text(&e)
                    )));
                }
            }
        }
        Ok(out)
    }
}

fn irregular(kind: std::fs::FileType) -> &'static str {
    if kind.is_dir() {
        return "a directory, not a file";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_block_device() || kind.is_char_device() {
            return "a device node, not a regular file";
        }
        if kind.is_fifo() {
            return "a named pipe, not a regular file";
        }
        if kind.is_socket() {
            return "a unix domain socket, not a regular file";
        }
    }
    "not a regular file"
}

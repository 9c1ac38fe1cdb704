//! The record of installed modules: `.terraform/modules/modules.json`.
//!
//! The file is shared with Terraform, which compares it by content, so it is
//! written exactly as Terraform writes it.

use groma_value::addr::ModulePath;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// One installed module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The normalised source address; empty for the root.
    pub source: String,
    /// The version, for modules of a registry.
    pub version: Option<String>,
    /// The directory, relative to the working directory.
    pub dir: String,
}

/// The installed modules by key: the names of the calls joined by dots, empty
/// for the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The records.
    pub records: BTreeMap<String, Record>,
}

/// The key of a module.
pub fn key(path: &ModulePath) -> String {
    path.names().iter().map(|n| &**n).collect::<Vec<_>>().join(".")
}

impl Manifest {
    /// Where the file is, in the data directory.
    pub fn path(data_dir: &Path) -> PathBuf {
        data_dir.join("modules").join("modules.json")
    }

    /// Reads the file; no file is an empty manifest. The error is a sentence.
    pub fn read(data_dir: &Path) -> Result<Manifest, String> {
        let path = Manifest::path(data_dir);
        match std::fs::read_to_string(&path) {
            Ok(text) => Manifest::parse(&text).map_err(|e| format!("The file {} {e}.", path.display())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Manifest::default()),
            Err(e) => Err(format!("The file {} cannot be read: {e}.", path.display())),
        }
    }

    /// Reads the content of the file. The error is the end of a sentence.
    pub fn parse(text: &str) -> Result<Manifest, String> {
        let json: serde_json::Value =
            serde_json::from_str(text).map_err(|e| format!("is no valid JSON: {e}"))?;
        let entries = json["Modules"].as_array().ok_or("has no list of modules")?;
        let mut records = BTreeMap::new();
        for e in entries {
            let text = |name: &str| e[name].as_str().unwrap_or_default().to_owned();
            let version = Some(text("Version")).filter(|v| !v.is_empty());
            let record = Record { source: text("Source"), version, dir: text("Dir").replace('\\', "/") };
            if records.insert(text("Key"), record).is_some() {
                return Err(format!("has two records of the module \"{}\"", text("Key")));
            }
        }
        Ok(Manifest { records })
    }

    /// The content of the file.
    pub fn to_json(&self) -> String {
        let mut out = String::from("{\"Modules\":[");
        for (i, (key, r)) in self.records.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            write_field(&mut out, "{\"Key\":", key);
            write_field(&mut out, ",\"Source\":", &r.source);
            if let Some(v) = &r.version {
                write_field(&mut out, ",\"Version\":", v);
            }
            write_field(&mut out, ",\"Dir\":", &r.dir);
            out.push('}');
        }
        out.push_str("]}");
        out
    }

    /// Writes the file, and makes its directory.
    pub fn write(&self, data_dir: &Path) -> io::Result<()> {
        let path = Manifest::path(data_dir);
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        // A reader at the same time sees the old content or the new.
        let part = path.with_extension("json.part");
        std::fs::write(&part, self.to_json())?;
        std::fs::rename(part, path)
    }
}

/// A name and a string as Go's encoder writes strings: `&`, `<`, `>` escaped.
fn write_field(out: &mut String, name: &str, value: &str) {
    out.push_str(name);
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_written_as_terraform_does() {
        let text = "{\"Modules\":[{\"Key\":\"\",\"Source\":\"\",\"Dir\":\".\"},{\"Key\":\"a\",\"Source\":\"git::https://h/x.git?ref=a\\u0026depth=1\",\"Dir\":\".terraform/modules/a\"},{\"Key\":\"a.b\",\"Source\":\"registry.terraform.io/n/m/s\",\"Version\":\"1.2.3\",\"Dir\":\".terraform/modules/a.b\"}]}";
        assert_eq!(Manifest::parse(text).unwrap().to_json(), text);
        assert!(Manifest::parse("{}").is_err());
    }
}

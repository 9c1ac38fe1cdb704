//! Saved plans: a file with all that an apply needs, so that it does what was
//! shown, even after the files of the configuration have changed.
//!
//! The file is a zip archive: the plan as a document (`groma-plan.json`) with its
//! values beside it (`values.msgpack`), the states, the configuration, and the
//! providers' lock file. The format is Groma's own and may change with each
//! version; plan JSON is the form for other programs.

#![allow(clippy::result_large_err, reason = "an error ends the command, so its size does not matter")]

mod document;
#[cfg(test)]
mod tests;
mod values;

use crate::plan::Plan;
use document::PlanDoc;
use groma_config::manifest::Manifest;
use groma_config::{Config, Snapshot};
use groma_lang::{Diagnostic, Sources};
use groma_state::{SavedBackend, StateFile};
use groma_value::Name;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Cursor, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use values::{Reader, ValueDoc, Writer};

/// The version of the file format. Files of another version are refused.
const FORMAT: u64 = 1;
const HEADER: &str = "groma-plan.json";
const VALUES: &str = "values.msgpack";
const PRIOR: &str = "state.json";
const PREVIOUS: &str = "state-previous.json";
const SOURCES: &str = "configuration.json";
const LOCK_FILE: &str = ".terraform.lock.hcl";

/// A plan with all that belongs to it.
#[derive(Clone, Debug)]
pub struct PlanFile {
    /// The version of Groma that made it.
    pub groma_version: String,
    /// The plan. Values of ephemeral variables are not in it once it is read.
    pub plan: Plan,
    /// The lineage of the state that the plan was made from; empty when there was none.
    pub lineage: String,
    /// The serial of that state.
    pub serial: u64,
    /// The backend that the state is in; `None` for the local one as it is by default.
    pub backend: Option<SavedBackend>,
    /// The workspace.
    pub workspace: String,
    /// Whether the embedded AWS took the place of the AWS provider.
    pub sandbox: bool,
    /// The configuration, to be loaded by `LoadOptions::snapshot`.
    pub configuration: Arc<Snapshot>,
    /// The text of the providers' lock file.
    pub lock_file: Option<String>,
    /// Variables whose values are not stored: they must be given again.
    pub ephemeral_variables: BTreeSet<Name>,
}

impl PlanFile {
    /// A plan made from `config`, whose files are `sources`, and from the state
    /// `state`. There is no backend and no lock file, and the workspace is `default`,
    /// until the caller sets them.
    pub fn new(
        groma_version: impl Into<String>,
        plan: Plan,
        config: &Config,
        sources: &Sources,
        manifest: Manifest,
        state: &StateFile,
    ) -> PlanFile {
        let declared = config.root.module.variables.values();
        PlanFile {
            groma_version: groma_version.into(),
            plan,
            lineage: state.lineage.clone(),
            serial: state.serial,
            backend: None,
            workspace: groma_state::DEFAULT_WORKSPACE.into(),
            sandbox: false,
            configuration: Arc::new(Snapshot::of(sources, manifest)),
            lock_file: None,
            ephemeral_variables: declared.filter(|v| v.ephemeral).map(|v| v.name.name.clone()).collect(),
        }
    }

    /// Fails if `now` is not the state that the plan was made from. A lineage that
    /// is empty, in either, stands for a state that does not exist.
    pub fn check_state(&self, now: &StateFile) -> Result<(), Diagnostic> {
        if now.lineage != self.lineage && !now.lineage.is_empty() && !self.lineage.is_empty() {
            return Err(Diagnostic::error(
                "Saved plan does not match the given state",
                "The plan was made from a state with another history: of another workspace or backend, or of a \
                 configuration that was set up anew since. Make a new plan, with the state that is meant.",
            ));
        }
        if now.lineage != self.lineage || now.serial != self.serial {
            return Err(Diagnostic::error(
                "Saved plan is stale",
                format!(
                    "The state has changed since the plan was made (serial {} then, {} now), so the plan may not \
                     fit any more. Make a new plan.",
                    self.serial, now.serial
                ),
            ));
        }
        Ok(())
    }
}

/// What is in the header.
#[derive(Serialize, Deserialize)]
struct Header {
    format: u64,
    groma_version: String,
    lineage: String,
    serial: u64,
    backend: Option<BackendDoc>,
    workspace: String,
    #[serde(default)]
    sandbox: bool,
    ephemeral_variables: BTreeSet<Name>,
    plan: PlanDoc,
}

#[derive(Serialize, Deserialize)]
struct BackendDoc {
    #[serde(rename = "type")]
    ty: String,
    config: ValueDoc,
    hash: u64,
}

/// Enough of a header to tell whether the rest can be read.
#[derive(Deserialize)]
struct Version {
    format: u64,
    #[serde(default)]
    groma_version: String,
}

#[derive(Serialize, Deserialize)]
struct SourcesDoc {
    files: BTreeMap<String, Arc<str>>,
    modules: String,
}

/// Writes a plan file, readable by its owner only: it holds all values, sensitive
/// ones included. An older file is replaced as a whole or not at all.
pub fn write(path: &Path, file: &PlanFile) -> Result<(), Diagnostic> {
    let bytes = encode(file).map_err(|e| failed_to_write(path, e))?;
    store(path, &bytes).map_err(|e| failed_to_write(path, e.to_string()))
}

fn failed_to_write(path: &Path, why: String) -> Diagnostic {
    Diagnostic::error(
        "Failed to write plan file",
        format!("The plan could not be saved to {}: {why}.", path.display()),
    )
}

fn encode(file: &PlanFile) -> Result<Vec<u8>, String> {
    let mut values = Writer::default();
    let backend = match &file.backend {
        None => None,
        Some(b) => Some(BackendDoc { ty: b.ty.clone(), config: values.value(&b.config)?, hash: b.hash }),
    };
    let header = Header {
        format: FORMAT,
        groma_version: file.groma_version.clone(),
        lineage: file.lineage.clone(),
        serial: file.serial,
        backend,
        workspace: file.workspace.clone(),
        sandbox: file.sandbox,
        ephemeral_variables: file.ephemeral_variables.clone(),
        plan: PlanDoc::new(&file.plan, &file.ephemeral_variables, &mut values)?,
    };
    let state = |state: &groma_state::State| {
        let text = StateFile {
            terraform_version: groma_state::TERRAFORM_VERSION.into(),
            serial: file.serial,
            lineage: file.lineage.clone(),
            state: state.clone(),
        };
        groma_state::file::write(&text).map_err(|e| e.to_string())
    };
    let sources = SourcesDoc {
        files: file.configuration.files.clone(),
        modules: file.configuration.manifest.to_json(),
    };
    let json = |r: serde_json::Result<Vec<u8>>| r.map_err(|e| e.to_string());
    let mut entries = vec![
        (HEADER, json(serde_json::to_vec(&header))?),
        (VALUES, values.bytes),
        (PRIOR, state(&file.plan.prior)?),
        (PREVIOUS, state(&file.plan.previous)?),
        (SOURCES, json(serde_json::to_vec(&sources))?),
    ];
    entries.extend(file.lock_file.as_ref().map(|t| (LOCK_FILE, t.clone().into_bytes())));
    archive(&entries).map_err(|e| e.to_string())
}

fn archive(entries: &[(&str, Vec<u8>)]) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o600).large_file(true);
    for (name, bytes) in entries {
        zip.start_file(*name, options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Writes a new file beside the old one, and puts it in its place.
fn store(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.metadata().is_ok_and(|m| !m.is_file()) {
        // A device or a pipe: there is nothing to be replaced.
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", uuid::Uuid::new_v4().simple()));
    let part: PathBuf = path.with_file_name(name);
    let done = private_file(&part).and_then(|f| {
        let mut out = BufWriter::new(f);
        out.write_all(bytes)?;
        out.into_inner().map_err(|e| e.into_error())?.sync_all()?;
        std::fs::rename(&part, path)
    });
    if done.is_err() {
        // The first error is the one to be told.
        let _ = std::fs::remove_file(&part);
    }
    done
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether a file looks like a saved plan, of Groma or of Terraform: a zip archive.
pub fn is_plan_file(path: &Path) -> bool {
    let mut start = [0; 4];
    File::open(path).and_then(|mut f| f.read_exact(&mut start)).is_ok() && start == *b"PK\x03\x04"
}

/// Reads a plan file.
pub fn read(path: &Path) -> Result<PlanFile, Diagnostic> {
    let opened = File::open(path).map_err(|e| refuse(path, format!("it cannot be opened: {e}"), ""))?;
    let mut zip = match zip::ZipArchive::new(BufReader::new(opened)) {
        Ok(z) => z,
        Err(_) => return Err(foreign(path)),
    };
    if zip.index_for_name(HEADER).is_none() {
        return Err(match zip.index_for_name("tfplan") {
            Some(_) => refuse(
                path,
                "it was made by Terraform".into(),
                "Plan files belong to the program that made them. Make a plan with the command \"plan -out=FILE\", \
                 or apply this one with Terraform.",
            ),
            None => refuse(path, "it is an archive, but holds no plan".into(), MAKE_ONE),
        });
    }
    let header = entry(&mut zip, HEADER).map_err(|e| damaged(path, &e))?;
    let version: Version = serde_json::from_slice(&header).map_err(|e| damaged(path, &e.to_string()))?;
    if version.format != FORMAT {
        return Err(refuse(
            path,
            format!("it was made by Groma {}, which uses another format", version.groma_version),
            "Apply it with that version, or make a new plan with this one.",
        ));
    }
    decode(&mut zip, &header).map_err(|e| damaged(path, &e))
}

const MAKE_ONE: &str = "The command \"plan -out=FILE\" makes a plan file.";

fn refuse(path: &Path, why: String, remedy: &str) -> Diagnostic {
    let end = if remedy.is_empty() { String::new() } else { format!(" {remedy}") };
    Diagnostic::error(
        "Failed to read plan file",
        format!("{} cannot be used as a plan: {why}.{end}", path.display()),
    )
}

fn damaged(path: &Path, why: &str) -> Diagnostic {
    refuse(path, format!("the file is damaged ({why})"), "Make a new plan.")
}

/// What is said of a file that is no archive.
fn foreign(path: &Path) -> Diagnostic {
    if is_plan_file(path) {
        return damaged(path, "the archive is not complete");
    }
    let text = std::fs::read(path).unwrap_or_default();
    match serde_json::from_slice::<serde_json::Value>(&text) {
        Ok(j) if j.get("lineage").is_some() => refuse(path, "it is a state".into(), MAKE_ONE),
        Ok(j) if j.get("format_version").is_some() => refuse(
            path,
            "it is the JSON form of a plan or state, which is for other programs to read".into(),
            MAKE_ONE,
        ),
        _ => refuse(path, "it is no plan file".into(), MAKE_ONE),
    }
}

fn entry<R: Read + Seek>(zip: &mut zip::ZipArchive<R>, name: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut file = zip.by_name(name).map_err(|e| format!("{name}: {e}"))?;
    // The end of an entry is where its checksum is compared.
    file.read_to_end(&mut bytes).map_err(|e| format!("{name}: {e}"))?;
    Ok(bytes)
}

fn decode<R: Read + Seek>(zip: &mut zip::ZipArchive<R>, header: &[u8]) -> Result<PlanFile, String> {
    let header: Header = serde_json::from_slice(header).map_err(|e| e.to_string())?;
    let values = entry(zip, VALUES)?;
    let mut state = |name: &str| {
        let bytes = entry(zip, name)?;
        groma_state::file::read(&bytes).map(|f| f.state).map_err(|e| format!("{name}: {e}"))
    };
    let (prior, previous) = (state(PRIOR)?, state(PREVIOUS)?);
    let sources: SourcesDoc = serde_json::from_slice(&entry(zip, SOURCES)?).map_err(|e| e.to_string())?;
    let manifest = Manifest::parse(&sources.modules).map_err(|e| format!("the record of modules {e}"))?;
    let lock_file = match zip.index_for_name(LOCK_FILE) {
        Some(_) => Some(String::from_utf8(entry(zip, LOCK_FILE)?).map_err(|e| e.to_string())?),
        None => None,
    };
    let values = Reader(&values);
    let backend = match header.backend {
        None => None,
        Some(b) => Some(SavedBackend { ty: b.ty, config: values.value(&b.config)?, hash: b.hash }),
    };
    Ok(PlanFile {
        groma_version: header.groma_version,
        plan: header.plan.plan(previous, prior, &values)?,
        lineage: header.lineage,
        serial: header.serial,
        backend,
        workspace: header.workspace,
        sandbox: header.sandbox,
        configuration: Arc::new(Snapshot { files: sources.files, manifest }),
        lock_file,
        ephemeral_variables: header.ephemeral_variables,
    })
}

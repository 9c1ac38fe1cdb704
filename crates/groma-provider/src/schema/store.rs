//! The bytes of a provider's schemas with an index into them, in memory or in a file.
//!
//! A file is named by the hash of the provider's binary and never changes. It holds: a magic, the
//! protocol's number, the length of the index and its checksum; the index; the provider's answers
//! to `GetProviderSchema` and `GetResourceIdentitySchemas` as they came. An index entry is the kind
//! and name of a schema with the range and checksum of its bytes, in order of kind and name. A file
//! that does not check is as good as none.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use groma_value::schema::Schema;
use prost::Message;

use super::convert;
use crate::api::{Capabilities, FunctionSignature, Schemas};
use crate::proto::{Diagnostic, Protocol, ServerCapabilities, schema_field};
use crate::wire::{Fields, Malformed, map_entry};

const MAGIC: &[u8; 8] = b"gromaSC2";
const HEADER: usize = MAGIC.len() + 4 + 4 + 4;

/// What an index entry describes. The order is that of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
enum Kind {
    Provider = 0,
    ProviderMeta = 1,
    Resource = 2,
    DataSource = 3,
    Ephemeral = 4,
    Function = 5,
    Identity = 6,
    Capabilities = 7,
    List = 8,
    Action = 9,
}

const KINDS: [Kind; 10] = [
    Kind::Provider,
    Kind::ProviderMeta,
    Kind::Resource,
    Kind::DataSource,
    Kind::Ephemeral,
    Kind::Function,
    Kind::Identity,
    Kind::Capabilities,
    Kind::List,
    Kind::Action,
];

#[derive(Clone, Debug)]
struct Entry {
    kind: Kind,
    name: Box<str>,
    /// Where its bytes are, counted from the end of the index.
    offset: u64,
    length: u32,
    crc: u32,
}

enum Storage {
    Memory(Vec<u8>),
    File { file: File, start: u64, path: PathBuf },
}

/// A provider's schemas. Decodes each at most once.
pub(crate) struct StoredSchemas {
    protocol: Protocol,
    index: Vec<Entry>,
    bytes: Storage,
    /// What was decoded, in the order of the index; `None` for what is not readable.
    decoded: Vec<OnceLock<Option<Arc<Schema>>>>,
    functions: OnceLock<Arc<BTreeMap<String, FunctionSignature>>>,
}

/// Why a provider's answer cannot be used.
#[derive(Debug, PartialEq)]
pub(crate) enum BuildError {
    Malformed,
    /// The provider answered with errors.
    Diagnostics(String),
}

impl From<Malformed> for BuildError {
    fn from(_: Malformed) -> Self {
        BuildError::Malformed
    }
}

impl StoredSchemas {
    /// Indexes the answers to `GetProviderSchema` and `GetResourceIdentitySchemas` (empty where the
    /// provider has none).
    pub(crate) fn build(
        protocol: Protocol,
        schemas: &Bytes,
        identities: &Bytes,
    ) -> Result<StoredSchemas, BuildError> {
        let mut data = Vec::with_capacity(schemas.len() + identities.len());
        data.extend_from_slice(schemas);
        data.extend_from_slice(identities);
        let mut index = Vec::new();
        let mut errors = Vec::new();
        let mut add = |kind, name: &str, range: Range<usize>| {
            index.push(Entry {
                kind,
                name: name.into(),
                offset: range.start as u64,
                length: range.len() as u32,
                crc: crc(&data[range]),
            });
        };
        for field in Fields::new(&data, 0..schemas.len()) {
            let field = field?;
            let Some(content) = field.content else { continue };
            let kind = match field.number {
                schema_field::PROVIDER => {
                    add(Kind::Provider, "", content);
                    continue;
                }
                schema_field::PROVIDER_META => {
                    add(Kind::ProviderMeta, "", content);
                    continue;
                }
                schema_field::SERVER_CAPABILITIES => {
                    add(Kind::Capabilities, "", content);
                    continue;
                }
                schema_field::DIAGNOSTICS => {
                    let diagnostic = Diagnostic::decode(&data[content]).map_err(|_| BuildError::Malformed)?;
                    if diagnostic.severity != 2 {
                        errors.push(format!("{}: {}", diagnostic.summary, diagnostic.detail));
                    }
                    continue;
                }
                schema_field::RESOURCE_SCHEMAS => Kind::Resource,
                schema_field::DATA_SOURCE_SCHEMAS => Kind::DataSource,
                schema_field::FUNCTIONS => Kind::Function,
                schema_field::EPHEMERAL_SCHEMAS => Kind::Ephemeral,
                schema_field::LIST_SCHEMAS => Kind::List,
                schema_field::ACTION_SCHEMAS => Kind::Action,
                _ => continue,
            };
            let (name, value) = map_entry(&data, content)?;
            add(kind, name, value);
        }
        for field in Fields::new(&data, schemas.len()..data.len()) {
            // Diagnostics about identities (field 2) leave the schemas usable.
            if let crate::wire::Field { number: 1, content: Some(content) } = field? {
                let (name, value) = map_entry(&data, content)?;
                add(Kind::Identity, name, value);
            }
        }
        if !errors.is_empty() {
            return Err(BuildError::Diagnostics(errors.join("\n")));
        }
        index.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        Ok(StoredSchemas::new(protocol, index, Storage::Memory(data)))
    }

    fn new(protocol: Protocol, index: Vec<Entry>, bytes: Storage) -> Self {
        let decoded = index.iter().map(|_| OnceLock::new()).collect();
        StoredSchemas { protocol, index, bytes, decoded, functions: OnceLock::new() }
    }

    /// The file's content; `None` for schemas that came from a file.
    fn to_file(&self) -> Option<Vec<u8>> {
        let Storage::Memory(data) = &self.bytes else { return None };
        let mut index = Vec::new();
        for entry in &self.index {
            index.push(entry.kind as u8);
            index.extend_from_slice(&(entry.name.len() as u32).to_le_bytes());
            index.extend_from_slice(entry.name.as_bytes());
            index.extend_from_slice(&entry.offset.to_le_bytes());
            index.extend_from_slice(&entry.length.to_le_bytes());
            index.extend_from_slice(&entry.crc.to_le_bytes());
        }
        let mut file = Vec::with_capacity(HEADER + index.len() + data.len());
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&self.protocol.number().to_le_bytes());
        file.extend_from_slice(&(index.len() as u32).to_le_bytes());
        file.extend_from_slice(&crc(&index).to_le_bytes());
        file.extend_from_slice(&index);
        file.extend_from_slice(data);
        Some(file)
    }

    /// Opens a file; `None` where it is absent or does not check.
    fn from_file(path: &Path) -> Option<StoredSchemas> {
        let file = File::open(path).ok()?;
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, 0).ok()?;
        let (magic, rest) = header.split_at(MAGIC.len());
        let number = |at: usize| u32::from_le_bytes([rest[at], rest[at + 1], rest[at + 2], rest[at + 3]]);
        if magic != MAGIC {
            return None;
        }
        let protocol = Protocol::from_number(number(0))?;
        let length = file.metadata().ok()?.len();
        let start = HEADER as u64 + u64::from(number(4));
        if start > length {
            return None;
        }
        let mut index = vec![0; number(4) as usize];
        file.read_exact_at(&mut index, HEADER as u64).ok()?;
        if crc(&index) != number(8) {
            return None;
        }
        let mut entries = Vec::new();
        let mut rest = index.as_slice();
        while !rest.is_empty() {
            let kind = KINDS.get(usize::from(take::<1>(&mut rest)?[0])).copied()?;
            let name_length = u32::from_le_bytes(take(&mut rest)?) as usize;
            let name = std::str::from_utf8(rest.get(..name_length)?).ok()?.into();
            rest = &rest[name_length..];
            let offset = u64::from_le_bytes(take(&mut rest)?);
            let bytes = u32::from_le_bytes(take(&mut rest)?);
            let crc = u32::from_le_bytes(take(&mut rest)?);
            if start.checked_add(offset)?.checked_add(u64::from(bytes))? > length {
                return None;
            }
            entries.push(Entry { kind, name, offset, length: bytes, crc });
        }
        Some(StoredSchemas::new(protocol, entries, Storage::File { file, start, path: path.to_owned() }))
    }

    /// The place of an entry in the index.
    fn find(&self, kind: Kind, name: &str) -> Option<usize> {
        self.index.binary_search_by(|entry| (entry.kind, &*entry.name).cmp(&(kind, name))).ok()
    }

    /// The entry's bytes, if they check.
    fn read(&self, entry: &Entry) -> Option<Vec<u8>> {
        let data = match &self.bytes {
            Storage::Memory(data) => {
                let start = usize::try_from(entry.offset).ok()?;
                data.get(start..start + entry.length as usize)?.to_vec()
            }
            Storage::File { file, start, .. } => {
                let mut data = vec![0; entry.length as usize];
                file.read_exact_at(&mut data, start + entry.offset).ok()?;
                data
            }
        };
        let intact = crc(&data) == entry.crc;
        if let (false, Storage::File { path, .. }) = (intact, &self.bytes) {
            // The next run asks the provider again.
            let _ = std::fs::remove_file(path);
        }
        intact.then_some(data)
    }

    fn schema(&self, kind: Kind, name: &str) -> Option<Arc<Schema>> {
        let at = self.find(kind, name)?;
        let decode = || {
            let data = self.read(&self.index[at])?;
            let schema = match kind {
                Kind::Identity => convert::identity(&data),
                Kind::Action => convert::action(self.protocol, &data),
                _ => convert::schema(self.protocol, &data),
            };
            schema.ok().map(Arc::new)
        };
        self.decoded[at].get_or_init(decode).clone()
    }

    fn names(&self, kind: Kind) -> Vec<String> {
        self.index.iter().filter(|entry| entry.kind == kind).map(|entry| entry.name.to_string()).collect()
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*head)
}

fn crc(data: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(data);
    crc.sum()
}

impl Schemas for StoredSchemas {
    fn provider(&self) -> Arc<Schema> {
        self.schema(Kind::Provider, "").unwrap_or_default()
    }

    fn provider_meta(&self) -> Option<Arc<Schema>> {
        // A provider without `provider_meta` may send an empty schema.
        self.schema(Kind::ProviderMeta, "")
            .filter(|schema| !schema.block.attributes.is_empty() || !schema.block.blocks.is_empty())
    }

    fn resource(&self, ty: &str) -> Option<Arc<Schema>> {
        self.schema(Kind::Resource, ty)
    }

    fn data_source(&self, ty: &str) -> Option<Arc<Schema>> {
        self.schema(Kind::DataSource, ty)
    }

    fn ephemeral(&self, ty: &str) -> Option<Arc<Schema>> {
        self.schema(Kind::Ephemeral, ty)
    }

    fn functions(&self) -> Arc<BTreeMap<String, FunctionSignature>> {
        let all = || {
            let entries = self.index.iter().filter(|entry| entry.kind == Kind::Function);
            let functions = entries.filter_map(|entry| {
                let signature = convert::function(&self.read(entry)?).ok()?;
                Some((entry.name.to_string(), signature))
            });
            Arc::new(functions.collect())
        };
        Arc::clone(self.functions.get_or_init(all))
    }

    fn identity(&self, ty: &str) -> Option<(i64, Arc<Schema>)> {
        let schema = self.schema(Kind::Identity, ty)?;
        Some((schema.version, schema))
    }

    fn list(&self, ty: &str) -> Option<Arc<Schema>> {
        self.schema(Kind::List, ty)
    }

    fn action(&self, ty: &str) -> Option<Arc<Schema>> {
        self.schema(Kind::Action, ty)
    }

    fn list_types(&self) -> Vec<String> {
        self.names(Kind::List)
    }

    fn action_types(&self) -> Vec<String> {
        self.names(Kind::Action)
    }

    fn resource_types(&self) -> Vec<String> {
        self.names(Kind::Resource)
    }

    fn data_source_types(&self) -> Vec<String> {
        self.names(Kind::DataSource)
    }

    fn ephemeral_types(&self) -> Vec<String> {
        self.names(Kind::Ephemeral)
    }

    fn capabilities(&self) -> Capabilities {
        let message = self
            .find(Kind::Capabilities, "")
            .and_then(|at| self.read(&self.index[at]))
            .and_then(|data| ServerCapabilities::decode(data.as_slice()).ok())
            .unwrap_or_default();
        Capabilities {
            plan_destroy: message.plan_destroy,
            schema_optional: message.get_provider_schema_optional,
            move_resource_state: message.move_resource_state,
        }
    }
}

/// The directory of schema files.
pub(crate) struct SchemaStore {
    directory: PathBuf,
}

impl SchemaStore {
    pub(crate) fn new(directory: PathBuf) -> Self {
        SchemaStore { directory }
    }

    fn path(&self, binary_hash: &str) -> PathBuf {
        self.directory.join(format!("{binary_hash}.schema"))
    }

    /// The schemas of the binary with this hash, if they are kept here.
    pub(crate) fn load(&self, binary_hash: &str) -> Option<StoredSchemas> {
        StoredSchemas::from_file(&self.path(binary_hash))
    }

    /// Keeps schemas. Several processes may do so at once: the file appears whole or not at all.
    pub(crate) fn save(&self, binary_hash: &str, schemas: &StoredSchemas) -> io::Result<()> {
        let Some(content) = schemas.to_file() else { return Ok(()) };
        crate::files::write_atomically(&self.path(binary_hash), &content)
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;

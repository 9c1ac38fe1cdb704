//! Brings modules from elsewhere: registries, git repositories, servers with archives, S3, Google
//! Cloud Storage, and other directories of the machine.
//!
//! [`Fetcher`] is what the installation of modules (`groma_config::install`) asks. Repositories are
//! cloned by the programs `git` and `hg`, so that their credentials and settings count. Everything
//! blocks: call it from a thread that may.

mod address;
mod archive;
mod checksum;
mod gcs;
mod git;
mod hg;
mod http;
mod netrc;
mod registry;
mod s3;

use address::Address;
use checksum::{Checksum, Wanted};
use groma_aws::Environment;
use groma_config::install::{FetchError, Fetched, ModuleFetcher};
use groma_config::source_addr::ModuleSource;
use groma_provider::install::{HttpClient, HttpSettings, module_hash};
use groma_value::version::Version;
use std::path::Path;
use std::sync::OnceLock;

/// What bringing modules needs of the world.
#[derive(Clone, Debug)]
pub struct FetchSettings {
    /// How to talk to servers; tokens and services of registries' hosts.
    pub http: HttpSettings,
    /// Variables (of AWS, Google, `NETRC`), the home, and what relative paths are relative to.
    pub env: Environment,
    /// Whether `git` may ask the user for passwords.
    pub prompt: bool,
}

/// Brings modules from elsewhere.
pub struct Fetcher {
    settings: HttpSettings,
    /// Made when first needed: most configurations need none.
    client: OnceLock<HttpClient>,
    env: Environment,
    prompt: bool,
}

impl Fetcher {
    /// A fetcher; nothing is asked for yet.
    pub fn new(settings: FetchSettings) -> Fetcher {
        Fetcher {
            settings: settings.http,
            client: OnceLock::new(),
            env: settings.env,
            prompt: settings.prompt,
        }
    }

    fn http(&self) -> &HttpClient {
        self.client.get_or_init(|| HttpClient::new(self.settings.clone()))
    }

    /// Puts the package at an address into `target`. The error is a sentence.
    fn get(&self, package: &str, target: &Path) -> Result<(), String> {
        self.get_nested(package, target, 0)
    }

    /// Downloads the file at an address.
    fn file_of(&self, address: &Address) -> Result<tempfile::NamedTempFile, String> {
        let mut file = tempfile::Builder::new()
            .prefix("groma-module-")
            .tempfile()
            .map_err(|e| format!("A file for the download cannot be made: {e}."))?;
        let path = file.path().to_owned();
        match address.method.as_str() {
            "http" | "https" => self.download(address, file.as_file_mut(), &path)?,
            "s3" => s3::file(address, &self.env, &path)?,
            "gcs" => gcs::file(address, self.http(), &self.env, file.as_file_mut(), &path)?,
            "file" => {
                let from = address.file_path(&self.env.root)?;
                std::fs::copy(&from, &path)
                    .map_err(|e| format!("{} cannot be read: {e}.", from.display()))?;
            }
            "git" | "hg" => {
                return Err(
                    "A repository holds no archive to unpack: leave out the argument \"archive\".".into()
                );
            }
            other => return Err(address::unknown_method(other)),
        }
        Ok(file)
    }

    /// The checksum of the file at `address` in the list at another address.
    fn listed(&self, list: &str, address: &Address) -> Result<Checksum, String> {
        let failed =
            |why: String| format!("The list of checksums \"{}\" is not usable. {why}", address::shown(list));
        if !list.contains("://") {
            return Err(failed("Its place is a URL: checksum=file:https://...".into()));
        }
        let file = Address::parse(list).and_then(|a| self.file_of(&a)).map_err(failed)?;
        let text = std::fs::read(file.path()).map_err(|e| failed(format!("It cannot be read: {e}.")))?;
        let name = address.url.rsplit('/').next().unwrap_or_default();
        Checksum::listed(&String::from_utf8_lossy(&text), name)
            .ok_or_else(|| failed(format!("It has no checksum of {name}.")))
    }

    /// `depth`: how often a server has named another address already.
    fn get_nested(&self, package: &str, target: &Path, depth: usize) -> Result<(), String> {
        let mut address = Address::parse(package)?;
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)
                .map_err(|e| format!("{} cannot be made: {e}.", parent.display()))?;
        }
        // What is an archive is downloaded and unpacked, whatever brings it.
        if let Some(kind) = address.take_archive()? {
            let checksum = address.take_checksum()?;
            let file = self.file_of(&address)?;
            match checksum {
                None => {}
                Some(Wanted::Given(c)) => c.verify(file.path())?,
                Some(Wanted::Listed(list)) => self.listed(&list, &address)?.verify(file.path())?,
            }
            return archive::unpack(file.path(), kind, target);
        }
        if address.take_checksum()?.is_some() {
            return Err(
                "Only archives have a checksum, and this is none: leave out the argument \"checksum\"."
                    .into(),
            );
        }
        match address.method.as_str() {
            "git" => git::fetch(&address, self.prompt, target),
            "hg" => hg::fetch(&address, target),
            "http" | "https" => {
                if depth > 4 {
                    return Err(
                        "One server names another as the source of the module, five times over.".into()
                    );
                }
                let next = self.ask_server(&address)?;
                let ModuleSource::Remote { package, subdir } = next else {
                    return Err(format!("The server {} names a source that is no package.", address.shown()));
                };
                if subdir.is_empty() {
                    return self.get_nested(&package, target, depth + 1);
                }
                // The directory of the package becomes the package.
                let whole = tempfile::tempdir().map_err(|e| format!("A directory cannot be made: {e}."))?;
                let at = whole.path().join("package");
                self.get_nested(&package, &at, depth + 1)?;
                let within = groma_config::install::subdirectory(&at, &subdir)?;
                groma_config::install::copy_directory(&at.join(within), target, |_| true)
                    .map_err(|e| format!("The package cannot be copied: {e}."))
            }
            "file" => {
                let from = address.file_path(&self.env.root)?;
                if !from.is_dir() {
                    return Err(format!("{} is no directory.", from.display()));
                }
                std::os::unix::fs::symlink(&from, target)
                    .map_err(|e| format!("{} cannot be made: {e}.", target.display()))
            }
            "s3" => s3::directory(&address, &self.env, target),
            "gcs" => gcs::directory(&address, self.http(), &self.env, target),
            other => Err(address::unknown_method(other)),
        }
    }
}

impl ModuleFetcher for Fetcher {
    fn versions(&self, source: &ModuleSource) -> Result<Vec<Version>, FetchError> {
        registry::versions(self.http(), source).map_err(FetchError::registry)
    }

    fn fetch(
        &self,
        source: &ModuleSource,
        version: Option<&Version>,
        target: &Path,
    ) -> Result<Fetched, FetchError> {
        let (package, subdir) = match (source, version) {
            (ModuleSource::Registry { .. }, Some(v)) => {
                match registry::location(self.http(), source, v).map_err(FetchError::registry)? {
                    ModuleSource::Remote { package, subdir } => (package, subdir),
                    other => {
                        let why = format!(
                            "The registry names \"{other}\" as the place of {source} {v}, which is no package."
                        );
                        return Err(FetchError::registry(why));
                    }
                }
            }
            (ModuleSource::Remote { package, .. }, _) => (package.clone(), String::new()),
            _ => return Err(FetchError::download(format!("{source} is nothing to be fetched."))),
        };
        let target = self.env.root.join(target);
        self.get(&package, &target).map_err(|why| {
            // Half a package is none.
            let _ = std::fs::remove_dir_all(&target);
            FetchError::download(format!("{} cannot be fetched. {why}", address::shown(&package)))
        })?;
        Ok(Fetched { subdir })
    }

    fn hash(&self, package: &Path) -> Result<String, FetchError> {
        let hash = module_hash(&self.env.root.join(package));
        hash.map(|h| h.to_string())
            .map_err(|e| FetchError::download(format!("A package cannot be read: {e}.")))
    }
}

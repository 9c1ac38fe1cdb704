//! A throw-away working directory with a clean environment around it.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::find;
use crate::process::{Invocation, Output};

/// A temporary folder in which `terraform` and `groma` run undisturbed by the developer's own settings.
///
/// Programs run with an environment of their own: an empty home, a generated CLI configuration which names the
/// provider mirror and no registry, test credentials, no prompts. `TF_IN_AUTOMATION` stays unset: what is tested is
/// what a person sees. The folder is removed when the value is dropped, unless `GROMA_TEST_KEEP=1`.
#[derive(Debug)]
pub struct Workdir {
    temp: TempDir,
    config: PathBuf,
    env: BTreeMap<OsString, OsString>,
    timeout: Duration,
}

impl Default for Workdir {
    fn default() -> Self {
        Self::new()
    }
}

impl Workdir {
    /// An empty working directory.
    ///
    /// # Panics
    ///
    /// When the temporary folder cannot be made.
    pub fn new() -> Self {
        let mut builder = tempfile::Builder::new();
        builder.prefix("groma-test-").disable_cleanup(env::var_os("GROMA_TEST_KEEP").is_some());
        let temp = builder.tempdir().expect("a temporary folder");
        // The canonical path, because programs report the one which the kernel gives them.
        let root = temp.path().canonicalize().expect("the folder was just made");
        if env::var_os("GROMA_TEST_KEEP").is_some() {
            eprintln!("kept: {}", root.display());
        }
        let config = root.join("work");
        let home = root.join("home");
        let mirror = find::mirror().unwrap_or_else(|| root.join("no-mirror"));
        for folder in [&config, &home, &mirror] {
            fs::create_dir_all(folder).expect("a folder");
        }
        let rc = root.join("terraform.rc");
        let text = format!(
            "disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{\n    path = {:?}\n  }}\n}}\n",
            mirror.display().to_string()
        );
        fs::write(&rc, text).expect("the CLI configuration");
        let mut workdir = Self { temp, config, env: BTreeMap::new(), timeout: Duration::from_secs(120) };
        for name in ["PATH", "TMPDIR", "LD_LIBRARY_PATH", "GROMA_TEST_KEEP"] {
            if let Some(value) = env::var_os(name) {
                workdir.env(name, value);
            }
        }
        workdir
            .env("HOME", home)
            .env("LANG", "C.UTF-8")
            .env("TF_CLI_CONFIG_FILE", rc)
            .env("TF_INPUT", "0")
            .env("CHECKPOINT_DISABLE", "1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_EC2_METADATA_DISABLED", "true");
        workdir
    }

    /// A working directory which holds a copy of a fixture.
    pub fn with_fixture(name: &str) -> Self {
        let workdir = Self::new();
        workdir.copy_fixture(name);
        workdir
    }

    /// The folder in which programs run.
    pub fn path(&self) -> &Path {
        &self.config
    }

    /// The folder above it, for files which are not part of the configuration.
    pub fn outside(&self) -> &Path {
        self.config.parent().unwrap_or(self.temp.path())
    }

    /// Writes a file, making the folders it needs, and gives its path.
    ///
    /// # Panics
    ///
    /// When it cannot be written, as all file operations here.
    pub fn write(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.config.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).expect("folders");
        }
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }

    /// Reads a text file.
    pub fn read(&self, name: impl AsRef<Path>) -> String {
        let path = self.config.join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Whether a file or folder is there.
    pub fn exists(&self, name: impl AsRef<Path>) -> bool {
        self.config.join(name).exists()
    }

    /// Removes a file, or a folder with what it holds.
    pub fn remove(&self, name: impl AsRef<Path>) {
        let path = self.config.join(name);
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Copies the fixture `tests/fixtures/<name>` into the folder.
    pub fn copy_fixture(&self, name: &str) {
        self.copy_folder(&find::fixtures().join(name));
    }

    /// Copies what a folder holds into the folder.
    pub fn copy_folder(&self, source: &Path) {
        copy(source, &self.config);
    }

    /// Sets an environment variable for all later runs.
    pub fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.env.insert(name.as_ref().to_owned(), value.as_ref().to_owned());
        self
    }

    /// Points the AWS provider at an API server.
    pub fn aws(&mut self, endpoint: &str) -> &mut Self {
        self.env("AWS_ENDPOINT_URL", endpoint)
    }

    /// Keeps what programs cache (`XDG_CACHE_HOME`) from one test to the next, for tests with large providers whose
    /// schema takes seconds to read.
    pub fn share_cache(&mut self) -> &mut Self {
        self.env("XDG_CACHE_HOME", find::scratch().join("cache"))
    }

    /// Sets the time limit of each later run; two minutes at first.
    pub fn timeout(&mut self, timeout: Duration) -> &mut Self {
        self.timeout = timeout;
        self
    }

    /// A program to be run here, not yet started.
    pub fn invoke(&self, program: impl AsRef<Path>) -> Invocation {
        Invocation::new(program.as_ref(), &self.config, self.env.clone(), self.timeout)
    }

    /// Runs a program here: `workdir.run(env!("CARGO_BIN_EXE_groma"), ["plan"])`.
    #[track_caller]
    pub fn run<S: AsRef<OsStr>>(
        &self,
        program: impl AsRef<Path>,
        args: impl IntoIterator<Item = S>,
    ) -> Output {
        self.invoke(program).args(args).run()
    }

    /// Runs the oracle here.
    ///
    /// # Panics
    ///
    /// When there is none: ask [`crate::oracle`] first and [`crate::skip`] the test.
    #[track_caller]
    pub fn terraform<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Output {
        self.run(find::oracle().expect("the test asked for the oracle first"), args)
    }
}

fn copy(source: &Path, target: &Path) {
    let entries = fs::read_dir(source).unwrap_or_else(|error| panic!("{}: {error}", source.display()));
    fs::create_dir_all(target).expect("a folder");
    for entry in entries {
        let entry = entry.expect("a folder's entry");
        let to = target.join(entry.file_name());
        if entry.file_type().expect("a file type").is_dir() {
            copy(&entry.path(), &to);
        } else {
            // Read and write, not `fs::copy`: the copy must be writable where the original is not.
            let bytes = fs::read(entry.path()).expect("a readable file");
            fs::write(&to, bytes).expect("a writable folder");
        }
    }
}

//! Test files: `*.tftest.hcl` and `*.tftest.json` beside the configuration and in
//! its directory of tests.

mod decode;
mod load;
mod model;
mod overrides;

pub use load::{TEST_DIRECTORY, load_test_files, test_file_names};
pub use model::{
    MockProvider, MockValues, Override, OverrideKind, Run, RunCommand, RunModule, RunOptions, TestFile,
    TestProvider, VariableValue,
};

//! Running the programs that the tasks are made of.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use groma_testkit::repository;

/// The cargo which runs this program, in the repository's root.
pub fn cargo<const N: usize>(args: [&str; N]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.args(args).current_dir(repository());
    command
}

/// Shows a command line and runs it to its end, on this terminal.
pub fn run(command: &mut Command) -> Result<(), String> {
    let line = show(command);
    let status = command.status().map_err(|error| format!("`{line}` does not start: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status})")) }
}

/// Runs a command and gives what it wrote to standard output.
pub fn output(command: &mut Command) -> Result<String, String> {
    let line = line(command);
    let output = command.stderr(Stdio::piped()).output().map_err(|error| format!("`{line}`: {error}"))?;
    if !output.status.success() {
        return Err(format!("`{line}` failed:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command as [`run`] does, passes on all it prints, and keeps the lines which `keep` chooses. The second
/// value says whether it succeeded.
pub fn watch(command: &mut Command, keep: fn(&str) -> bool) -> Result<(Vec<String>, bool), String> {
    let line = show(command);
    // The test runners report on different streams: read both as one, in the order of writing.
    let (reader, writer) = std::io::pipe().map_err(|error| error.to_string())?;
    let copy = writer.try_clone().map_err(|error| error.to_string())?;
    let mut child = command
        .stdout(writer)
        .stderr(copy)
        .spawn()
        .map_err(|error| format!("`{line}` does not start: {error}"))?;
    // The command's own copies of the pipe's end would keep it open for ever.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut kept = Vec::new();
    for text in BufReader::new(reader).split(b'\n') {
        let text = text.map_err(|error| error.to_string())?;
        let mut out = std::io::stdout().lock();
        out.write_all(&text).and_then(|()| out.write_all(b"\n")).map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&text).trim().to_owned();
        if keep(&text) {
            kept.push(text);
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    Ok((kept, status.success()))
}

fn show(command: &Command) -> String {
    let line = line(command);
    println!("\n$ {line}");
    line
}

fn line(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let name = program.rsplit('/').next().unwrap_or(&program).to_owned();
    let args = command.get_args().map(|arg| arg.to_string_lossy().into_owned());
    std::iter::once(name).chain(args).collect::<Vec<_>>().join(" ")
}

//! Credentials helpers: programs of users that keep tokens. One is called with its own
//! arguments, a verb (`get`, `store`, `forget`) and a host; credentials are JSON objects with
//! `token`, as Terraform documents it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// A program that keeps tokens. It is asked once for each host.
#[derive(Debug)]
pub struct CredentialsHelper {
    name: String,
    program: PathBuf,
    args: Vec<String>,
    known: Mutex<BTreeMap<String, Option<String>>>,
    problems: Mutex<Vec<String>>,
}

impl CredentialsHelper {
    /// `name`: as the CLI configuration has it; `args` come before the verb.
    pub fn new(name: String, program: PathBuf, args: Vec<String>) -> CredentialsHelper {
        CredentialsHelper { name, program, args, known: Mutex::default(), problems: Mutex::default() }
    }

    /// Its name in the CLI configuration.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The token for a host. Where the program fails there is none, and [`Self::problems`]
    /// says why: what is asked for may be public.
    pub fn token(&self, host: &str) -> Option<String> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = known.get(host) {
            return token.clone();
        }
        let answer = self.call("get", host, "").and_then(|text| {
            let value: serde_json::Value = serde_json::from_str(&text)
                .map_err(|e| format!("its answer is not the JSON object that is expected: {e}"))?;
            match &value["token"] {
                serde_json::Value::Null if value.is_object() => Ok(None),
                serde_json::Value::String(token) => Ok(Some(token.clone())),
                _ => Err("its answer is no JSON object with a text as \"token\"".to_owned()),
            }
        });
        let token = answer.unwrap_or_else(|why| {
            let mut problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
            problems.push(format!(
                "The credentials helper {} gave no token for {host}, so none is sent: {why}.",
                self.program.display()
            ));
            None
        });
        known.insert(host.to_owned(), token.clone());
        token
    }

    /// What went wrong since this was asked last.
    pub fn problems(&self) -> Vec<String> {
        std::mem::take(&mut *self.problems.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has a token kept.
    ///
    /// # Errors
    /// What the program said, or why it could not be run.
    pub fn store(&self, host: &str, token: &str) -> Result<(), String> {
        self.change("store", host, &serde_json::json!({ "token": token }).to_string())
    }

    /// Has a token removed.
    ///
    /// # Errors
    /// What the program said, or why it could not be run.
    pub fn forget(&self, host: &str) -> Result<(), String> {
        self.change("forget", host, "")
    }

    fn change(&self, verb: &str, host: &str, input: &str) -> Result<(), String> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(host);
        self.call(verb, host, input).map(drop).map_err(|why| format!("{}: {why}", self.program.display()))
    }

    fn call(&self, verb: &str, host: &str, input: &str) -> Result<String, String> {
        let mut child = Command::new(&self.program)
            .args(&self.args)
            .args([verb, host])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| format!("it cannot be run: {e}"))?;
        if let Some(mut stdin) = child.stdin.take() {
            // One that does not read says by its exit whether that was an error.
            let _ = stdin.write_all(input.as_bytes());
        }
        let out = child.wait_with_output().map_err(|e| format!("it cannot be run: {e}"))?;
        if out.status.success() {
            return Ok(String::from_utf8_lossy(&out.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&out.stderr);
        Err(match said.trim() {
            "" => format!("it ended by {}", out.status),
            said => said.trim_end_matches('.').to_owned(),
        })
    }
}

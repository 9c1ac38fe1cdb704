//! What an instance does at its first start: the files that set its image up, and the
//! service's own script.

use crate::model::Service;
use groma_lang::Diagnostic;
use std::path::Path;

/// Runs a playbook on the instance itself, with Ansible from the distribution if the image
/// has none.
const PLAYBOOK: &str = "groma_playbook() {
  if ! command -v ansible-playbook > /dev/null; then
    if command -v dnf > /dev/null; then
      dnf --assumeyes install ansible-core
    else
      apt-get update
      DEBIAN_FRONTEND=noninteractive apt-get --yes install ansible-core
    fi
  fi
  ansible-playbook --connection=local --inventory=localhost, \"$1\"
}
";

/// The script of a service's first start.
pub(super) fn first_start(dir: &Path, s: &Service) -> Result<Option<String>, Diagnostic> {
    if s.image.setup.is_empty() {
        return Ok(s.script.clone());
    }
    let playbook = |file: &str| file.ends_with(".yml") || file.ends_with(".yaml");
    let mut out = String::from("#!/bin/bash\nset -eu\nmkdir -p /opt/groma\n");
    if s.image.setup.iter().any(|f| playbook(f)) {
        out.push_str(PLAYBOOK);
    }
    let mut put = |number: usize, name: &str, text: &str| {
        let path = format!("/opt/groma/{number}-{name}");
        let text = text.trim_end();
        out.push_str(&format!("\ncat > {path} <<'GROMA_FILE_{number}'\n{text}\nGROMA_FILE_{number}\n"));
        match (playbook(name), text.starts_with("#!")) {
            (true, _) => out.push_str(&format!("groma_playbook {path}\n")),
            (false, true) => out.push_str(&format!("chmod 700 {path}\n{path}\n")),
            (false, false) => out.push_str(&format!("bash {path}\n")),
        }
    };
    let mut number = 0;
    for file in &s.image.setup {
        number += 1;
        let text = std::fs::read_to_string(dir.join(file)).map_err(|e| {
            Diagnostic::error("Unreadable setup", format!("The file {file:?} cannot be read as text: {e}."))
                .at(s.image.span)
        })?;
        let name = Path::new(file).file_name().unwrap_or_default().to_string_lossy().into_owned();
        put(number, &name, &text);
    }
    if let Some(script) = &s.script {
        put(number + 1, "script", script);
    }
    Ok(Some(out))
}

//! Questions to the user.

use crate::commands::Failure;
use crate::session::Session;
use groma_lang::Diagnostic;
use std::io::{BufRead, Write};

impl Session {
    /// Asks for a line. `question` is shown in bold, `detail` below it. An error where
    /// asking is switched off or standard input has ended.
    pub fn ask(&self, question: &str, detail: &str) -> Result<String, Failure> {
        if !self.input {
            return Err(self.fail(Diagnostic::error(
                "Asking is switched off",
                format!("An answer is needed to this question, but -input=false or TF_INPUT forbids asking:\n\n{question}\n\n{detail}"),
            )));
        }
        let mut text = format!("\n{}\n", self.paint().bold(question));
        for line in detail.lines() {
            text.push_str(&format!("  {line}\n").replace("  \n", "\n"));
        }
        text.push_str("\n  Enter a value: ");
        self.ui.out(&text);
        let _ = std::io::stdout().flush();
        let mut answer = String::new();
        let n = std::io::stdin()
            .lock()
            .read_line(&mut answer)
            .map_err(|e| format!("The answer cannot be read: {e}"))?;
        self.ui.line("");
        if n == 0 {
            return Err(self.fail(Diagnostic::error(
                "No answer",
                format!("Standard input ended before this question was answered:\n\n{question}"),
            )));
        }
        Ok(answer.trim().to_owned())
    }

    /// Asks for approval; only `yes` will do.
    pub fn confirm(&self, question: &str, detail: &str) -> Result<bool, Failure> {
        let detail = format!("{detail}\nOnly \"yes\" will be accepted to go on.");
        Ok(self.ask(question, detail.trim_start())? == "yes")
    }
}

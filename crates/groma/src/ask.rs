//! Questions to the user.

use crate::commands::Failure;
use crate::session::Session;
use groma_lang::Diagnostic;
use std::io::{BufRead, Write};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

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
        match self.answer(&text)? {
            Some(answer) => Ok(answer.trim().to_owned()),
            None => Err(self.fail(Diagnostic::error(
                "No answer",
                format!("Standard input ended before this question was answered:\n\n{question}"),
            ))),
        }
    }

    /// Prints a question and waits for a line, which is given with its end; `None` if there is
    /// none any more. An interrupt is an error: who is asked can say no in this way, too.
    pub fn answer(&self, question: &str) -> Result<Option<String>, Failure> {
        /// How long an interrupt may go unnoticed.
        const LOOK: Duration = Duration::from_millis(50);
        self.ui.out(question);
        let _ = std::io::stdout().flush();
        // Reading cannot be given up, but a thread that reads can be left behind.
        let (send, lines) = channel();
        self.asking.store(true, Ordering::SeqCst);
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = std::io::stdin().lock().read_line(&mut line);
            // Nobody waits for it after an interrupt.
            let _ = send.send(read.map(|n| (n > 0).then_some(line)));
        });
        let answer = loop {
            match lines.recv_timeout(LOOK) {
                Err(RecvTimeoutError::Timeout) if !self.interrupt.stopping() => {}
                Ok(read) => break Some(read),
                Err(_) => break None,
            }
        };
        self.asking.store(false, Ordering::SeqCst);
        self.ui.line("");
        match answer {
            Some(read) => read.map_err(|e| format!("The answer cannot be read: {e}").into()),
            None => Err(self
                .fail(Diagnostic::error("Cancelled", "The question was interrupted, which counts as a no."))),
        }
    }

    /// Asks for approval; only `yes` will do.
    pub fn confirm(&self, question: &str, detail: &str) -> Result<bool, Failure> {
        let detail = format!("{detail}\nOnly \"yes\" will be accepted to go on.");
        Ok(self.ask(question, detail.trim_start())? == "yes")
    }
}

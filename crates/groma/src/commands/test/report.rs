//! What is told while tests run: as text, or as JSON messages.

use super::{FileResult, RunResult, Status};
use crate::session::Session;
use groma_config::testfile::{Run, TestFile};
use groma_engine::json::stream::{Message, diagnostic};
use groma_lang::{Diagnostic, Diagnostics};
use groma_value::addr::ResourceInstance;
use serde_json::{Value as Json, json};
use std::sync::atomic::Ordering;

/// Is told what happens.
pub trait Report {
    /// All tests that will be run.
    fn begin(&self, files: &[TestFile]);
    /// A file begins.
    fn file(&self, file: &TestFile);
    /// A run begins.
    fn run(&self, file: &TestFile, run: &Run);
    /// A run has ended.
    fn ran(&self, file: &TestFile, result: &RunResult);
    /// What a file made is destroyed from here on.
    fn cleanup(&self, file: &TestFile);
    /// The state of a run is being destroyed.
    fn destroying(&self, file: &TestFile, run: &Run);
    /// What was found while destroying the state of a run, and what is left of it.
    fn destroyed(&self, file: &TestFile, run: &Run, diags: &Diagnostics, left: &[ResourceInstance]);
    /// A file has ended.
    fn filed(&self, file: &TestFile, result: &FileResult, diags: &Diagnostics);
    /// All is done.
    fn end(&self, results: &[FileResult]);
}

/// Chooses how to tell.
pub struct Reporter;

impl Reporter {
    /// As the user wants it.
    pub fn of<'s>(s: &'s Session, verbose: bool) -> Box<dyn Report + 's> {
        if s.ui.json.load(Ordering::Relaxed) {
            Box::new(Messages { s, verbose })
        } else {
            Box::new(Text { s })
        }
    }
}

/// How many runs there are of each status, and the status of all.
fn totals(results: &[FileResult]) -> ([usize; 4], Status) {
    let mut n = [0; 4];
    for r in results.iter().flat_map(|f| &f.runs) {
        n[r.status as usize] += 1;
    }
    let worst = results.iter().map(|f| f.status).max().unwrap_or(Status::Pass);
    (n, worst)
}

fn summary(results: &[FileResult], paint: &dyn Fn(bool, &str) -> String) -> String {
    let ([skipped, passed, failed, errored], status) = totals(results);
    let good = status <= Status::Pass;
    let word = paint(good, if good { "Success!" } else { "Failure!" });
    let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
    format!("{word} {passed} passed, {} failed{skipped}.", failed + errored)
}

struct Text<'s> {
    s: &'s Session,
}

impl Text<'_> {
    fn status(&self, s: Status) -> String {
        let code = match s {
            Status::Skip => "37",
            Status::Pass => "32",
            _ => "31",
        };
        self.s.paint().code(code, s.word())
    }
    fn pale(&self, text: &str) -> String {
        self.s.paint().code("37", text)
    }
}

impl Report for Text<'_> {
    fn begin(&self, _: &[TestFile]) {}
    fn file(&self, file: &TestFile) {
        self.s.ui.line(&format!("{}... {}", file.name, self.pale("in progress")));
    }
    fn run(&self, _: &TestFile, _: &Run) {}
    fn ran(&self, _: &TestFile, r: &RunResult) {
        self.s.ui.line(&format!("  run {:?}... {}", r.name, self.status(r.status)));
        if let Some(text) = &r.verbose {
            self.s.ui.out(&format!("\n{}\n", text.trim_matches('\n')));
            self.s.ui.line("");
        }
        self.s.ui.diags(&r.diags, &self.s.sources);
    }
    fn cleanup(&self, file: &TestFile) {
        self.s.ui.line(&format!("{}... {}", file.name, self.pale("tearing down")));
    }
    fn destroying(&self, _: &TestFile, _: &Run) {}
    fn destroyed(&self, file: &TestFile, run: &Run, diags: &Diagnostics, left: &[ResourceInstance]) {
        let from = format!("{}/{}", file.name, run.name.name);
        if diags.has_errors() {
            self.s.ui.err(&format!("Groma could not destroy what was made by {from}.\n"));
        }
        self.s.ui.diags(diags, &self.s.sources);
        if !left.is_empty() {
            let list: Vec<String> = left.iter().map(|a| format!("  - {a}\n")).collect();
            self.s.ui.err(&format!(
                "\nThese objects, made by {from}, are left and have to be removed by hand:\n{}",
                list.concat()
            ));
        }
    }
    fn filed(&self, file: &TestFile, r: &FileResult, diags: &Diagnostics) {
        self.s.ui.line(&format!("{}... {}", file.name, self.status(r.status)));
        self.s.ui.diags(diags, &self.s.sources);
    }
    fn end(&self, results: &[FileResult]) {
        let paint = |good: bool, t: &str| self.s.paint().code(if good { "32" } else { "31" }, t);
        self.s.ui.line(&format!("\n{}", summary(results, &paint)));
    }
}

struct Messages<'s> {
    s: &'s Session,
    verbose: bool,
}

impl Messages<'_> {
    fn tell(&self, m: Message) {
        self.s.ui.message(&m);
    }
    fn about(&self, m: Message, file: &str, run: Option<&str>) {
        let m = m.with("@testfile", file);
        self.tell(match run {
            Some(r) => m.with("@testrun", r),
            None => m,
        });
    }
    fn diags(&self, diags: &Diagnostics, file: &str, run: Option<&str>) {
        for d in diags {
            self.about(self.message(d), file, run);
        }
    }
    fn message(&self, d: &Diagnostic) -> Message {
        diagnostic(&groma_lang::diag_render::render_json(d, &self.s.sources, None))
    }
    fn of_file(&self, file: &TestFile, text: &str, body: Json) {
        let m = Message::new("info", "test_file", format!("{}... {text}", file.name)).with("test_file", body);
        self.about(m, &file.name, None);
    }
    fn of_run(&self, file: &TestFile, run: &str, text: &str, body: Json) {
        let m = Message::new("info", "test_run", format!("  {run:?}... {text}")).with("test_run", body);
        self.about(m, &file.name, Some(run));
    }
}

impl Report for Messages<'_> {
    fn begin(&self, files: &[TestFile]) {
        let runs: usize = files.iter().map(|f| f.runs.len()).sum();
        let plural = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
        let text = if files.is_empty() {
            "Found 0 files and 0 run blocks".to_owned()
        } else {
            format!("Found {} and {}", plural(files.len(), "file"), plural(runs, "run block"))
        };
        let list = files.iter().map(|f| {
            let runs: Vec<Json> = f.runs.iter().map(|r| Json::from(&*r.name.name)).collect();
            (f.name.clone(), Json::Array(runs))
        });
        let all = Json::Object(list.collect());
        self.tell(Message::new("info", "test_abstract", text).with("test_abstract", all));
    }
    fn file(&self, file: &TestFile) {
        self.of_file(file, "in progress", json!({ "path": file.name, "progress": "starting" }));
    }
    fn run(&self, file: &TestFile, run: &Run) {
        let name = &*run.name.name;
        let body = json!({ "path": file.name, "run": name, "progress": "starting", "elapsed": 0 });
        self.of_run(file, name, "in progress", body);
    }
    fn ran(&self, file: &TestFile, r: &RunResult) {
        let body =
            json!({ "path": file.name, "run": r.name, "progress": "complete", "status": r.status.name() });
        self.of_run(file, &r.name, r.status.word(), body);
        if self.verbose
            && let Some(text) = &r.verbose
        {
            let m = Message::new("info", "log", text.trim_matches('\n'));
            self.about(m, &file.name, Some(&r.name));
        }
        self.diags(&r.diags, &file.name, Some(&r.name));
    }
    fn cleanup(&self, file: &TestFile) {
        self.of_file(file, "tearing down", json!({ "path": file.name, "progress": "teardown" }));
    }
    fn destroying(&self, file: &TestFile, run: &Run) {
        let name = &*run.name.name;
        let body = json!({ "path": file.name, "run": name, "progress": "teardown", "elapsed": 0 });
        self.of_run(file, name, "tearing down", body);
    }
    fn destroyed(&self, file: &TestFile, run: &Run, diags: &Diagnostics, left: &[ResourceInstance]) {
        let name = &*run.name.name;
        if !left.is_empty() {
            let list: Vec<Json> = left.iter().map(|a| json!({ "instance": a.to_string() })).collect();
            let text = format!(
                "Terraform left some resources in state after executing {}/{name}, they need to be cleaned up manually.",
                file.name
            );
            let m = Message::new("error", "test_cleanup", text)
                .with("test_cleanup", json!({ "failed_resources": list }));
            self.about(m, &file.name, Some(name));
        }
        self.diags(diags, &file.name, Some(name));
    }
    fn filed(&self, file: &TestFile, r: &FileResult, diags: &Diagnostics) {
        let body = json!({ "path": file.name, "progress": "complete", "status": r.status.name() });
        self.of_file(file, r.status.word(), body);
        self.diags(diags, &file.name, None);
    }
    fn end(&self, results: &[FileResult]) {
        let ([skipped, passed, failed, errored], status) = totals(results);
        let body = json!({
            "status": status.name(),
            "passed": passed,
            "failed": failed,
            "errored": errored,
            "skipped": skipped,
        });
        let text = summary(results, &|_, t| t.to_owned());
        self.tell(Message::new("info", "test_summary", text).with("test_summary", body));
    }
}

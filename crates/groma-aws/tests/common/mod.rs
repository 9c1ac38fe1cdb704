//! An HTTP server on the loopback interface that answers what a test says, and homes with shared files.
#![allow(dead_code, reason = "not every test uses all of it")]

use groma_aws::{Caller, CallerOptions, Environment};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// What was sent.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub target: String,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// A field of a form.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    /// The access key and the rest of the scope that it is signed with.
    pub fn signer(&self) -> Option<&str> {
        self.header("authorization")?.split("Credential=").nth(1)?.split(',').next()
    }
}

/// Status, headers and body. The status 0 ends the connection without an answer.
pub struct Answer(pub u16, pub Vec<(&'static str, String)>, pub String);

pub fn answer(status: u16, body: impl Into<String>) -> Answer {
    Answer(status, Vec::new(), body.into())
}

type Handler = dyn Fn(&Request, usize) -> Answer + Send + Sync;

/// The server; it goes on until the process ends.
pub struct Server {
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers each request with what a function makes of it and of the number of requests before it.
    pub fn start(handler: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (inside, handler): (_, Arc<Handler>) = (requests.clone(), Arc::new(handler));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (requests, handler) = (inside.clone(), handler.clone());
                thread::spawn(move || serve(stream, &requests, &handler));
            }
        });
        Server { url, requests }
    }

    /// Answers with one after the other; the last one is for all further requests.
    pub fn script(answers: Vec<Answer>) -> Server {
        Server::start(move |_, n| {
            let Answer(status, headers, body) = &answers[n.min(answers.len() - 1)];
            Answer(*status, headers.clone(), body.clone())
        })
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, requests: &Mutex<Vec<Request>>, handler: &Arc<Handler>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut words = line.split_whitespace().map(str::to_owned);
        let (Some(method), Some(target)) = (words.next(), words.next()) else { return };
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        let length =
            headers.iter().find(|(n, _)| n == "content-length").map_or(0, |(_, v)| v.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let request = Request { method, target, headers, body: String::from_utf8(body).unwrap() };
        let before = {
            let mut all = requests.lock().unwrap();
            all.push(request.clone());
            all.len() - 1
        };
        let Answer(status, headers, body) = handler(&request, before);
        if status == 0 {
            return;
        }
        let headers: String = headers.iter().map(|(n, v)| format!("{n}: {v}\r\n")).collect();
        let head = format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
    }
}

/// An environment of some variables, without metadata services and with a home that has some files below `.aws`.
pub fn environment(home: Option<&Path>, vars: &[(&str, &str)]) -> Environment {
    let mut env = Environment { home: home.map(Path::to_path_buf), ..Environment::default() };
    env.vars.insert("AWS_EC2_METADATA_DISABLED".into(), "true".into());
    env.vars.extend(vars.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
    env
}

/// A home with files below `.aws`.
pub fn home(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(".aws").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// A caller with the keys `AKIA` and a region for a server, which waits no longer than a test can.
pub fn caller(url: &str) -> Caller {
    let env = environment(
        None,
        &[
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL", url),
        ],
    );
    Caller::new(&env, quick()).unwrap()
}

/// Options that wait no longer than a test can.
pub fn quick() -> CallerOptions {
    CallerOptions { wait: Some(Duration::from_millis(1)), retries: Some(4), ..CallerOptions::default() }
}

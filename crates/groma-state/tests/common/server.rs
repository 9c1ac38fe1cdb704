//! An HTTP state server on the loopback interface.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Method, target, headers and body.
pub type Request = (String, String, Vec<(String, String)>, Vec<u8>);

#[derive(Default)]
pub struct Content {
    pub state: Option<Vec<u8>>,
    pub lock: Option<Vec<u8>>,
    /// All requests.
    pub requests: Vec<Request>,
    /// Statuses to answer the next requests with, whatever they are.
    pub failures: VecDeque<u16>,
}

#[derive(Clone)]
pub struct Server {
    pub url: String,
    pub content: Arc<Mutex<Content>>,
}

impl Server {
    pub fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/state", listener.local_addr().unwrap());
        let content = Arc::new(Mutex::new(Content::default()));
        let server = Server { url, content };
        let inside = server.content.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let content = inside.clone();
                thread::spawn(move || serve(stream, &content));
            }
        });
        server
    }

    pub fn fail(&self, statuses: &[u16]) {
        self.content.lock().unwrap().failures.extend(statuses);
    }

    pub fn state(&self) -> Option<String> {
        self.content.lock().unwrap().state.as_ref().map(|s| String::from_utf8(s.clone()).unwrap())
    }

    /// `METHOD target` of all requests since the last call.
    pub fn requests(&self) -> Vec<String> {
        self.content.lock().unwrap().requests.drain(..).map(|(m, t, ..)| format!("{m} {t}")).collect()
    }
}

fn serve(stream: TcpStream, content: &Mutex<Content>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
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
        let (status, answer) = answer(&method, &target, &body, headers, content);
        write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n", answer.len()).unwrap();
        stream.write_all(&answer).unwrap();
    }
}

fn answer(
    method: &str,
    target: &str,
    body: &[u8],
    headers: Vec<(String, String)>,
    content: &Mutex<Content>,
) -> (u16, Vec<u8>) {
    let mut c = content.lock().unwrap();
    c.requests.push((method.into(), target.into(), headers, body.into()));
    if let Some(status) = c.failures.pop_front() {
        return (status, Vec::new());
    }
    let id = |json: &[u8]| serde_json::from_slice::<serde_json::Value>(json).unwrap()["ID"].clone();
    match method {
        "GET" => match &c.state {
            Some(s) => (200, s.clone()),
            None => (404, Vec::new()),
        },
        "POST" | "PUT" => {
            c.state = Some(body.into());
            (200, Vec::new())
        }
        "DELETE" => {
            c.state = None;
            (200, Vec::new())
        }
        "LOCK" => match &c.lock {
            Some(l) => (423, l.clone()),
            None => {
                c.lock = Some(body.into());
                (200, Vec::new())
            }
        },
        "UNLOCK" => match &c.lock {
            Some(l) if id(l) == id(body) => {
                c.lock = None;
                (200, Vec::new())
            }
            _ => (409, Vec::new()),
        },
        _ => (405, Vec::new()),
    }
}

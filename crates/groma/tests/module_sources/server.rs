//! A server on the loopback interface that gives what a test puts there, with `{HOST}` in headers
//! and texts replaced by its own address.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What is served at a path.
#[derive(Clone, Default)]
pub struct Page {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// The value of `Authorization` that is asked for.
    pub only_for: Option<String>,
}

#[derive(Default)]
struct Shared {
    pages: BTreeMap<String, Page>,
    log: Vec<String>,
}

/// The server; its thread ends with the test's process.
pub struct Server {
    pub host: String,
    shared: Arc<Mutex<Shared>>,
}

impl Server {
    pub fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let shared = Arc::<Mutex<Shared>>::default();
        let (served, own) = (shared.clone(), host.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, host) = (served.clone(), own.clone());
                std::thread::spawn(move || answer(stream, &shared, &host).ok());
            }
        });
        Server { host, shared }
    }

    pub fn put(&self, path: &str, page: Page) {
        self.shared.lock().unwrap().pages.insert(path.to_owned(), page);
    }

    pub fn file(&self, path: &str, body: Vec<u8>) {
        self.put(path, Page { status: 200, body, ..Page::default() });
    }

    pub fn text(&self, path: &str, body: &str) {
        self.file(path, body.replace("{HOST}", &self.host).into_bytes());
    }

    /// An answer that names the source of a module.
    pub fn names(&self, path: &str, status: u16, source: &str) {
        let headers = vec![("X-Terraform-Get", source.replace("{HOST}", &self.host))];
        self.put(path, Page { status, headers, ..Page::default() });
    }

    /// The requests since the last call, as method and path.
    pub fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().unwrap().log)
    }
}

fn answer(stream: TcpStream, shared: &Mutex<Shared>, host: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request)? == 0 {
            return Ok(());
        }
        let mut authorization = None;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header)? <= 2 {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("authorization")
            {
                authorization = Some(value.trim().to_owned());
            }
        }
        let mut words = request.split(' ');
        let method = words.next().unwrap_or_default().to_owned();
        let target = words.next().unwrap_or_default().to_owned();
        let path = target.split('?').next().unwrap_or_default();
        let page = {
            let mut shared = shared.lock().unwrap();
            shared.log.push(format!("{method} {target}"));
            shared.pages.get(path).cloned()
        };
        let missing = Page { status: 404, body: b"not found".to_vec(), ..Page::default() };
        let mut page = page.unwrap_or(missing);
        if page.only_for.is_some() && page.only_for != authorization {
            page = Page { status: 401, ..Page::default() };
        }
        let stream = reader.get_mut();
        write!(stream, "HTTP/1.1 {} Status\r\n", page.status)?;
        for (name, value) in &page.headers {
            write!(stream, "{name}: {}\r\n", value.replace("{HOST}", host))?;
        }
        if page.status == 204 {
            write!(stream, "\r\n")?;
        } else {
            write!(stream, "Content-Length: {}\r\n\r\n", page.body.len())?;
            if method != "HEAD" {
                stream.write_all(&page.body)?;
            }
        }
        stream.flush()?;
    }
}

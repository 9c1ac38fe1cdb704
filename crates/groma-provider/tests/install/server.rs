//! An HTTPS server on the loopback interface that serves what a test gives it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What is served at a path.
#[derive(Clone)]
pub struct Page {
    status: u16,
    content_type: &'static str,
    location: Option<String>,
    token: Option<String>,
    body: Vec<u8>,
}

impl Page {
    pub fn bytes(body: Vec<u8>) -> Page {
        Page { status: 200, content_type: "application/octet-stream", location: None, token: None, body }
    }

    pub fn json(body: impl Into<String>) -> Page {
        Page { content_type: "application/json", ..Page::bytes(body.into().into_bytes()) }
    }

    pub fn status(status: u16) -> Page {
        Page { status, ..Page::bytes(b"no".to_vec()) }
    }

    pub fn redirect(location: &str) -> Page {
        Page { status: 302, location: Some(location.to_owned()), ..Page::bytes(Vec::new()) }
    }

    /// Only for those who send this bearer token.
    pub fn with_token(self, token: &str) -> Page {
        Page { token: Some(token.to_owned()), ..self }
    }
}

type Pages = Arc<Mutex<BTreeMap<String, Page>>>;

pub struct Server {
    pub port: u16,
    pages: Pages,
    certificate: rcgen::Certificate,
}

impl Server {
    /// Listens on a free port; the thread ends with the test's process.
    pub fn start() -> Server {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.is_ca = rcgen::IsCa::ExplicitNoCa;
        let certificate = params.self_signed(&key).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
        let listener = TcpListener::bind("localhost:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let pages = Pages::default();
        let served = Arc::clone(&pages);
        let config = Arc::new(config);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, pages) = (Arc::clone(&config), Arc::clone(&served));
                // A client that gives up is none of our business.
                std::thread::spawn(move || answer(stream, config, &pages).ok());
            }
        });
        Server { port, pages, certificate }
    }

    pub fn serve(&self, path: &str, page: Page) {
        self.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    pub fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }

    pub fn certificate_der(&self) -> Vec<u8> {
        self.certificate.der().to_vec()
    }
}

fn answer(stream: TcpStream, config: Arc<rustls::ServerConfig>, pages: &Pages) -> std::io::Result<()> {
    let connection = rustls::ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut reader = BufReader::new(rustls::StreamOwned::new(connection, stream));
    let (mut request, mut token) = (String::new(), None);
    reader.read_line(&mut request)?;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? <= 2 {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("authorization")
        {
            token = value.trim().strip_prefix("Bearer ").map(str::to_owned);
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let page = pages.lock().unwrap().get(&path).cloned().unwrap_or_else(|| Page::status(404));
    let page = if page.token.is_some() && page.token != token { Page::status(401) } else { page };
    let location = page.location.map(|location| format!("Location: {location}\r\n")).unwrap_or_default();
    let stream = reader.get_mut();
    write!(
        stream,
        "HTTP/1.1 {} Status\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n{location}\r\n",
        page.status,
        page.content_type,
        page.body.len()
    )?;
    stream.write_all(&page.body)?;
    stream.conn.send_close_notify();
    stream.flush()
}

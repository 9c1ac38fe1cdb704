//! Small proxies: HTTP's `CONNECT`, and SOCKS 5, for one user.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

pub const USER: &str = "proxy-user";
pub const PASSWORD: &str = "proxy-pass";

/// A proxy on loopback, for as long as the test runs.
pub struct Proxy {
    pub port: u16,
    uses: Arc<AtomicUsize>,
}

impl Proxy {
    pub fn http() -> Proxy {
        Proxy::start(accept_http)
    }

    pub fn socks5() -> Proxy {
        Proxy::start(accept_socks5)
    }

    /// How often it has connected somebody.
    pub fn uses(&self) -> usize {
        self.uses.load(Ordering::SeqCst)
    }

    fn start(accept: fn(&mut TcpStream) -> io::Result<TcpStream>) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let uses = Arc::new(AtomicUsize::new(0));
        let counted = uses.clone();
        thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let counted = counted.clone();
                thread::spawn(move || {
                    // Who is refused sees it; nobody else is to be told.
                    let Ok(server) = accept(&mut client) else { return };
                    counted.fetch_add(1, Ordering::SeqCst);
                    join(client, server);
                });
            }
        });
        Proxy { port, uses }
    }
}

/// Copies in both directions until both have ended.
fn join(a: TcpStream, b: TcpStream) {
    let (mut a2, mut b2) = (a.try_clone().unwrap(), b.try_clone().unwrap());
    let (mut a, mut b) = (a, b);
    let back = thread::spawn(move || {
        io::copy(&mut b, &mut a).ok();
        a.shutdown(std::net::Shutdown::Write).ok();
    });
    io::copy(&mut a2, &mut b2).ok();
    b2.shutdown(std::net::Shutdown::Write).ok();
    back.join().ok();
}

fn accept_http(client: &mut TcpStream) -> io::Result<TcpStream> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    // "proxy-user:proxy-pass"
    if !head.contains("Proxy-Authorization: Basic cHJveHktdXNlcjpwcm94eS1wYXNz\r\n") {
        client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")?;
        return Err(io::Error::other("nobody"));
    }
    let to = head.strip_prefix("CONNECT ").and_then(|h| h.split(' ').next()).unwrap_or_default();
    let server = TcpStream::connect(to)?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    Ok(server)
}

fn accept_socks5(client: &mut TcpStream) -> io::Result<TcpStream> {
    let text = |client: &mut TcpStream| {
        let mut length = [0];
        client.read_exact(&mut length)?;
        let mut bytes = vec![0; usize::from(length[0])];
        client.read_exact(&mut bytes)?;
        Ok::<_, io::Error>(bytes)
    };
    let mut byte = [0];
    client.read_exact(&mut byte)?;
    text(client)?;
    client.write_all(&[5, 2])?;
    client.read_exact(&mut byte)?;
    let good = text(client)? == USER.as_bytes() && text(client)? == PASSWORD.as_bytes();
    client.write_all(&[1, u8::from(!good)])?;
    if !good {
        return Err(io::Error::other("nobody"));
    }
    let mut head = [0; 4];
    client.read_exact(&mut head)?;
    let host = match head[3] {
        1 => {
            let mut ip = [0; 4];
            client.read_exact(&mut ip)?;
            std::net::Ipv4Addr::from(ip).to_string()
        }
        _ => String::from_utf8_lossy(&text(client)?).into_owned(),
    };
    let mut port = [0; 2];
    client.read_exact(&mut port)?;
    let server = TcpStream::connect((host, u16::from_be_bytes(port)))?;
    client.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0])?;
    Ok(server)
}

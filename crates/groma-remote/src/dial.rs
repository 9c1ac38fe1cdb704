//! The connection below SSH: to a machine, or to a proxy that connects to it.

use crate::{Error, Machine, Proxy, ProxyKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io;
use std::net::IpAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long one try to connect may take, proxy included, as in Terraform.
const LIMIT: Duration = Duration::from_secs(15);

/// Connects to `machine`.
pub(crate) async fn dial(machine: &Machine, proxy: Option<&Proxy>) -> Result<TcpStream, Error> {
    let (host, port) = (&*machine.host, machine.port);
    let (first, action) = match proxy {
        Some(p) => ((&*p.host, p.port), format!("through the proxy {}:{}", p.host, p.port)),
        None => ((host, port), "over TCP".into()),
    };
    let tunnel = async {
        let mut stream = TcpStream::connect(first).await?;
        stream.set_nodelay(true)?;
        match proxy.map(|p| (p, p.kind)) {
            Some((p, ProxyKind::Http)) => http(&mut stream, p, host, port).await?,
            Some((p, ProxyKind::Socks5)) => socks5(&mut stream, p, host, port).await?,
            None => {}
        }
        Ok(stream)
    };
    let done = tokio::time::timeout(LIMIT, tunnel).await;
    let done = done.unwrap_or_else(|_| Err(io::Error::other(format!("no answer within {LIMIT:?}"))));
    done.map_err(|e| Error::passing(format!("{host}:{port} cannot be reached {action}: {e}.")))
}

/// Asks a proxy of HTTP to connect (RFC 9110, 9.3.6).
async fn http(stream: &mut TcpStream, proxy: &Proxy, host: &str, port: u16) -> io::Result<()> {
    let to = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n");
    if !proxy.user.is_empty() {
        let named = STANDARD.encode(format!("{}:{}", proxy.user, proxy.password));
        request.push_str(&format!("Proxy-Authorization: Basic {named}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    // One byte at a time: what follows the head is SSH's.
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > 16 << 10 {
            return Err(io::Error::other("the proxy's answer is not one of HTTP"));
        }
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head);
    let status = head.lines().next().unwrap_or_default();
    match status.split(' ').nth(1) {
        Some(code) if code.starts_with('2') => Ok(()),
        _ => Err(io::Error::other(format!("the proxy answers {status:?}"))),
    }
}

/// Asks a proxy of SOCKS 5 to connect (RFC 1928, RFC 1929).
async fn socks5(stream: &mut TcpStream, proxy: &Proxy, host: &str, port: u16) -> io::Result<()> {
    const NOBODY: u8 = 0;
    const PASSWORD: u8 = 2;
    let text = |text: &str| match u8::try_from(text.len()) {
        Ok(length) => Ok([&[length], text.as_bytes()].concat()),
        Err(_) => Err(io::Error::other("host, user or password is too long for SOCKS")),
    };
    let methods: &[u8] = if proxy.user.is_empty() { &[5, 1, NOBODY] } else { &[5, 2, NOBODY, PASSWORD] };
    stream.write_all(methods).await?;
    let mut answer = [0; 2];
    stream.read_exact(&mut answer).await?;
    match answer {
        [5, NOBODY] => {}
        [5, PASSWORD] => {
            let named = [vec![1], text(&proxy.user)?, text(&proxy.password)?].concat();
            stream.write_all(&named).await?;
            stream.read_exact(&mut answer).await?;
            if answer[1] != 0 {
                return Err(io::Error::other("the proxy refuses its user name or password"));
            }
        }
        [5, _] => return Err(io::Error::other("the proxy wants to know who uses it")),
        _ => return Err(io::Error::other("the proxy does not speak SOCKS 5")),
    }
    let to = match host.parse() {
        Ok(IpAddr::V4(a)) => [&[1][..], &a.octets()].concat(),
        Ok(IpAddr::V6(a)) => [&[4][..], &a.octets()].concat(),
        Err(_) => [vec![3], text(host)?].concat(),
    };
    let request = [vec![5, 1, 0], to, port.to_be_bytes().to_vec()].concat();
    stream.write_all(&request).await?;
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    if head[1] != 0 {
        return Err(io::Error::other(format!("the proxy answers {}", reply(head[1]))));
    }
    // The address that it is connected from; nobody needs it.
    let length = match head[3] {
        1 => 4,
        4 => 16,
        _ => usize::from(stream.read_u8().await?),
    };
    stream.read_exact(&mut vec![0; length + 2]).await?;
    Ok(())
}

/// RFC 1928, 6.
fn reply(code: u8) -> String {
    match code {
        2 => "that its rules do not allow it".into(),
        3 => "that the network cannot be reached".into(),
        4 => "that the host cannot be reached".into(),
        5 => "that the connection is refused".into(),
        6 => "that it took too long".into(),
        other => format!("with code {other}"),
    }
}

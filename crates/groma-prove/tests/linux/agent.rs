//! What runs inside a namespace: it listens, answers, and opens connections as it is told
//! on its standard input, one command a line.
//!
//! `listen ADDRESS PORT[,PORT]`; `probe ID tcp|udp SOURCE PORT DESTINATION PORT MILLIS`
//! answers `ID yes` or `ID no`; `got ID` answers `ID got` if a datagram with this text
//! arrived, else `ID none`; `ready` answers `ready`.

use std::collections::HashSet;
use std::io::{BufRead as _, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, UdpSocket};
use tokio::time::timeout;

type Arrived = Arc<Mutex<HashSet<String>>>;

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

pub fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return ExitCode::FAILURE };
    let (sender, mut lines) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let arrived = Arrived::default();
    runtime.block_on(async move {
        while let Some(line) = lines.recv().await {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let Err(error) = command(&words, &arrived).await {
                say(&format!("error {line}: {error}"));
            }
        }
    });
    ExitCode::SUCCESS
}

async fn command(words: &[&str], arrived: &Arrived) -> Result<(), Box<dyn std::error::Error>> {
    match words {
        ["ready"] => say("ready"),
        ["listen", address, ports] => {
            let address: IpAddr = address.parse()?;
            for port in ports.split(',') {
                let at = SocketAddr::new(address, port.parse()?);
                serve_tcp(TcpListener::bind(at).await?);
                serve_udp(UdpSocket::bind(at).await?, arrived.clone());
            }
        }
        ["probe", id, protocol, source, sport, destination, dport, millis] => {
            let from = SocketAddr::new(source.parse()?, sport.parse()?);
            let to = SocketAddr::new(destination.parse()?, dport.parse()?);
            let patience = Duration::from_millis(millis.parse()?);
            let (id, tcp) = ((*id).to_owned(), *protocol == "tcp");
            tokio::spawn(async move {
                let result = if tcp {
                    timeout(patience, probe_tcp(&id, from, to)).await
                } else {
                    timeout(patience, probe_udp(&id, from, to)).await
                };
                let answer = match result {
                    Ok(Ok(())) => "yes".to_owned(),
                    Ok(Err(error)) if error.kind() == std::io::ErrorKind::AddrInUse => {
                        format!("error {error}")
                    }
                    Ok(Err(_)) | Err(_) => "no".to_owned(),
                };
                say(&format!("{id} {answer}"));
            });
        }
        ["got", id] => {
            let got = arrived.lock().unwrap_or_else(PoisonError::into_inner).contains(*id);
            say(&format!("{id} {}", if got { "got" } else { "none" }));
        }
        _ => return Err("not a command".into()),
    }
    Ok(())
}

fn serve_tcp(listener: TcpListener) {
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 64];
                if let Ok(count) = stream.read(&mut buffer).await {
                    let _ = stream.write_all(&buffer[..count]).await;
                    // Until the client has closed: it keeps the waiting state.
                    let _ = stream.read(&mut buffer).await;
                }
            });
        }
    });
}

fn serve_udp(socket: UdpSocket, arrived: Arrived) {
    tokio::spawn(async move {
        let mut buffer = [0; 64];
        while let Ok((count, from)) = socket.recv_from(&mut buffer).await {
            let text = String::from_utf8_lossy(&buffer[..count]).into_owned();
            arrived.lock().unwrap_or_else(PoisonError::into_inner).insert(text);
            let _ = socket.send_to(&buffer[..count], from).await;
        }
    });
}

async fn probe_tcp(id: &str, from: SocketAddr, to: SocketAddr) -> std::io::Result<()> {
    let socket = if from.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(from)?;
    let mut stream = socket.connect(to).await?;
    stream.write_all(id.as_bytes()).await?;
    let mut buffer = [0; 64];
    let count = stream.read(&mut buffer).await?;
    if &buffer[..count] == id.as_bytes() { Ok(()) } else { Err(std::io::ErrorKind::InvalidData.into()) }
}

async fn probe_udp(id: &str, from: SocketAddr, to: SocketAddr) -> std::io::Result<()> {
    let socket = UdpSocket::bind(from).await?;
    socket.connect(to).await?;
    let mut buffer = [0; 64];
    loop {
        // Lost neither by a filter nor for lack of a neighbour's address: sent again.
        let _ = socket.send(id.as_bytes()).await;
        match timeout(Duration::from_millis(400), socket.recv(&mut buffer)).await {
            Ok(Ok(count)) if &buffer[..count] == id.as_bytes() => return Ok(()),
            Ok(Ok(_)) => {}
            Ok(Err(_)) => tokio::time::sleep(Duration::from_millis(100)).await,
            Err(_) => {}
        }
    }
}

//! The socket, and gRPC on it.

use crate::{World, answers, lease};
use bytes::Bytes;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Serves until the test's process ends: a thread that waits costs nothing.
pub(crate) fn listen(path: &Path, world: Arc<Mutex<World>>) {
    let listener = std::os::unix::net::UnixListener::bind(path).unwrap();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::UnixListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(connection(stream, world.clone()));
            }
        });
    });
}

async fn connection(stream: tokio::net::UnixStream, world: Arc<Mutex<World>>) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, respond))) = connection.accept().await {
        tokio::spawn(answer(request, respond, world.clone()));
    }
}

async fn answer(
    request: http::Request<h2::RecvStream>,
    mut respond: h2::server::SendResponse<Bytes>,
    world: Arc<Mutex<World>>,
) {
    let path = request.uri().path().to_owned();
    let mut body = Vec::new();
    let mut stream = request.into_body();
    while let Some(Ok(chunk)) = stream.data().await {
        let _ = stream.flow_control().release_capacity(chunk.len());
        body.extend_from_slice(&chunk);
    }
    let method = path.rsplit('/').next().unwrap_or_default();
    // What ends before a message begins is of a service that is not here.
    let body = Bytes::from(body.split_off(body.len().min(5)));
    if let Some((lease, times)) = lease::waits_for(method, &body) {
        let renewed = || world.lock().unwrap_or_else(PoisonError::into_inner).renewals.get(&lease).copied();
        while renewed().unwrap_or_default() < times {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
    let messages = answers::to(method, body, &world);
    let mut response = http::Response::new(());
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/grpc"));
    let Ok(mut send) = respond.send_response(response, false) else { return };
    for message in messages.iter().flatten() {
        let length = (message.len() as u32).to_be_bytes();
        let frame = [&[0], &length[..], message].concat();
        if send.send_data(frame.into(), false).is_err() {
            return;
        }
    }
    // 12: there is no such method.
    let status = if messages.is_some() { 0 } else { 12 };
    let mut trailers = http::HeaderMap::new();
    trailers.insert("grpc-status", status.into());
    let _ = send.send_trailers(trailers);
}

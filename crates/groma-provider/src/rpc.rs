//! One gRPC connection to a plugin.
//!
//! Messages cross this layer as bytes: encoding and decoding happen in the caller, so the gRPC
//! machinery is compiled once and not once for each message type, and a response that is better
//! left undecoded (a provider's whole schema) stays bytes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, BufMut, Bytes};
use http::uri::PathAndQuery;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder, Streaming};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use crate::handshake::PluginAddr;

/// Terraform's limit too. A large provider's schema takes tens of megabytes.
const MAX_MESSAGE: usize = 256 * 1024 * 1024;
/// The other end is on the same machine: a small window would only add round trips.
const WINDOW: u32 = 16 * 1024 * 1024;

/// A connection; clones share it.
#[derive(Clone)]
pub(crate) struct Connection {
    grpc: Grpc<Channel>,
}

impl Connection {
    /// Connects to a plugin, with TLS where a configuration is given.
    pub(crate) async fn open(
        addr: PluginAddr,
        tls: Option<Arc<rustls::ClientConfig>>,
    ) -> Result<Self, tonic::transport::Error> {
        // The name is not used: the connector below ignores it, and so does the certificate check.
        let endpoint = Endpoint::from_static("http://localhost")
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW);
        let channel = endpoint
            .connect_with_connector(tower::service_fn(move |_| {
                let (addr, tls) = (addr.clone(), tls.clone());
                async move { dial(addr, tls).await.map(TokioIo::new) }
            }))
            .await?;
        let grpc = Grpc::new(channel).max_decoding_message_size(MAX_MESSAGE);
        Ok(Connection { grpc: grpc.max_encoding_message_size(MAX_MESSAGE) })
    }

    /// Calls a method that takes one message and returns one. Dropping the future cancels the call
    /// in the plugin.
    pub(crate) async fn unary(&self, path: &'static str, body: Vec<u8>) -> Result<Bytes, Status> {
        let mut grpc = self.grpc.clone();
        grpc.ready().await.map_err(|error| Status::unavailable(chain(&error)))?;
        let response = grpc.unary(Request::new(body), PathAndQuery::from_static(path), RawCodec).await?;
        Ok(response.into_inner())
    }

    /// Calls a method that takes one message and returns a stream of them.
    pub(crate) async fn stream(&self, path: &'static str, body: Vec<u8>) -> Result<Streaming<Bytes>, Status> {
        let mut grpc = self.grpc.clone();
        grpc.ready().await.map_err(|error| Status::unavailable(chain(&error)))?;
        let response =
            grpc.server_streaming(Request::new(body), PathAndQuery::from_static(path), RawCodec).await?;
        Ok(response.into_inner())
    }
}

/// An error with its causes, outermost first.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        source = inner.source();
    }
    text
}

async fn dial(addr: PluginAddr, tls: Option<Arc<rustls::ClientConfig>>) -> io::Result<Stream> {
    let stream: Box<dyn Duplex> = match addr {
        PluginAddr::Unix(path) => Box::new(UnixStream::connect(path).await?),
        PluginAddr::Tcp(addr) => {
            let stream = TcpStream::connect(addr).await?;
            stream.set_nodelay(true)?;
            Box::new(stream)
        }
    };
    match tls {
        None => Ok(Stream(stream)),
        Some(config) => {
            let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
            let stream = tokio_rustls::TlsConnector::from(config).connect(name, stream).await?;
            Ok(Stream(Box::new(stream)))
        }
    }
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

struct Stream(Box<dyn Duplex>);

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// Passes messages through undecoded.
#[derive(Clone, Copy)]
struct RawCodec;

impl Codec for RawCodec {
    type Encode = Vec<u8>;
    type Decode = Bytes;
    type Encoder = RawCodec;
    type Decoder = RawCodec;

    fn encoder(&mut self) -> Self::Encoder {
        RawCodec
    }

    fn decoder(&mut self) -> Self::Decoder {
        RawCodec
    }
}

impl Encoder for RawCodec {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, dst: &mut EncodeBuf<'_>) -> Result<(), Status> {
        dst.reserve(item.len());
        dst.put_slice(&item);
        Ok(())
    }
}

impl Decoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, src: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(src.copy_to_bytes(src.remaining())))
    }
}

//! Compression for `base64gzip`.

use std::io::Write;

/// A gzip stream.
pub(super) fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut w = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing to memory does not fail.
    let _ = w.write_all(bytes);
    w.finish().unwrap_or_default()
}

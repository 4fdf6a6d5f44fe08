//! The limits of a manifest: far above what people write, far below what harms.

/// Bytes of a file.
pub const FILE_BYTES: usize = 1 << 20;
/// Keys and values of a file, aliases expanded.
pub const NODES: usize = 10_000;
/// Bytes of all keys and texts of a file, aliases expanded.
pub const EXPANDED_BYTES: usize = 4 << 20;
/// Bytes of a key or text.
pub const TEXT_BYTES: usize = 256 << 10;
/// Lists and maps within each other, aliases expanded.
pub const DEPTH: usize = 32;
/// The most errors of a file before reading stops.
pub(super) const ERRORS: usize = 20;
/// The most reported invisible characters of a file.
pub(super) const INVISIBLE_WARNINGS: usize = 10;

//! The bytes of a block: a header with a checksum, then records.
//!
//! ```text
//! block  := magic "OMJ1" | checksum u32 | position u64 | payload_bytes u32 | records u32 | payload
//! payload:= record*        record := bytes u32 | kind u8 | bytes
//! ```
//! Little endian. The checksum (CRC-32) covers everything behind it. `position`
//! is the journal's position of the block, so that a block in the wrong place is found out.

/// How large a record may be.
pub const RECORD_BYTES_MAX: usize = 16 << 20;

/// How large the records of one group may be together; a single record may always be one group.
pub const BLOCK_BYTES_MAX: usize = RECORD_BYTES_MAX + RECORD_HEADER_BYTES;

pub(crate) const HEADER_BYTES: usize = 24;
pub(crate) const RECORD_HEADER_BYTES: usize = 5;
pub(crate) const MAGIC: [u8; 4] = *b"OMJ1";

/// A decoded header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) checksum: u32,
    pub(crate) position: u64,
    pub(crate) payload_bytes: u32,
    pub(crate) records: u32,
}

/// Appends one record to a payload that is being built.
pub(crate) fn push_record(payload: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    let len = u32::try_from(bytes.len()).expect("the caller checked RECORD_BYTES_MAX");
    payload.extend_from_slice(&len.to_le_bytes());
    payload.push(kind);
    payload.extend_from_slice(bytes);
}

/// Fills in the header in front of a payload that starts [`HEADER_BYTES`] into `block`.
pub(crate) fn seal(block: &mut [u8], position: u64, records: u32) {
    let payload_bytes =
        u32::try_from(block.len() - HEADER_BYTES).expect("the caller checked BLOCK_BYTES_MAX");
    block[..4].copy_from_slice(&MAGIC);
    block[8..16].copy_from_slice(&position.to_le_bytes());
    block[16..20].copy_from_slice(&payload_bytes.to_le_bytes());
    block[20..24].copy_from_slice(&records.to_le_bytes());
    let checksum = crc32fast::hash(&block[8..]);
    block[4..8].copy_from_slice(&checksum.to_le_bytes());
}

/// Reads a header; `None` when the magic is missing.
pub(crate) fn header(bytes: &[u8; HEADER_BYTES]) -> Option<Header> {
    let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    (bytes[..4] == MAGIC).then(|| Header {
        checksum: word(4),
        position: u64::from(word(8)) | u64::from(word(12)) << 32,
        payload_bytes: word(16),
        records: word(20),
    })
}

/// Whether header and payload are what was written.
pub(crate) fn is_whole(head: &[u8; HEADER_BYTES], header: Header, payload: &[u8]) -> bool {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&head[8..]);
    hasher.update(payload);
    hasher.finalize() == header.checksum
}

/// Takes the next record off a payload: kind, bytes, rest. `None` when it is cut short.
pub(crate) fn next_record(payload: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (head, rest) = payload.split_at_checked(RECORD_HEADER_BYTES)?;
    let len = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
    let (bytes, rest) = rest.split_at_checked(len)?;
    Some((head[4], bytes, rest))
}

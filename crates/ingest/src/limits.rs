//! Everything that arrives has a limit. Each is listed in `docs/limits.md` with what happens beyond it.

use model::Instant;

/// One event, in bytes of JSON.
pub const EVENT_BYTES_MAX: usize = 32 * 1024;
/// One body of `batch` or `import`, in bytes of JSON (after decompression).
pub const BATCH_BYTES_MAX: usize = 500 * 1024;
/// Events in one `batch` or `import`.
pub const BATCH_EVENTS_MAX: usize = 2_500;
/// One body of CleverTap's `/1/upload`, in bytes of JSON (after decompression).
pub const UPLOAD_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Records in one CleverTap upload.
pub const UPLOAD_RECORDS_MAX: usize = 1_000;
/// The name of an event, property or trait, in bytes; nested names are measured joined with dots.
pub const NAME_BYTES_MAX: usize = 256;
/// Properties (or traits) of one event, nested ones counted one by one; also the names in one object inside a list.
pub const PROPERTIES_MAX: usize = 512;
/// How deep objects and lists may be nested.
pub const DEPTH_MAX: usize = 10;
/// One identifier or message id, in bytes. Push tokens are the longest honest ones.
pub const IDENTIFIER_BYTES_MAX: usize = 1_024;
/// Identifiers of one event.
pub const IDENTIFIERS_MAX: usize = 16;
/// How far in the future an event may be before its instant is replaced by the one at which it reached us.
pub const FUTURE_MS_MAX: i64 = Instant::DAY_MS;
/// What a reject shows of the value at fault, in bytes.
pub const REJECT_VALUE_BYTES_MAX: usize = 120;
/// What a reject keeps of the record, in bytes: every record that is not itself too large is kept whole.
pub const REJECT_RECORD_BYTES_MAX: usize = EVENT_BYTES_MAX;
/// One chunk of import rows, in bytes after decompression.
pub const CHUNK_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Rows in one chunk of an import.
pub const CHUNK_ROWS_MAX: usize = 50_000;
/// Event names that the learnt dictionary remembers one by one.
pub const DICTIONARY_EVENTS_MAX: usize = 2_000;
/// Property names that the learnt dictionary remembers for one event (and trait names in all).
pub const DICTIONARY_PROPERTIES_MAX: usize = 500;
/// Days for which the learnt dictionary remembers the volume of an event.
pub const DICTIONARY_DAYS_MAX: usize = 400;
/// Examples that the learnt dictionary remembers for one property.
pub const DICTIONARY_EXAMPLES_MAX: usize = 5;
/// One example, in bytes.
pub const DICTIONARY_EXAMPLE_BYTES_MAX: usize = 80;

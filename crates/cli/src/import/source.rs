//! The file on disk: its format, its compression, its fingerprint, and how far it is read.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result, bail};
use ingest::import::ImportKey;
use xxhash_rust::xxh3::Xxh3;

use super::named;

const READ_BYTES: usize = 256 * 1024;

/// What the bytes of a file are, once they are decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Csv { delimiter: Option<u8> },
    NdJson,
    Parquet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compression {
    None,
    Gzip,
    Zstd,
}

/// A file that is ready to be read.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) format: Format,
    pub(super) key: ImportKey,
    /// The size of the file as it is on disk.
    pub(super) bytes: u64,
    compression: Compression,
    file: File,
    read: Arc<AtomicU64>,
}

impl Source {
    /// Opens a file and takes its fingerprint, together with that of the mapping.
    pub(super) fn open(path: &Path, mapping: &str) -> Result<Self> {
        let mut file = File::open(path).with_context(|| named("cannot open the file", path))?;
        let (key, head) =
            fingerprint(&mut file, mapping).with_context(|| named("cannot read the file", path))?;
        let bytes = file.metadata()?.len();
        let compression = compression(&head);
        let format = format(path, &head)?;
        if format == Format::Parquet && compression != Compression::None {
            bail!(named("Parquet is compressed inside: decompress the file around it", path));
        }
        let read = Arc::new(AtomicU64::new(0));
        Ok(Self { path: path.to_owned(), format, key, bytes, compression, file, read })
    }

    /// The name of the file, without its folder.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The file itself, for formats that jump about in it.
    pub(super) fn file(&self) -> Result<File> {
        Ok(self.file.try_clone()?)
    }

    /// The decompressed bytes, from the beginning.
    pub(super) fn lines(&self) -> Result<Box<dyn BufRead + Send>> {
        let counted = Counted { file: self.file()?, read: Arc::clone(&self.read) };
        let raw = BufReader::with_capacity(READ_BYTES, counted);
        let plain: Box<dyn Read + Send> = match self.compression {
            Compression::None => return Ok(Box::new(raw)),
            Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(raw)),
            Compression::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(raw)?),
        };
        Ok(Box::new(BufReader::with_capacity(READ_BYTES, plain)))
    }

    /// How many bytes of the file [`Source::lines`] has read so far.
    pub(super) fn position(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }
}

/// The hash of all bytes and of the mapping, and the first bytes. Leaves the file at its beginning.
fn fingerprint(file: &mut File, mapping: &str) -> std::io::Result<(ImportKey, Vec<u8>)> {
    let mut hash = Xxh3::new();
    let mut head = Vec::new();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        if head.is_empty() {
            head = buffer[..count.min(64)].to_vec();
        }
        hash.update(&buffer[..count]);
    }
    hash.update(b"\n--- mapping ---\n");
    hash.update(mapping.as_bytes());
    file.seek(SeekFrom::Start(0))?;
    Ok((ImportKey(hash.digest128()), head))
}

fn compression(head: &[u8]) -> Compression {
    if head.starts_with(&[0x1f, 0x8b]) {
        Compression::Gzip
    } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Compression::Zstd
    } else {
        Compression::None
    }
}

/// By the bytes where they are unmistakable, else by the name.
fn format(path: &Path, head: &[u8]) -> Result<Format> {
    if head.starts_with(b"PAR1") {
        return Ok(Format::Parquet);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    match name.rsplit('.').next() {
        Some("csv") => Ok(Format::Csv { delimiter: None }),
        Some("tsv") => Ok(Format::Csv { delimiter: Some(b'\t') }),
        Some("ndjson" | "jsonl") => Ok(Format::NdJson),
        Some("parquet") => Ok(Format::Parquet),
        Some(_) | None if head.starts_with(b"{") => Ok(Format::NdJson),
        Some(_) | None => {
            bail!(named("cannot tell the format: name the file .csv, .tsv, .ndjson or .parquet", path))
        }
    }
}

/// Counts what is read of the file.
struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

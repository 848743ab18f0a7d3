//! One old part: its index here, its object on the shelf.

use std::path::Path;
use std::sync::Arc;

use model::{CustomerId, Instant, Text};
use rustc_hash::FxHashSet;
use xxhash_rust::xxh3::xxh3_64;

use super::index::{Index, Piece};
use super::object;
use super::pool::{Held, Lack, Pool};
use crate::column::Column;
use crate::error::Error;
use crate::holes::Holes;
use crate::manifest::PartEntry;
use crate::span::Span;
use crate::table::Table;

/// What the name of an index ends with: an old part is named by it in the manifest.
pub(crate) const SUFFIX: &str = ".cold";
const OBJECT_SUFFIX: &str = ".parquet";
/// The key of the columns that every row has, in the pool.
const FIXED: usize = usize::MAX;

/// A part whose rows are on the shelf.
#[derive(Debug)]
pub(crate) struct Old {
    /// Its entry in the manifest: bytes and checksum are those of the object.
    pub(crate) entry: PartEntry,
    pub(super) index: Index,
}

/// The columns that every row has, and where the rows are that stand under another customer than they arrived for.
#[derive(Debug)]
pub(super) struct Base {
    pub(super) table: Table,
    /// Sorted.
    strays: Vec<(CustomerId, u32)>,
}

impl Base {
    /// The rows that arrived for one of these, in order.
    pub(super) fn rows_for(&self, origins: &FxHashSet<CustomerId>) -> Vec<usize> {
        let mut rows: Vec<usize> = Vec::new();
        for origin in origins {
            rows.extend(self.table.find(*origin).filter(|row| self.table.origin(*row) == *origin));
            let first = self.strays.partition_point(|(other, _)| other < origin);
            let strays = self.strays[first..].iter().take_while(|(other, _)| other == origin);
            rows.extend(strays.map(|(_, row)| *row as usize));
        }
        rows.sort_unstable();
        rows
    }
}

impl Old {
    /// Whether the manifest's entry is one of an old part.
    pub(crate) fn is_one(entry: &PartEntry) -> bool {
        entry.file.ends_with(SUFFIX)
    }

    /// Puts a table on the shelf, reads it back, and writes its index: only then may its rows leave the hot parts.
    pub(super) fn write(
        (dir, pool): (&Path, &Pool),
        stem: &str,
        stream: &Text,
        table: &Table,
    ) -> Result<Self, Error> {
        let object = format!("{stem}{OBJECT_SUFFIX}");
        let shelf = |action| Error::shelf(action, &object);
        let place = pool.shelf().map_err(|reason| Error::damaged(Path::new(&object), reason))?;
        let (bytes, index) = object::encode(stream, table)
            .map_err(|source| Error::Write { path: object.clone().into(), source: Box::new(source) })?;
        let len = bytes.len() as u64;
        place.put(&object, bytes).map_err(shelf("put"))?;
        let back = place.get(&object, 0..len).map_err(shelf("read back"))?;
        if xxh3_64(&back) != index.checksum {
            return Err(Error::damaged(Path::new(&object), "it came back other than it was put there"));
        }
        let file = format!("{stem}{SUFFIX}");
        index.write(&dir.join(&file))?;
        let times = table.times();
        let entry = PartEntry {
            file,
            stream: stream.clone(),
            rows: table.len() as u64,
            bytes: len,
            checksum: index.checksum,
            earliest: Instant::from_ms(times.iter().copied().min().unwrap_or(0)),
            latest: Instant::from_ms(times.iter().copied().max().unwrap_or(0)),
            holes: Arc::default(),
            missing: false,
        };
        Ok(Self { entry, index })
    }

    /// Reads the index of a part that the manifest names, and checks it. The shelf is not asked.
    pub(crate) fn open(dir: &Path, entry: &PartEntry) -> Result<Self, Error> {
        let path = dir.join(&entry.file);
        let index = Index::read(&path)?;
        let rows = u64::from(index.lanes[index.lanes.len() - 1]);
        if index.stream != entry.stream || index.checksum != entry.checksum || rows != entry.rows {
            return Err(Error::damaged(&path, "its index belongs to another part"));
        }
        Ok(Self { entry: entry.clone(), index })
    }

    /// Makes the index of a part anew from its object, in the place of one that cannot be read.
    pub(crate) fn index_again((dir, pool): (&Path, &Pool), entry: &PartEntry) -> Result<Self, Text> {
        let object = object_of(&entry.file);
        let bytes = pool.shelf()?.get(&object, 0..entry.bytes).map_err(|error| error.to_string())?;
        if xxh3_64(&bytes) != entry.checksum {
            return Err("its index cannot be read, and its object is not what was written".into());
        }
        let index = object::index_again(&entry.stream, bytes).map_err(|error| error.to_string())?;
        index.write(&dir.join(&entry.file)).map_err(|error| error.to_string())?;
        Ok(Self { entry: entry.clone(), index })
    }

    /// Reads the whole object and checks that it is what was written.
    pub(crate) fn verify(&self, pool: &Pool) -> Result<(), Text> {
        let all = Piece { bytes: 0..self.entry.bytes, checksum: self.entry.checksum, decoded_bytes: 0 };
        self.fetch(pool, &all).map(drop)
    }

    /// The same part without the rows that these swallow.
    pub(crate) fn with_holes(self, holes: Arc<Holes>) -> Self {
        Self { entry: PartEntry { holes, ..self.entry }, ..self }
    }

    /// The name of its object.
    pub(crate) fn object(&self) -> String {
        object_of(&self.entry.file)
    }

    /// How many rows count, as far as is known without reading them.
    pub(crate) fn rows(&self) -> usize {
        usize::try_from(self.entry.rows).unwrap_or(usize::MAX) - self.entry.holes.rows()
    }

    /// Whether a row may lie within `span`.
    pub(crate) fn touches(&self, span: Span) -> bool {
        self.entry.earliest <= span.until && (self.entry.latest > span.after || span.after == Instant::MIN)
    }

    /// The columns that every row has.
    pub(super) fn base(&self, pool: &Pool) -> Result<Arc<Held<Base>>, Lack> {
        let piece = &self.index.fixed;
        pool.get((self.entry.file.clone(), FIXED), room(piece), || {
            let bytes = self.fetch(pool, piece)?;
            let fixed = object::decode_fixed(&self.index, bytes).map_err(|error| self.reason(&error))?;
            let table = Table::new(fixed, Vec::new());
            let stray = |row: &usize| table.origin(*row) != table.customer(*row);
            let number = |row: usize| u32::try_from(row).expect("a table has less than 2^32 rows");
            let mut strays: Vec<_> = match table.fixed().origins {
                None => Vec::new(),
                Some(_) => {
                    (0..table.len()).filter(stray).map(|row| (table.origin(row), number(row))).collect()
                }
            };
            strays.sort_unstable();
            Ok(Base { table, strays })
        })
    }

    /// The column of a property with this place in the index.
    pub(super) fn column(&self, pool: &Pool, place: usize) -> Result<Arc<Held<Column>>, Lack> {
        let piece = &self.index.columns[place].piece;
        pool.get((self.entry.file.clone(), place), room(piece), || {
            let bytes = self.fetch(pool, piece)?;
            object::decode_column(&self.index, place, bytes).map_err(|error| self.reason(&error))
        })
    }

    fn fetch(&self, pool: &Pool, piece: &Piece) -> Result<Vec<u8>, Text> {
        let bytes =
            pool.shelf()?.get(&self.object(), piece.bytes.clone()).map_err(|error| self.reason(&error))?;
        if xxh3_64(&bytes) != piece.checksum {
            return Err(self.reason(&"its checksum does not match its bytes"));
        }
        Ok(bytes)
    }

    fn reason(&self, what: &dyn std::fmt::Display) -> Text {
        format!("{what}. object=`{}`", self.object()).into()
    }
}

/// The name of the object behind an index file.
pub(crate) fn object_of(file: &str) -> String {
    format!("{}{OBJECT_SUFFIX}", file.strip_suffix(SUFFIX).unwrap_or(file))
}

/// How many bytes a piece takes when it is decoded, and how many more on its way there.
fn room(piece: &Piece) -> (u64, u64) {
    (piece.decoded_bytes, piece.bytes.end - piece.bytes.start)
}

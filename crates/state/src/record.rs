//! Values as bytes: one byte for the version, then postcard.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// A value of a [`Table`](crate::Table).
///
/// Its stored form is a contract (`docs/formats/state.md`): whoever changes the
/// type raises [`Record::VERSION`] and teaches [`Record::upgrade`] to read the
/// old bytes.
pub trait Record: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The version of the stored form that this code writes.
    const VERSION: u8;

    /// Reads what an earlier version wrote.
    fn upgrade(_version: u8, _bytes: &[u8]) -> Option<Self> {
        None
    }
}

impl Record for () {
    const VERSION: u8 = 1;
}

impl Record for u32 {
    const VERSION: u8 = 1;
}

impl Record for u64 {
    const VERSION: u8 = 1;
}

impl Record for model::CustomerId {
    const VERSION: u8 = 1;
}

impl Record for Vec<u8> {
    const VERSION: u8 = 1;
}

/// A shared value is stored as the value.
impl<T: Record> Record for Arc<T>
where
    Self: Serialize + DeserializeOwned,
{
    const VERSION: u8 = T::VERSION;

    fn upgrade(version: u8, bytes: &[u8]) -> Option<Self> {
        T::upgrade(version, bytes).map(Self::new)
    }
}

/// Replaces `bytes` by the stored form of `value`.
pub(crate) fn encode<V: Record>(value: &V, bytes: &mut Vec<u8>) {
    bytes.clear();
    bytes.push(V::VERSION);
    let taken = std::mem::take(bytes);
    *bytes = postcard::to_extend(value, taken).expect("our values have known lengths and memory grows");
}

/// The value behind its stored form.
pub(crate) fn decode<V: Record>(table: &str, key: &[u8], bytes: &[u8]) -> Result<V, Error> {
    let unreadable = || Error::unreadable(table, key);
    let (&version, body) = bytes.split_first().ok_or_else(unreadable)?;
    if version > V::VERSION {
        return Err(Error::Later { table: table.to_owned(), version });
    }
    let value =
        if version == V::VERSION { postcard::from_bytes(body).ok() } else { V::upgrade(version, body) };
    value.ok_or_else(unreadable)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Visits {
        count: u64,
        pages: u64,
    }

    impl Record for Visits {
        const VERSION: u8 = 2;

        fn upgrade(version: u8, bytes: &[u8]) -> Option<Self> {
            (version == 1).then(|| postcard::from_bytes(bytes).ok().map(|count| Self { count, pages: 0 }))?
        }
    }

    fn check(bytes: &[u8], expected: Result<Visits, &str>) {
        let read = decode::<Visits>("visits", &[0xab], bytes).map_err(|error| error.to_string());
        assert_eq!(read, expected.map_err(str::to_owned));
    }

    #[test]
    fn a_value_is_its_version_and_its_postcard() {
        let mut bytes = vec![9, 9];
        encode(&Visits { count: 3, pages: 300 }, &mut bytes);
        assert_eq!(bytes, [2, 3, 0xac, 2]);
        check(&bytes, Ok(Visits { count: 3, pages: 300 }));
    }

    #[test]
    fn an_earlier_version_is_upgraded() {
        check(&[1, 3], Ok(Visits { count: 3, pages: 0 }));
    }

    #[test]
    fn a_later_version_is_refused_by_name() {
        check(&[3, 3], Err("written by a later version; start that version. table=`visits`, version=`3`"));
    }

    #[test]
    fn damaged_bytes_name_their_table_and_key() {
        let error = "a stored value is unreadable; run `omotenashi doctor`. table=`visits`, key=`ab`";
        check(&[2, 0x80], Err(error));
        check(&[0, 1], Err(error));
        check(&[], Err(error));
    }
}

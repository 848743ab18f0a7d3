//! The shelf of old parts: a folder, or a bucket of an S3-compatible service. The one bridge between threads that wait
//! and `object_store`, which does not.

use std::fmt;
use std::future::Future;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use columnar::Shelf;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig};
use tokio::runtime::Runtime;
use tokio_rustls::rustls::crypto::ring::default_provider;

/// Where old parts lie when nobody says: in this folder of the workspace.
const FOLDER: &str = "cold";
/// What the address of a bucket begins with.
const S3: &str = "s3://";
/// A call that takes longer has failed; a question that waits for it goes on without.
const CALL_MAX: Duration = Duration::from_secs(60);
/// How long a call that failed for a moment is tried again.
const AGAIN_MAX: Duration = Duration::from_secs(20);

/// Why a shelf cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The address, or what the environment says beside it.
    #[error(
        "old parts cannot be kept there: send a folder, or `s3://BUCKET/PREFIX` with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and, for other services, AWS_ENDPOINT. value=`{address}`"
    )]
    Address {
        /// What stood there.
        address: String,
        /// What does not fit.
        source: object_store::Error,
    },
    /// The machine.
    #[error("a shelf for old parts cannot be set up. value=`{address}`")]
    Machine {
        /// What stood there.
        address: String,
        /// What the system said.
        source: io::Error,
    },
}

/// The shelf of the workspace in `dir`: at this address (a folder, or `s3://BUCKET/PREFIX`), else in a folder of its own.
///
/// # Errors
/// [`Fault`] when the address is none, or the folder cannot be made. A service that does not answer is none of these.
pub fn open(address: Option<&str>, dir: &Path) -> Result<Arc<dyn Shelf>, Fault> {
    let folder = dir.join(FOLDER).display().to_string();
    let text = address.unwrap_or(&folder);
    let machine = |source| Fault::Machine { address: text.to_owned(), source };
    let unusable = |source| Fault::Address { address: text.to_owned(), source };
    let (store, mut prefix): (Arc<dyn ObjectStore>, Key) = match text.strip_prefix(S3) {
        Some(rest) => {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            if bucket.is_empty() {
                let source = "it names no bucket".into();
                return Err(unusable(object_store::Error::Generic { store: "S3", source }));
            }
            (Arc::new(bucket_of(bucket).map_err(unusable)?), Key::from(prefix))
        }
        None => {
            std::fs::create_dir_all(text).map_err(machine)?;
            let folder = LocalFileSystem::new_with_prefix(text).map_err(unusable)?;
            (Arc::new(folder.with_fsync(true)), Key::default())
        }
    };
    if address.is_some() {
        // One place for several workspaces: each has a folder there, named as its own.
        let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        prefix = prefix.join("workspaces").join(name);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    Ok(Arc::new(ObjectShelf { store, prefix, runtime: Some(runtime.map_err(machine)?) }))
}

fn bucket_of(name: &str) -> Result<object_store::aws::AmazonS3, object_store::Error> {
    // The client asks the process for its ciphers. Once they are set, whoever sets them again is refused, and need not be.
    drop(default_provider().install_default());
    let retry = RetryConfig { retry_timeout: AGAIN_MAX, ..RetryConfig::default() };
    AmazonS3Builder::from_env()
        .with_bucket_name(name)
        .with_retry(retry)
        .with_client_options(ClientOptions::new().with_timeout(CALL_MAX).with_allow_http(true))
        .build()
}

/// Objects below a prefix.
struct ObjectShelf {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
    /// A runtime of its own: whoever waits here may be a thread of any other, or of none.
    runtime: Option<Runtime>,
}

impl ObjectShelf {
    /// Waits for what the store does.
    fn wait<T: Send + 'static>(
        &self,
        call: impl Future<Output = object_store::Result<T>> + Send + 'static,
    ) -> io::Result<T> {
        let runtime = self.runtime.as_ref().expect("there is a runtime until it is dropped");
        let (sender, receiver) = sync_channel(1);
        runtime.spawn(async move { sender.send(call.await) });
        let ended = receiver.recv().map_err(|_| io::Error::other("the call was broken off"))?;
        ended.map_err(|error| {
            let is_gone = matches!(error, object_store::Error::NotFound { .. });
            io::Error::new(if is_gone { io::ErrorKind::NotFound } else { io::ErrorKind::Other }, error)
        })
    }

    fn key(&self, name: &str) -> Key {
        self.prefix.clone().join(name)
    }
}

impl Shelf for ObjectShelf {
    fn put(&self, name: &str, bytes: Vec<u8>) -> io::Result<()> {
        let (store, key) = (Arc::clone(&self.store), self.key(name));
        self.wait(async move { store.put(&key, bytes.into()).await.map(drop) })
    }

    fn get(&self, name: &str, range: Range<u64>) -> io::Result<Vec<u8>> {
        let (store, key) = (Arc::clone(&self.store), self.key(name));
        self.wait(async move { store.get_range(&key, range).await.map(Vec::from) })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let (store, key) = (Arc::clone(&self.store), self.key(name));
        match self.wait(async move { store.delete(&key).await }) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let (store, prefix) = (Arc::clone(&self.store), self.prefix.clone());
        let found = self.wait(async move { store.list_with_delimiter(Some(&prefix)).await })?;
        let names = found.objects.iter().filter_map(|object| object.location.filename());
        Ok(names.map(str::to_owned).collect())
    }
}

impl fmt::Debug for ObjectShelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.store, self.prefix)
    }
}

impl Drop for ObjectShelf {
    fn drop(&mut self) {
        // Not awaited: the last owner may be a thread that must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What every shelf does, real or not.
    fn conforms(shelf: &dyn Shelf) {
        shelf.put("a.parquet", b"hello world".to_vec()).unwrap();
        assert_eq!(shelf.get("a.parquet", 6..11).unwrap(), b"world");
        shelf.put("a.parquet", b"again".to_vec()).unwrap();
        assert_eq!(shelf.get("a.parquet", 0..5).unwrap(), b"again");
        assert!(
            shelf.get("a.parquet", 3..11).is_err() || shelf.get("a.parquet", 3..11).unwrap() != b"ainxxxxx"
        );
        shelf.put("b.parquet", b"b".to_vec()).unwrap();
        let mut names = shelf.list().unwrap();
        names.sort();
        assert_eq!(names, ["a.parquet", "b.parquet"]);
        shelf.remove("a.parquet").unwrap();
        shelf.remove("a.parquet").unwrap();
        assert_eq!(shelf.list().unwrap(), ["b.parquet"]);
        shelf.remove("b.parquet").unwrap();
        let gone = shelf.get("a.parquet", 0..1).unwrap_err();
        assert_eq!(gone.kind(), io::ErrorKind::NotFound, "{gone}");
    }

    #[test]
    fn a_folder_conforms_and_workspaces_share_one() {
        let dir = tempfile::tempdir().unwrap();
        conforms(open(None, dir.path()).unwrap().as_ref());
        let shared = dir.path().join("shared").display().to_string();
        let [one, two] = ["1", "2"].map(|name| open(Some(&shared), &dir.path().join(name)).unwrap());
        conforms(one.as_ref());
        one.put("x", b"1".to_vec()).unwrap();
        assert!(two.get("x", 0..1).is_err());
        assert_eq!((one.list().unwrap().len(), two.list().unwrap().len()), (1, 0));
    }

    #[test]
    fn the_fake_conforms() {
        conforms(&columnar::MemoryShelf::default());
    }

    #[test]
    fn an_address_that_is_none_is_refused_with_what_to_send() {
        let error = open(Some("s3://"), Path::new("/tmp")).unwrap_err().to_string();
        assert!(error.contains("s3://BUCKET/PREFIX"), "{error}");
    }
}

//! The control plane's records in SQLite.

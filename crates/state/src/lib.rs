//! Working state: a write-back cache over an embedded store, checkpointed with its journal position.

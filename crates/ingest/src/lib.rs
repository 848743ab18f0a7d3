//! The admission desk: wire formats become checked facts, or reasons why not.
